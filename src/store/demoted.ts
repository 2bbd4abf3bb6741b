// Leaves a server that is no master any more: it answers reads for ever, and what it answers is from before it was demoted.
import type { Redis } from 'ioredis';
import { faultOf } from '../engine/ports/fault.ts';
import type { JournalEnd } from '../engine/ports/journal.ts';
import type { StoreConnection } from './connection.ts';
import { linkOf } from './entry.ts';

/**
 * Whoever only reads hears no READONLY (redis-reply.ts), so each connection asks. Well below a lease, and one short answer each time.
 * INFO and not ROLE: a store needs INFO anyhow (guard.ts), and users of a managed Redis are often denied the other one.
 */
const ASK_EVERY_MS = 1_000;

/** Watches one connection until the answer is called. What does not answer, or must not, is left to the limits of every command. */
export function leaveWhenDemoted(redis: Redis): () => void {
  const look = async (): Promise<void> => {
    if (redis.status !== 'ready') return;
    const info = await redis.info('replication');
    // As after READONLY: only a new connection leads to where the address, or Sentinel, points now.
    if (/^role:slave\b/m.test(info)) redis.disconnect(true);
  };
  const timer = setInterval(() => void look().catch(() => undefined), ASK_EVERY_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/**
 * Makes a connection leave when it reads less of a journal than is there, also from a master that nobody has told yet that it is none.
 * Never rejects: who then reads without success says so.
 */
export async function leaveWhenBehind(
  store: StoreConnection,
  journal: string,
  end: JournalEnd,
): Promise<void> {
  try {
    const [last, version] = await store.call((redis) => redis.storeLast(journal));
    const behind =
      version < end.version || (version === end.version && version > 0 && linkOf(last) !== end.link);
    if (behind) await store.leave();
  } catch (error) {
    faultOf(error); // It is away.
  }
}
