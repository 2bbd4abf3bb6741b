// Reads one context of a talosconfig file: where to dial, with which certificate, and until when that one is good.
import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { parse } from 'yaml';
import { z } from 'zod';
import { type Endpoint, parseEndpoint } from './endpoint.ts';

/** PEM texts for mutual TLS, as Node accepts them. `key` is a secret. */
export interface TalosIdentity {
  readonly ca: string;
  readonly crt: string;
  readonly key: string;
}

export interface TalosContext {
  readonly name: string;
  /** At least one; control-plane machines, since only these forward calls (talos-api.md 1.3). */
  readonly endpoints: readonly Endpoint[];
  /** Default targets of talosctl; may be empty. */
  readonly nodes: readonly string[];
  readonly identity: TalosIdentity;
  /** Milliseconds since 1970 at which the client certificate stops working. Look at it daily. */
  readonly expiresAtMs: number;
  /** Talos roles the certificate carries, e.g. `os:admin`. */
  readonly roles: readonly string[];
}

export type TalosconfigReading =
  | { readonly kind: 'read'; readonly context: TalosContext }
  /** Every mistake found, one sentence each, for the person who wrote the file. Holds no secret. */
  | { readonly kind: 'mistaken'; readonly sentences: readonly string[] };

const contextShape = z.object({
  endpoints: z.array(z.string()).nullish(),
  nodes: z.array(z.string()).nullish(),
  target: z.string().nullish(),
  ca: z.string().nullish(),
  crt: z.string().nullish(),
  key: z.string().nullish(),
  'proxy-url': z.string().nullish(),
  auth: z.object({ basic: z.unknown().optional(), siderov1: z.unknown().optional() }).nullish(),
});
const fileShape = z.object({
  context: z.string().nullish(),
  contexts: z.record(z.string(), contextShape).nullish(),
});
type ContextShape = z.infer<typeof contextShape>;

function mistaken(...sentences: readonly string[]): TalosconfigReading {
  return { kind: 'mistaken', sentences };
}

/**
 * Reads a talosconfig text. `context` names the one to use; without it, the file's own default.
 * Source: talos-api.md 1.2. Mistakes are values, all of them at once; nothing is thrown.
 */
export function readTalosconfig(
  text: string,
  options: { context?: string; nowMs: number },
): TalosconfigReading {
  let document: unknown;
  try {
    document = parse(text);
  } catch (error) {
    const where = error instanceof Error ? (error.message.split('\n')[0] ?? '') : '';
    return mistaken(`The talosconfig is not valid YAML: ${where}`);
  }
  const file = fileShape.safeParse(document);
  if (!file.success) {
    return mistaken(
      ...file.error.issues.map(
        (issue) => `The talosconfig has a mistake at "${issue.path.join('.')}": ${issue.message}.`,
      ),
    );
  }
  const contexts = file.data.contexts ?? {};
  const name = options.context ?? file.data.context ?? '';
  if (name === '')
    return mistaken('The talosconfig names no context: set `context:` in it, or say which one to use.');
  const chosen = Object.hasOwn(contexts, name) ? contexts[name] : undefined;
  if (chosen === undefined) {
    const known = Object.keys(contexts).sort().join(', ');
    return mistaken(`The talosconfig has no context "${name}"; it has ${known === '' ? 'none' : known}.`);
  }
  return readContext(name, chosen, options.nowMs);
}

function readContext(name: string, shape: ContextShape, nowMs: number): TalosconfigReading {
  const unsupported = unsupportedIn(name, shape);
  // Such a context has no certificate either: one clear reason is better than four.
  if (unsupported.length > 0) return mistaken(...unsupported);
  const sentences: string[] = [];
  const endpoints = endpointsOf(name, shape, sentences);
  const ca = pemOf(name, 'ca', shape.ca, sentences);
  const crt = pemOf(name, 'crt', shape.crt, sentences);
  const key = pemOf(name, 'key', shape.key, sentences);
  if (ca === null || crt === null || key === null) return mistaken(...sentences);
  const certificate = certificateOf(name, crt, nowMs, sentences);
  const identity = { ca, crt, key: nodeKey(key) };
  const misfit = misfitOf(name, identity);
  if (misfit !== null) sentences.push(misfit);
  if (certificate === null || sentences.length > 0) return mistaken(...sentences);
  return { kind: 'read', context: { name, endpoints, nodes: shape.nodes ?? [], identity, ...certificate } };
}

function unsupportedIn(name: string, shape: ContextShape): string[] {
  const sentences: string[] = [];
  if (shape.auth?.siderov1 != null) {
    sentences.push(
      `Context "${name}" signs in through Omni (auth.siderov1). This bot acts on machines with a client certificate ` +
        'only; clusters that Omni manages are upgraded with Omni.',
    );
  }
  if (shape.auth?.basic != null) {
    sentences.push(
      `Context "${name}" uses auth.basic, which this bot does not send; use a client certificate.`,
    );
  }
  if (shape['proxy-url'] != null && shape['proxy-url'] !== '') {
    sentences.push(`Context "${name}" sets proxy-url; this bot dials Talos without a proxy, so remove it.`);
  }
  return sentences;
}

function endpointsOf(name: string, shape: ContextShape, sentences: string[]): readonly Endpoint[] {
  const texts = [...(shape.endpoints ?? []), ...(shape.target == null ? [] : [shape.target])];
  if (texts.length === 0) {
    sentences.push(`Context "${name}" has no endpoints: list the addresses of its control-plane machines.`);
  }
  return texts.flatMap((text) => {
    const endpoint = parseEndpoint(text);
    if (endpoint === null)
      sentences.push(`Context "${name}" has an endpoint that is not host, host:port or URL: "${text}".`);
    return endpoint === null ? [] : [endpoint];
  });
}

/** The PEM text inside a base64 field; its content never appears in a sentence. */
function pemOf(
  name: string,
  field: 'ca' | 'crt' | 'key',
  value: string | null | undefined,
  sentences: string[],
): string | null {
  if (value == null || value === '') {
    sentences.push(`Context "${name}" has no ${field}: take the talosconfig that Talos generated.`);
    return null;
  }
  const text = Buffer.from(value, 'base64').toString('utf8');
  if (text.includes('-----BEGIN ')) return text;
  sentences.push(`Context "${name}": ${field} is not base64 of a PEM text.`);
  return null;
}

/** Talos labels Ed25519 keys in its own way around ordinary PKCS#8; OpenSSL refuses that label (talos-api.md 1.1). */
function nodeKey(pem: string): string {
  return pem.replace(/-----(BEGIN|END) ED25519 PRIVATE KEY-----/g, '-----$1 PRIVATE KEY-----');
}

function certificateOf(
  name: string,
  crt: string,
  nowMs: number,
  sentences: string[],
): { expiresAtMs: number; roles: readonly string[] } | null {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(crt);
  } catch {
    sentences.push(`Context "${name}": crt is not a certificate.`);
    return null;
  }
  const expiresAtMs = Date.parse(certificate.validTo);
  const day = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
  if (expiresAtMs <= nowMs) {
    sentences.push(
      `The client certificate of context "${name}" expired on ${day(expiresAtMs)}: make a new one with ` +
        '`talosctl config new` and an admin’s talosconfig.',
    );
  }
  const startsAtMs = Date.parse(certificate.validFrom);
  if (startsAtMs > nowMs) {
    sentences.push(
      `The client certificate of context "${name}" is not valid before ${day(startsAtMs)}: check this machine's clock.`,
    );
  }
  const roles = certificate.subject
    .split('\n')
    .flatMap((line) => (line.startsWith('O=') ? [line.slice(2)] : []));
  return { expiresAtMs, roles };
}

function misfitOf(name: string, identity: TalosIdentity): string | null {
  try {
    createSecureContext({ ca: identity.ca, cert: identity.crt, key: identity.key });
    return null;
  } catch {
    return `Context "${name}": ca, crt and key do not form a usable set (is the key the one of this crt?).`;
  }
}
