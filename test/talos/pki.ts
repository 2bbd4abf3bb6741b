// Certificates as Talos issues them: Ed25519, roles as organisations, the key under Talos's own PEM label.
import 'reflect-metadata';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(crypto);
const algorithm = { name: 'Ed25519' } as const;
const HOUR_MS = 3_600_000;

export interface Issued {
  readonly crt: string;
  /** With the label `ED25519 PRIVATE KEY`, which Node refuses. */
  readonly key: string;
  /** With the label that Node accepts. */
  readonly nodeKey: string;
}

interface Subject {
  readonly roles?: readonly string[];
  /** Several roles in one part of the name, as Go writes them; by default a part for each. */
  readonly together?: boolean;
  readonly addresses?: readonly string[];
  /** Milliseconds from now until it stops being valid; negative for an expired one. */
  readonly lifetimeMs?: number;
  readonly startsInMs?: number;
}

export interface Authority {
  readonly ca: string;
  client(subject?: Subject): Promise<Issued>;
  server(subject?: Subject): Promise<Issued>;
}

async function pems(certificate: x509.X509Certificate, keys: CryptoKeyPair): Promise<Issued> {
  const der = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  const nodeKey = `${x509.PemConverter.encode(der, 'PRIVATE KEY')}\n`;
  return {
    crt: `${certificate.toString('pem')}\n`,
    nodeKey,
    key: nodeKey.replaceAll('PRIVATE KEY', 'ED25519 PRIVATE KEY'),
  };
}

async function newKeys(): Promise<CryptoKeyPair> {
  return (await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as CryptoKeyPair;
}

function validity({ lifetimeMs = HOUR_MS, startsInMs = -HOUR_MS }: Subject): {
  notBefore: Date;
  notAfter: Date;
} {
  const now = Date.now();
  return {
    notBefore: new Date(Math.min(now + startsInMs, now + lifetimeMs - 1_000)),
    notAfter: new Date(now + lifetimeMs),
  };
}

/** A Talos OS authority of a cluster that exists only in this test. */
export async function aTalosAuthority(): Promise<Authority> {
  const keys = await newKeys();
  const root = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'O=talos',
    keys,
    signingAlgorithm: algorithm,
    ...validity({}),
    extensions: [new x509.BasicConstraintsExtension(true, undefined, true)],
  });
  let serial = 1;
  async function issue(name: string, subject: Subject, extensions: x509.Extension[]): Promise<Issued> {
    const own = await newKeys();
    serial += 1;
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serial.toString(16).padStart(2, '0'),
      subject: name,
      issuer: root.subject,
      signingKey: keys.privateKey,
      publicKey: own.publicKey,
      signingAlgorithm: algorithm,
      ...validity(subject),
      extensions,
    });
    return pems(certificate, own);
  }
  return {
    ca: `${root.toString('pem')}\n`,
    client: (subject = {}) => {
      const roles = subject.roles ?? ['os:admin'];
      const name = new x509.Name(
        subject.together === true ? [{ O: [...roles] }] : roles.map((role) => ({ O: [role] })),
      );
      return issue(name.toString(), subject, [
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]),
      ]);
    },
    server: (subject = {}) =>
      issue('CN=machine', subject, [
        new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
        new x509.SubjectAlternativeNameExtension(
          (subject.addresses ?? ['127.0.0.1']).map((value) => ({ type: 'ip' as const, value })),
        ),
      ]),
  };
}
