/** The certificates of one simulated Talos cluster: a fresh authority, one per machine, and those of clients. */
// The certificate library needs Reflect's metadata to be there before it is loaded.
import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import * as x509 from '@peculiar/x509';
import type { TalosRole } from './role.ts';

export interface KeyPair {
  readonly certificatePem: string;
  /** With the ordinary PKCS#8 label. */
  readonly keyPem: string;
}

export interface TalosPki {
  readonly caPem: string;
  machine(address: string, name: string): Promise<KeyPair>;
  /** As a machine without a config shows it: of an authority that it made at boot. */
  stranger(address: string): Promise<KeyPair>;
  /** Roles are the organisations of the subject (facts/talos-api.md 1.1). */
  client(roles: readonly TalosRole[], lifetimeMs?: number): Promise<KeyPair>;
}

const ALGORITHM = { name: 'Ed25519' } as const;
/** Longer than any demo runs, short enough to be worthless when found. */
const LIFETIME_MS = 365 * 86_400_000;
/** Certificates begin a little earlier than now, so that a clock that is behind still accepts them. */
const BACKDATE_MS = 300_000;

x509.cryptoProvider.set(crypto);

async function newKeys(): Promise<CryptoKeyPair> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  if (!('privateKey' in keys)) throw new Error('Ed25519 keys come in pairs');
  return keys;
}

async function keyPem(keys: CryptoKeyPair): Promise<string> {
  const der = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  return x509.PemConverter.encode(der, x509.PemConverter.PrivateKeyTag);
}

function validity(lifetimeMs = LIFETIME_MS): { readonly notBefore: Date; readonly notAfter: Date } {
  const now = Date.now();
  return { notBefore: new Date(now - BACKDATE_MS), notAfter: new Date(now + lifetimeMs) };
}

function serialNumber(): string {
  return `01${randomBytes(8).toString('hex')}`;
}

export async function createTalosPki(): Promise<TalosPki> {
  const keys = await newKeys();
  const authority = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: 'O=talos',
    keys,
    signingAlgorithm: ALGORITHM,
    ...validity(),
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
    ],
  });
  async function issue(
    subject: x509.JsonName,
    usage: string,
    { names = [], lifetimeMs }: { names?: x509.JsonGeneralNames; lifetimeMs?: number | undefined },
  ): Promise<KeyPair> {
    const own = await newKeys();
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: serialNumber(),
      subject,
      issuer: authority.subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ALGORITHM,
      ...validity(lifetimeMs),
      extensions: [
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([usage]),
        ...(names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)]),
      ],
    });
    return { certificatePem: certificate.toString('pem'), keyPem: await keyPem(own) };
  }
  return {
    caPem: authority.toString('pem'),
    machine: (address, name) =>
      issue([{ CN: [name] }], x509.ExtendedKeyUsage.serverAuth, {
        names: [
          { type: 'ip', value: address },
          { type: 'dns', value: name },
        ],
      }),
    stranger: (address) => maintenancePair(address),
    client: (roles, lifetimeMs) =>
      issue([{ O: [...roles] }], x509.ExtendedKeyUsage.clientAuth, { lifetimeMs }),
  };
}

/** Talos does not sign it with itself, so that only the unknown authority gives it away; the name is Talos's own. */
async function maintenancePair(address: string): Promise<KeyPair> {
  const [keys, own] = await Promise.all([newKeys(), newKeys()]);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: 'CN=maintenance-service.talos.dev',
    issuer: 'O=talos',
    publicKey: own.publicKey,
    signingKey: keys.privateKey,
    signingAlgorithm: ALGORITHM,
    ...validity(),
    extensions: [
      new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
      new x509.SubjectAlternativeNameExtension([{ type: 'ip', value: address }]),
    ],
  });
  return { certificatePem: certificate.toString('pem'), keyPem: await keyPem(own) };
}
