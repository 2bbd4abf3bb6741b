// What an error reply of Redis is about, for the two adapters that speak to it (the store and the queues) and import nothing of each other.

/** Its first word. Up to Redis 6 what a script met is wrapped in a sentence. */
export function replyCode(message: string): string {
  return /^(?:ERR Error running script.*?: )?-?([A-Z]+)\b/.exec(message)?.[1] ?? 'ERR';
}

/** A replica, one that lost its master, and one that loads the data of a new master. */
const NO_MASTER = new Set(['READONLY', 'MASTERDOWN', 'LOADING']);

/**
 * Whoever answers so is no master (any more), and keeps its connections all the same: behind an address that moved, only a new
 * connection leads to the one that is. As ioredis takes it (`reconnectOnError`): the command itself still fails.
 */
export function noMaster(error: Error): boolean {
  return NO_MASTER.has(replyCode(error.message));
}
