// The certificate and key of a talosconfig's context: as Node accepts them, or a sentence for each field that is wrong.
import { createPrivateKey, X509Certificate } from 'node:crypto';

/** PEM texts for mutual TLS, as Node accepts them. `key` is a secret. */
export interface TalosIdentity {
  readonly ca: string;
  readonly crt: string;
  readonly key: string;
}

/** What the client certificate itself says. */
export interface ClientCertificate {
  /** Milliseconds since 1970 at which it stops working. */
  readonly expiresAtMs: number;
  /** Talos roles: the organisations of its subject (talos-api.md 1.1). */
  readonly roles: readonly string[];
}

type Field = 'ca' | 'crt' | 'key';
export type IdentityFields = { readonly [F in Field]?: string | null | undefined };
/** Told one sentence per mistake; no content of a field is ever in it. */
type Tell = (sentence: string) => void;

/** Extended key usage of clients; machined accepts a certificate with this one and no other (talos-api.md 1.1). */
const CLIENT_AUTH = '1.3.6.1.5.5.7.3.2';

/** Null for what is missing or unusable, each with its sentence told. Source: talos-api.md 1.1, 1.2. */
export function readIdentity(
  fields: IdentityFields,
  nowMs: number,
  tell: Tell,
): { readonly identity: TalosIdentity | null; readonly certificate: ClientCertificate | null } {
  const ca = pemOf('ca', fields.ca, tell);
  const crt = pemOf('crt', fields.crt, tell);
  const key = pemOf('key', fields.key, tell);
  if (ca !== null) requireAuthority(ca, tell);
  const parsed = crt === null ? null : x509Of(crt, 'crt', tell);
  const certificate = parsed === null ? null : clientCertificate(parsed, nowMs, tell);
  if (key !== null) requireKeyOf(nodeKey(key), parsed, tell);
  if (ca === null || crt === null || key === null) return { identity: null, certificate };
  return { identity: { ca, crt, key: nodeKey(key) }, certificate };
}

function pemOf(field: Field, value: string | null | undefined, tell: Tell): string | null {
  if (value == null || value === '') {
    tell(`has no ${field}: take the talosconfig that Talos generated.`);
    return null;
  }
  const text = Buffer.from(value, 'base64').toString('utf8');
  if (text.includes('-----BEGIN ')) return text;
  tell(
    value.includes('-----BEGIN ')
      ? `${field} is a PEM text as it is; a talosconfig has it in base64.`
      : `${field} is not base64 of a PEM text.`,
  );
  return null;
}

/** Talos labels Ed25519 keys in its own way around ordinary PKCS#8; OpenSSL refuses that label (talos-api.md 1.1). */
function nodeKey(pem: string): string {
  return pem.replace(/-----(BEGIN|END) ED25519 PRIVATE KEY-----/g, '-----$1 PRIVATE KEY-----');
}

function x509Of(pem: string, field: Field, tell: Tell): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    const swapped = pem.includes('PRIVATE KEY-----') ? ' It holds a private key.' : '';
    tell(`${field} is not a certificate.${swapped}`);
    return null;
  }
}

function requireAuthority(pem: string, tell: Tell): void {
  const certificate = x509Of(pem, 'ca', tell);
  if (certificate !== null && !certificate.ca)
    tell("ca is not the certificate of an authority: it must be the cluster's Talos CA.");
}

function clientCertificate(certificate: X509Certificate, nowMs: number, tell: Tell): ClientCertificate {
  const expiresAtMs = Date.parse(certificate.validTo);
  const startsAtMs = Date.parse(certificate.validFrom);
  const usage: readonly string[] = certificate.keyUsage ?? [];
  if (expiresAtMs <= nowMs)
    tell(
      `crt, the client certificate, expired on ${day(expiresAtMs)}: make a new one with ` +
        '`talosctl config new` and an admin’s talosconfig.',
    );
  if (startsAtMs > nowMs)
    tell(`crt, the client certificate, is not valid before ${day(startsAtMs)}: check this machine's clock.`);
  if (usage.length !== 1 || usage[0] !== CLIENT_AUTH)
    tell('crt is not a client certificate: Talos accepts only the extended key usage clientAuth.');
  return { expiresAtMs, roles: rolesIn(certificate) };
}

/** Go writes several organisations as values of one name part, which Node joins with a plus; others write a part for each. */
function rolesIn(certificate: X509Certificate): readonly string[] {
  // Undefined, whatever its type says, for a certificate without a subject: Talos gives those where it runs without roles.
  const subject: string | undefined = certificate.subject;
  return (subject ?? '').split(/\n| \+ /).flatMap((part) => (part.startsWith('O=') ? [part.slice(2)] : []));
}

/** `2026-11-20`, in UTC. */
function day(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10);
}

function requireKeyOf(pem: string, certificate: X509Certificate | null, tell: Tell): void {
  try {
    const key = createPrivateKey(pem);
    if (certificate !== null && !certificate.checkPrivateKey(key))
      tell('key is not the private key of crt: take both from the same talosconfig.');
  } catch {
    const why = pem.includes('ENCRYPTED') ? ': it is encrypted, and nobody is here to type a password' : '';
    tell(`key is not a private key that can be read${why}.`);
  }
}
