// What bells, errands and their workers agree on: queue names, key prefix, and how a producer connects.
import type { RedisOptions } from 'bullmq';

/** BullMQ forbids colons in queue names. */
export const BELLS_QUEUE = 'bells';
export const ERRANDS_QUEUE = 'errands';

/** REDIS_URL as options (host and port, or path; user, password, TLS): main brings them. */
export type QueueConnection = RedisOptions;

export interface QueuesOptions {
  readonly connection: QueueConnection;
  /** The store's prefix; BullMQ's keys lie beside the journals. */
  readonly prefix: string;
}

/** One hash tag around the prefix, because BullMQ's scripts touch many keys of a queue at once (Redis Cluster). */
export function bullPrefix(prefix: string): string {
  return `{${prefix}}:bull`;
}

/** The longest pause between two attempts to reconnect; BullMQ's own default grows to 20 s, longer than anybody waits for a button. */
const RECONNECT_MAX_MS = 1_000;

/** For workers and listeners, which wait for Redis as long as the process lives. */
export function patientConnection(connection: QueueConnection): QueueConnection {
  return { ...connection, retryStrategy: (attempt: number) => Math.min(50 * attempt, RECONNECT_MAX_MS) };
}

/** For producers, whose callers cannot wait: a command fails at the second attempt to reconnect (stack.md section 4). */
export function hastyConnection(connection: QueueConnection): QueueConnection {
  return { ...patientConnection(connection), maxRetriesPerRequest: 1 };
}

/**
 * Beside `hastyConnection`: without the first, `add` hangs while Redis is away; without the second, a queue opened in that time
 * stays broken for ever, because its version check failed once (read in BullMQ 6.7 redis-connection.js).
 */
export const HASTY_QUEUE = { skipWaitingForReady: true, skipVersionCheck: true } as const;

/** Closing says goodbye to Redis, which may be away; after this long the socket is simply dropped. */
const CLOSE_LIMIT_MS = 1_000;

/** Closes a queue or a listener in bounded time; never rejects. */
export async function closeSoon(closable: {
  close(): Promise<void>;
  disconnect(): Promise<void>;
}): Promise<void> {
  const closed = await within(CLOSE_LIMIT_MS, closable.close());
  if (closed === 'late') await within(CLOSE_LIMIT_MS, closable.disconnect());
}

/** What became of a promise within a limit. It never rejects, and a promise that ends later is not left unhandled. */
export async function within<T>(
  limitMs: number,
  work: Promise<T>,
): Promise<{ readonly value: T } | { readonly error: unknown } | 'late'> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), limitMs);
  });
  const settled = work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  );
  try {
    return await Promise.race([settled, late]);
  } finally {
    clearTimeout(timer);
  }
}
