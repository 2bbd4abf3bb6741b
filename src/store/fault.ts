// What Redis and ioredis say when they cannot do it, translated once into faults.
import { Fault, type FaultKind } from '../engine/ports/fault.ts';
import { replyCode } from '../engine/ports/redis-reply.ts';

/** Replies that pass by themselves: loading, failing over, resharding, out of memory or disk until somebody makes room. */
const BUSY = new Set([
  'LOADING',
  'READONLY',
  'MASTERDOWN',
  'CLUSTERDOWN',
  'TRYAGAIN',
  'BUSY',
  'OOM',
  'MISCONF',
  'NOREPLICAS',
  // A Cluster that goes on moving slots for longer than a call follows them.
  'MOVED',
  'ASK',
]);
const REFUSED = new Set(['NOAUTH', 'WRONGPASS', 'NOPERM']);
/** Enough for a reply's reason, too little for a script's text or an entry. */
const QUOTED_CHARS = 160;

/** Wraps whatever a call to Redis threw. Its message names the store's address, never a password. */
export function storeFault(error: unknown, where: string): Fault {
  if (error instanceof Fault) return error;
  if (error instanceof TypeError || error instanceof RangeError) throw error; // ours, not the store's
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof Error) || error.name !== 'ReplyError') {
    // Everything else is the connection: closed, timed out, reset, refused, not writable.
    return new Fault('unreachable', `Redis at ${where} does not answer.`, {
      code: socketCode(error),
      cause: error,
    });
  }
  const code = replyCode(message);
  return new Fault(kindOf(code), `Redis at ${where} refused: ${message.slice(0, QUOTED_CHARS)}`, {
    code,
    cause: error,
  });
}

function kindOf(code: string): FaultKind {
  if (BUSY.has(code)) return 'busy';
  return REFUSED.has(code) ? 'refused' : 'broken';
}

function socketCode(error: unknown): string {
  if (!(error instanceof Error)) return '';
  return 'code' in error && typeof error.code === 'string'
    ? error.code
    : error.message.slice(0, QUOTED_CHARS);
}
