// Certificates as Talos issues them for etcd: ECDSA P-256, one authority per cluster.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';
import type { EtcdCredentials } from '../../src/engine/ports/machines.ts';

x509.cryptoProvider.set(crypto);
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const HOUR_MS = 3_600_000;

export interface Issued {
  readonly crt: string;
  readonly key: string;
}

interface Subject {
  readonly addresses?: readonly string[];
  /** True for a certificate that ended an hour ago. */
  readonly expired?: boolean;
}

export interface EtcdAuthority {
  readonly ca: string;
  issue(subject?: Subject): Promise<Issued>;
  /** What a client needs to be let in by members of this authority. */
  credentials(subject?: Subject): Promise<EtcdCredentials>;
}

function newKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

/** An etcd authority of a cluster that exists only in this test. */
export async function anEtcdAuthority(): Promise<EtcdAuthority> {
  const keys = await newKeys();
  const now = Date.now();
  const span = (expired = false) => ({
    notBefore: new Date(now - 2 * HOUR_MS),
    notAfter: new Date(now + (expired ? -HOUR_MS : HOUR_MS)),
  });
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'O=etcd',
    keys,
    signingAlgorithm: algorithm,
    ...span(),
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  const ca = `${root.toString('pem')}\n`;
  let serial = 1;
  async function issue({ addresses = [], expired = false }: Subject = {}): Promise<Issued> {
    const own = await newKeys();
    serial += 1;
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial.toString(16).padStart(2, '0'),
      subject: 'CN=root',
      issuer: root.subject,
      signingKey: keys.privateKey,
      publicKey: own.publicKey,
      signingAlgorithm: algorithm,
      ...span(expired),
      extensions: [
        new x509.ExtendedKeyUsageExtension([
          x509.ExtendedKeyUsage.serverAuth,
          x509.ExtendedKeyUsage.clientAuth,
        ]),
        ...(addresses.length === 0
          ? []
          : [
              new x509.SubjectAlternativeNameExtension(
                addresses.map((value) => ({ type: 'ip' as const, value })),
              ),
            ]),
      ],
    });
    const der = await crypto.subtle.exportKey('pkcs8', own.privateKey);
    return {
      crt: `${certificate.toString('pem')}\n`,
      key: `${x509.PemConverter.encode(der, 'PRIVATE KEY')}\n`,
    };
  }
  return { ca, issue, credentials: async (subject) => ({ ca, ...(await issue(subject)) }) };
}
