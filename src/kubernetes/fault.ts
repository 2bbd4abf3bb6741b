// The one translation of what the Kubernetes client throws into Faults.
import { Fault, type FaultKind, TLS_CODES } from '../engine/ports/fault.ts';
import { type KubernetesStatus, statusOf } from './status.ts';

/** Longer sentences of the server are cut: they end up in a chat message. */
const MAX_MESSAGE = 300;

/** Each code with the reason for its kind. Codes that are not here are `broken`. */
const kindOfCode: Readonly<Record<number, FaultKind>> = {
  // The request itself is wrong, and stays wrong.
  400: 'refused',
  // Our credentials are not, or no longer, accepted; only a person can give us others.
  401: 'refused',
  // Rights or admission.
  403: 'refused',
  404: 'missing',
  // This version does not know the verb.
  405: 'missing',
  408: 'busy',
  // Somebody wrote in between: whoever reads again may succeed.
  409: 'busy',
  // The list or watch grew too old; starting afresh works.
  410: 'busy',
  413: 'refused',
  415: 'refused',
  422: 'refused',
  429: 'busy',
  // From a proxy in front of the API: it lives, the API behind it does not answer.
  502: 'unreachable',
  503: 'busy',
  504: 'unreachable',
};

function codeIn(error: unknown): string {
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 5; at = at.cause, depth += 1) {
    if ('code' in at && typeof at.code === 'string') return at.code;
  }
  return '';
}

function causeMessage(error: unknown): string {
  return error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
}

function sentence(text: string): string {
  const clean = text.replaceAll(/\s+/g, ' ').trim();
  const short = clean.length > MAX_MESSAGE ? `${clean.slice(0, MAX_MESSAGE - 1)}…` : clean;
  return /[.!?…]$/.test(short) ? short : `${short}.`;
}

function kindOfStatus(status: KubernetesStatus): FaultKind {
  // A 503 without a Status comes from a load balancer that has no API server left.
  if (status.code === 503 && !status.fromApi) return 'unreachable';
  // etcd without a leader, or slow, surfaces as an internal error and passes.
  if (status.code === 500 && /etcdserver|timed? ?out/i.test(status.message)) return 'busy';
  return kindOfCode[status.code] ?? 'broken';
}

/** What was asked. `doing` completes "Kubernetes refused …", e.g. `to cordon w-1`. */
export interface Doing {
  /** About a write, admission has its say as well. */
  readonly kind: 'read' | 'write';
  readonly doing: string;
}

function faultOfStatus(status: KubernetesStatus, { kind, doing }: Doing, cause: unknown): Fault {
  const said = status.message === '' ? `HTTP ${status.code}` : status.message;
  const unauthorized =
    kind === 'read'
      ? 'our credentials are not accepted'
      : `it answered 401, for our credentials or for an admission webhook that answers so: ${said}`;
  const message = sentence(`Kubernetes refused ${doing}: ${status.code === 401 ? unauthorized : said}`);
  return new Fault(kindOfStatus(status), message, { code: String(status.code), cause });
}

/** Translates any error of a call. What the client says about a request (addresses, headers) never enters the message. */
export function kubernetesFault(error: unknown, asked: Doing): Fault {
  if (error instanceof Fault) return error;
  const status = statusOf(error);
  if (status !== null) return faultOfStatus(status, asked, error);
  const { doing } = asked;
  const name = error instanceof Error ? error.name : '';
  const code = codeIn(error);
  if (name === 'TimeoutError' || code === 'UND_ERR_CONNECT_TIMEOUT') {
    return new Fault('unreachable', `Kubernetes did not answer in time when asked ${doing}.`, {
      code: 'TIMEOUT',
      cause: error,
    });
  }
  if (name === 'AbortError') {
    return new Fault(
      'unreachable',
      `Kubernetes was asked ${doing}, and the question was given up before it answered.`,
      {
        code: 'ABORTED',
        cause: error,
      },
    );
  }
  if (TLS_CODES.test(code)) {
    const message = sentence(
      `The TLS connection to Kubernetes was refused (${code}): ${causeMessage(error)}`,
    );
    return new Fault('refused', message, { code, cause: error });
  }
  // Everything else that fetch throws is a connection that did not come about or broke.
  if (error instanceof TypeError && error.message === 'fetch failed') {
    const why = code === '' ? causeMessage(error) : code;
    return new Fault('unreachable', sentence(`Kubernetes cannot be reached ${doing} (${why})`), {
      code,
      cause: error,
    });
  }
  // A connection that breaks while the body is read.
  if (error instanceof TypeError && error.message === 'terminated') {
    return new Fault('unreachable', `The connection to Kubernetes broke when asked ${doing}.`, {
      code,
      cause: error,
    });
  }
  return new Fault('broken', `Kubernetes answered with something that makes no sense when asked ${doing}.`, {
    code,
    cause: error,
  });
}

/** Of what was not sent, because whoever asked for it may not ask any more. */
export function withheld({ doing }: Doing): Fault {
  return new Fault('busy', `Kubernetes was not asked ${doing}: what allowed it does not hold any more.`, {
    code: 'WITHHELD',
  });
}

/** For whom a kind or object that is not there is an answer: null for Fault `missing`, and everything else is thrown on. */
export function nullWhenMissing(error: unknown): null {
  if (error instanceof Fault && error.kind === 'missing') return null;
  throw error;
}

/** For whom a kind that we may not read is one that tells nothing: null for Fault `refused`, and everything else is thrown on. */
export function nullWhenRefused(error: unknown): null {
  if (error instanceof Fault && error.kind === 'refused') return null;
  throw error;
}

/** For whom a "no" to this write is one to an earlier write of the same kind: what passes by itself is thrown on, and what is missing. */
export function nullWhenAnsweredNo(error: unknown): null {
  if (error instanceof Fault && (error.kind === 'refused' || error.kind === 'broken')) return null;
  throw error;
}
