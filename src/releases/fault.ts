// The one translation of what factories and registries say, or fail to say, into Faults.
import { Fault, type FaultKind, TLS_CODES } from '../engine/ports/fault.ts';

/** A server's own sentence ends up in a chat message. */
const MAX_SAID = 300;

/** Each code with the reason for its kind. Codes that are not here are `broken`. */
const KIND_OF_CODE: Readonly<Record<number, FaultKind>> = {
  // The request itself is wrong, and stays wrong: unknown fields, an image name nobody serves.
  400: 'refused',
  // A private registry wants credentials, and the bot has none: only a person can change that.
  401: 'refused',
  402: 'refused',
  403: 'refused',
  404: 'missing',
  408: 'busy',
  413: 'refused',
  422: 'refused',
  429: 'busy',
  // From a proxy in front: it lives, what is behind it does not answer.
  502: 'unreachable',
  // The factory says so itself while its own store or registry is away (talos-api.md 8.2).
  503: 'busy',
  504: 'unreachable',
  // A cloud's proxy gave up waiting, as it may during a long build.
  524: 'unreachable',
};

/** Time ran out before the headers, the body or the connection. */
const TIMEOUT_CODES = ['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT'];

/** A refused or failed answer; `said` is the server's own text, `doing` completes "<host> refused …". */
export function statusFault(
  status: number,
  at: { readonly host: string; readonly doing: string; readonly said: string },
): Fault {
  const why = spoken(at.said) || `HTTP ${status}`;
  const message = sentence(
    `${at.host} refused ${at.doing}: ${status === 401 ? 'it wants credentials, and the bot has none' : why}`,
  );
  return new Fault(KIND_OF_CODE[status] ?? 'broken', message, { code: String(status) });
}

/** Translates whatever a request threw. Headers and addresses beyond the host never enter the message. */
export function releasesFault(error: unknown, at: { readonly host: string; readonly doing: string }): Fault {
  if (error instanceof Fault) return error;
  const { host, doing } = at;
  const name = error instanceof Error ? error.name : '';
  const code = codeIn(error);
  if (name === 'TimeoutError' || TIMEOUT_CODES.includes(code)) {
    const message = `${host} did not answer in time when asked ${doing}.`;
    return new Fault('unreachable', message, { code: 'TIMEOUT', cause: error });
  }
  if (name === 'AbortError' || code === 'UND_ERR_ABORTED') {
    const message = `${host} was asked ${doing}, and the question was given up before it answered.`;
    return new Fault('unreachable', message, { code: 'ABORTED', cause: error });
  }
  if (TLS_CODES.test(code))
    return new Fault('refused', `The TLS connection to ${host} was refused (${code}).`, {
      code,
      cause: error,
    });
  // Everything else that has a code is a connection that did not come about or broke.
  if (code !== '')
    return new Fault('unreachable', `${host} cannot be reached ${doing} (${code}).`, { code, cause: error });
  return new Fault('broken', `${host} answered with something that makes no sense when asked ${doing}.`, {
    cause: error,
  });
}

/** The reason in a plain text, or in the JSON a registry answers with; one line, cut. */
export function spoken(text: string): string {
  const clean = (registryMessage(text) ?? text).replaceAll(/\s+/g, ' ').trim();
  // A page instead of a sentence says nothing to people.
  if (clean.startsWith('<')) return '';
  return clean.length > MAX_SAID ? `${clean.slice(0, MAX_SAID - 1)}…` : clean;
}

function registryMessage(text: string): string | null {
  try {
    const parsed: unknown = JSON.parse(text);
    const errors: unknown = Reflect.get(Object(parsed), 'errors');
    const [first] = Array.isArray(errors) ? errors : [];
    const message: unknown = Reflect.get(Object(first), 'message');
    return typeof message === 'string' ? message : null;
  } catch {
    return null;
  }
}

function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

function codeIn(error: unknown): string {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return '';
}
