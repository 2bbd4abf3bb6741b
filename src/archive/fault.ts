// What disks and object stores say when they will not, in sentences for people.
import { Fault, type FaultKind, TLS_CODES } from '../engine/ports/fault.ts';

interface Meaning {
  readonly kind: FaultKind;
  readonly what: string;
}

const FULL: Meaning = { kind: 'refused', what: 'is full: make room, then retry' };
const CLOSED: Meaning = { kind: 'refused', what: 'may not be written by the bot' };

const DISK: Readonly<Record<string, Meaning>> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  EFBIG: { kind: 'refused', what: 'does not take files as large as the snapshot' },
  EACCES: CLOSED,
  EPERM: CLOSED,
  EROFS: { kind: 'refused', what: 'can only be read' },
  ENOTDIR: { kind: 'refused', what: 'is not a folder' },
  ENOENT: { kind: 'missing', what: 'is gone' },
};

/** Faults pass through: they are about the stream, not about the disk. */
export function folderFault(error: unknown, folder: string): Fault {
  if (error instanceof Fault) return error;
  const code = codeOf(error);
  const { kind, what } = DISK[code] ?? { kind: 'broken', what: `failed (${textOf(error)})` };
  return new Fault(kind, `The archive folder ${folder} ${what}.`, { code, cause: error });
}

const STORE: Readonly<Record<string, Meaning>> = {
  NoSuchBucket: { kind: 'missing', what: 'does not exist' },
  AccessDenied: { kind: 'refused', what: 'does not let the bot in: its credentials lack a right' },
  InvalidAccessKeyId: { kind: 'refused', what: 'does not know the access key' },
  SignatureDoesNotMatch: { kind: 'refused', what: 'does not accept the secret access key' },
  ExpiredToken: { kind: 'refused', what: 'says that the session token has expired' },
  SlowDown: { kind: 'busy', what: 'asks to be called less often' },
  QuotaExceeded: FULL,
  XMinioStorageFull: FULL,
};

const BY_STATUS: readonly (readonly [from: number, to: number, meaning: Meaning])[] = [
  [401, 403, { kind: 'refused', what: 'does not let the bot in' }],
  [404, 404, { kind: 'missing', what: 'does not exist' }],
  [429, 429, { kind: 'busy', what: 'asks to be called less often' }],
  [507, 507, FULL],
  [500, 599, { kind: 'busy', what: 'is in trouble' }],
  [400, 499, { kind: 'refused', what: 'does not accept the request' }],
];

/**
 * What the way there says, by the system's codes and the client's names: later may be better. Of Node's own codes (ERR_…) only those of
 * a connection that broke: the others say that something is set up wrongly, or that we are wrong.
 */
const AWAY =
  /^(?:E(?!RR_)[A-Z_]+|ERR_(?:STREAM|SOCKET)_[A-Z_]+|TimeoutError|RequestTimeout|AbortError|NetworkingError)$/;

/** Faults pass through. The store's own text is not repeated: only its code is known to hold no secret. */
export function bucketFault(error: unknown, bucket: string): Fault {
  if (error instanceof Fault) return error;
  const named = error instanceof Error ? error.name : '';
  const code = codeOf(error) || named;
  const status = statusOf(error);
  if (status === 0 && TLS_CODES.test(code)) {
    const message = `The TLS connection to the archive bucket ${bucket} was refused (${code}).`;
    return new Fault('refused', message, { code, cause: error });
  }
  const meaning =
    STORE[named] ??
    BY_STATUS.find(([from, to]) => status >= from && status <= to)?.[2] ??
    (AWAY.test(code) ? { kind: 'unreachable' as const, what: 'does not answer' } : null);
  const { kind, what } = meaning ?? { kind: 'broken', what: `failed (${textOf(error)})` };
  const why = status === 0 ? code : `${named}, HTTP ${status}`;
  return new Fault(kind, `The archive bucket ${bucket} ${what}${why === '' ? '' : ` (${why})`}.`, {
    code,
    cause: error,
  });
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}

/** Of an answer, as the client for buckets writes it on its errors; 0 when there was none. */
function statusOf(error: unknown): number {
  if (!(error instanceof Error) || !('$metadata' in error)) return 0;
  const { $metadata: about } = error;
  const known = typeof about === 'object' && about !== null && 'httpStatusCode' in about;
  return known && typeof about.httpStatusCode === 'number' ? about.httpStatusCode : 0;
}
