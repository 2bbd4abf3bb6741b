// What bells, errands and their workers agree on: queue names, key prefix, and how a producer connects.
import type { ConnectionOptions, RedisOptions } from 'bullmq';
import { noMaster } from '../engine/ports/redis-reply.ts';

/** BullMQ forbids colons in queue names. */
export const BELLS_QUEUE = 'bells';
export const ERRANDS_QUEUE = 'errands';

/** How long a connection tries and waits, as ioredis takes it. */
interface Patience {
  readonly maxRetriesPerRequest: number | null;
  /** A socket on which Redis owes an answer for so long is black-holed: it is destroyed, and another one dialled. */
  readonly socketTimeout: number;
  /** After this a command has failed, whatever its connection does. */
  readonly commandTimeout?: number;
}

/** The same, and what holds for every connection. */
interface Server extends Patience {
  readonly connectTimeout: number;
  readonly maxLoadingRetryTime: number;
  readonly reconnectOnError: (error: Error) => boolean;
}

/** Makes a client for a Redis Cluster, of which BullMQ knows no options; `server` is what each of its connections takes. */
export interface ClusterMaker {
  readonly cluster: (server: Server) => ClusterClient;
}

type ClusterClient = Extract<ConnectionOptions, { duplicate(...args: unknown[]): unknown }> & {
  disconnect(): void;
};

/** REDIS_URL as options (host and port, path, or sentinels; user, password, TLS), or what makes a client: main brings them. */
export type QueueConnection = RedisOptions | ClusterMaker;

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
const RECONNECT_MAX_MS = 500;

/** One attempt to connect; ioredis's own default is 10 s, in which the address may long lead somewhere else. */
const CONNECT_LIMIT_MS = 2_000;
/** As the store's: it is the same Redis on the same way. */
const SILENCE_LIMIT_MS = 2_500;
/** Above what any caller waits for a command (bells.ts, errands.ts): nobody hears of it any more. */
const COMMAND_LIMIT_MS = 2_000;
/** A worker's reading blocks for 5 s while a queue is empty, and for 10 s at most (read in BullMQ 6.7 worker.js): that is no black hole yet. */
const BLOCKED_LIMIT_MS = 12_000;

/** How a queue connects, and how it is made to stop trying: BullMQ cannot close a connection that is just reconnecting. */
export interface Line {
  readonly options: ConnectionOptions;
  /** The next failing attempt is the last one. */
  hangUp(): void;
  /** After whoever uses it was closed: ends what BullMQ does not, because it did not make it. Idempotent. */
  end(): void;
}

/** For workers, which wait for Redis as long as the process lives. */
export function patientLine(connection: QueueConnection): Line {
  return lineTo(connection, { maxRetriesPerRequest: null, socketTimeout: BLOCKED_LIMIT_MS });
}

/** For producers, whose callers cannot wait: a command fails at the second attempt to reconnect (stack.md section 4). */
export function hastyLine(connection: QueueConnection): Line {
  return lineTo(connection, {
    maxRetriesPerRequest: 1,
    socketTimeout: SILENCE_LIMIT_MS,
    commandTimeout: COMMAND_LIMIT_MS,
  });
}

function lineTo(connection: QueueConnection, patience: Patience): Line {
  let hungUp = false;
  const again = (attempt: number): number | null =>
    hungUp ? null : Math.min(50 * attempt, RECONNECT_MAX_MS);
  const hangUp = (): void => {
    hungUp = true;
  };
  const server: Server = {
    ...patience,
    connectTimeout: CONNECT_LIMIT_MS,
    // ioredis waits a second when it meets a Redis that still loads its file.
    maxLoadingRetryTime: RECONNECT_MAX_MS,
    reconnectOnError: noMaster,
  };
  if (isMaker(connection)) {
    const client = connection.cluster(server);
    // Without a listener an error event would end the process; each command that suffers from one says so itself.
    client.on?.('error', () => {});
    return { options: client, hangUp: () => client.disconnect(), end: () => client.disconnect() };
  }
  const { sentinels } = connection;
  const options = {
    ...connection,
    ...server,
    retryStrategy: again,
    ...(sentinels === undefined ? {} : { sentinelRetryStrategy: again }),
  };
  return { options, hangUp, end: () => {} };
}

function isMaker(connection: QueueConnection): connection is ClusterMaker {
  return typeof connection['cluster'] === 'function';
}

/** After the limit of a closing: time for the last attempt to reconnect to fail, and for a socket to be dropped. */
const DROP_LIMIT_MS = 1_000;

/** Closes a queue or worker within `limitMs` and DROP_LIMIT_MS, whether or not Redis is there; never rejects. */
export async function closeWithin(
  limitMs: number,
  closable: { close(): Promise<void>; disconnect(): Promise<void> },
  line: Line,
): Promise<void> {
  const closing = closable.close();
  if ((await within(limitMs, closing)) !== 'late') return;
  line.hangUp();
  await within(DROP_LIMIT_MS, Promise.race([closing, closable.disconnect()]));
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
