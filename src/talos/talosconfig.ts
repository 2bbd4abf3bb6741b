// Reads one context of a talosconfig file: where to dial, with which certificate, and until when that one is good.
import { parse, YAMLParseError } from 'yaml';
import { z } from 'zod';
import { type Endpoint, parseEndpoint } from './endpoint.ts';
import { readIdentity, type TalosIdentity } from './talosconfig-identity.ts';

export type { TalosIdentity } from './talosconfig-identity.ts';

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
    // Warnings would go to stderr by themselves, and with them the line they are about.
    document = parse(text, { logLevel: 'error' });
  } catch (error) {
    return mistaken(`The talosconfig is not valid YAML: ${yamlTrouble(error)}.`);
  }
  const file = fileShape.safeParse(document);
  if (!file.success) {
    return mistaken(
      ...file.error.issues.map(({ path, message }) =>
        path.length === 0
          ? `The talosconfig is not a file with \`context\` and \`contexts\`: ${message}.`
          : `The talosconfig has a mistake at "${path.join('.')}": ${message}.`,
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

/** What the parser says without what it quotes: behind a colon, or as a long word, that may be the key itself. */
function yamlTrouble(error: unknown): string {
  const [line = ''] = error instanceof Error ? error.message.split('\n') : [];
  const what = (line.split(/:|\.$/)[0] ?? '').replaceAll(/\S{20,}/g, '…');
  const [at] = (error instanceof YAMLParseError ? error.linePos : undefined) ?? [];
  return at === undefined || what.includes(' at line ') ? what : `${what} at line ${at.line}`;
}

function readContext(name: string, shape: ContextShape, nowMs: number): TalosconfigReading {
  const unsupported = unsupportedIn(name, shape);
  // Such a context has no certificate either: one clear reason is better than four.
  if (unsupported.length > 0) return mistaken(...unsupported);
  const sentences: string[] = [];
  const endpoints = endpointsOf(name, shape, sentences);
  const { identity, certificate } = readIdentity(shape, nowMs, (sentence) =>
    sentences.push(`Context "${name}": ${sentence}`),
  );
  if (identity === null || certificate === null || sentences.length > 0) return mistaken(...sentences);
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
