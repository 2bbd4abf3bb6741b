// The certificates of one simulated Kubernetes API: its own authority, a server certificate and an administrator's.
// The certificate library needs Reflect's metadata to be there before it is loaded.
import 'reflect-metadata';
import { isIP } from 'node:net';
import * as x509 from '@peculiar/x509';

export interface KeyPair {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export interface KubePki {
  readonly caPem: string;
  readonly server: KeyPair;
  /** Organisation `system:masters`, as Talos issues it in its kubeconfig. */
  readonly admin: KeyPair;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

/** Longer than any demo runs, short enough to be worthless when found. */
const lifetimeMs = 24 * 3_600_000;
/** Certificates begin a little earlier than now, so that a clock that is behind still accepts them. */
const backdateMs = 300_000;

x509.cryptoProvider.set(crypto);

function newKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
}

async function keyPem(keys: CryptoKeyPair): Promise<string> {
  const der = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return x509.PemConverter.encode(der, x509.PemConverter.PrivateKeyTag);
}

interface Authority {
  readonly keys: CryptoKeyPair;
  readonly certificate: x509.X509Certificate;
}

function validity(): { readonly notBefore: Date; readonly notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - backdateMs), notAfter: new Date(now + lifetimeMs) };
}

async function newAuthority(): Promise<Authority> {
  const keys = await newKeys();
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: '01',
    name: 'O=kubernetes',
    keys,
    signingAlgorithm: algorithm,
    ...validity(),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });
  return { keys, certificate };
}

interface LeafRequest {
  readonly serial: string;
  readonly subject: string;
  readonly usage: string;
  readonly hosts: readonly string[];
}

async function issue(authority: Authority, { serial, subject, usage, hosts }: LeafRequest): Promise<KeyPair> {
  const keys = await newKeys();
  const names = hosts.map((host) => ({
    type: isIP(host) === 0 ? ('dns' as const) : ('ip' as const),
    value: host,
  }));
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serial,
    subject,
    issuer: authority.certificate.subject,
    publicKey: keys.publicKey,
    signingKey: authority.keys.privateKey,
    signingAlgorithm: algorithm,
    ...validity(),
    extensions: [
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([usage]),
      ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
    ],
  });
  return { certificatePem: certificate.toString('pem'), keyPem: await keyPem(keys) };
}

/** Makes a fresh authority and what it signs; `hosts` are the names and addresses the server answers for. */
export async function createKubePki(hosts: readonly string[]): Promise<KubePki> {
  const authority = await newAuthority();
  const server = {
    serial: '02',
    subject: 'CN=kube-apiserver',
    usage: x509.ExtendedKeyUsage.serverAuth,
    hosts,
  };
  const admin = {
    serial: '03',
    subject: 'O=system:masters, CN=admin',
    usage: x509.ExtendedKeyUsage.clientAuth,
    hosts: [],
  };
  return {
    caPem: authority.certificate.toString('pem'),
    server: await issue(authority, server),
    admin: await issue(authority, admin),
  };
}
