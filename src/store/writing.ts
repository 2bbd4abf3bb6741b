// Sends an append or a take, and answers only when as many replicas as asked for have it and all before it: nobody acts on what a
// fail-over may lose.
import type { ChainableCommander } from 'ioredis';
import { Fault } from '../engine/ports/fault.ts';
import type { JournalEnd } from '../engine/ports/journal.ts';
import type { StoreConnection } from './connection.ts';
import { REPLICA_LIMIT_MS } from './limits.ts';
import { APPEND, TAKE } from './scripts.ts';

/** A Cluster that moved the slot says so before anything is done; more than one move in a row passes by itself. */
const MOST_MOVES = 2;

export interface Writing {
  /** Of its own: WAIT holds up what is sent behind it on the same connection. */
  readonly store: StoreConnection;
  /** How many replicas must have a fact before it counts; 0 = nobody waits. */
  readonly replicas: number;
}

type Arguments = readonly (string | number)[];

/** Keys and arguments of append.lua; answers what the script answered. Rejects with Fault `busy` when too few replicas have it. */
export async function sendAppend({ store, replicas }: Writing, args: Arguments): Promise<unknown> {
  const reply =
    replicas === 0
      ? await store.call((redis) => redis.storeAppend(...args))
      : await andWait({ store, replicas }, { ...APPEND, done: 'appended' }, args);
  if (wordOf(reply) === 'alone') throw alone(store.where, numberIn(reply), replicas);
  return reply;
}

/**
 * Keys and arguments of take.lua; the store's time and the journal's end, or null when another process has the lease. Rejects with Fault
 * `busy` when too few replicas have it: what the driver finds in the journal then may be lost as well.
 */
export async function sendTake(
  { store, replicas }: Writing,
  args: Arguments,
): Promise<{ readonly at: number; readonly end: JournalEnd } | null> {
  const reply =
    replicas === 0
      ? await store.call((redis) => redis.storeTake(...args))
      : await andWait({ store, replicas }, { ...TAKE, done: 'taken' }, args);
  if (wordOf(reply) === 'alone') throw alone(store.where, numberIn(reply), replicas);
  if (!Array.isArray(reply) || wordOf(reply) !== 'taken') return null;
  return { at: numberIn(reply), end: { version: Number(reply[2]), link: String(reply[3]) } };
}

function wordOf(reply: unknown): unknown {
  return Array.isArray(reply) ? reply[0] : null;
}

function numberIn(reply: unknown): number {
  return Array.isArray(reply) ? Number(reply[1]) : Number.NaN;
}

interface Script {
  readonly lua: string;
  readonly keys: number;
  /** What it answers when it wrote something that replicas must have. */
  readonly done: string;
}

async function andWait(
  { store, replicas }: Writing,
  { lua, keys, done }: Script,
  args: Arguments,
): Promise<unknown> {
  for (let move = 1; ; move += 1) {
    // One write to one socket: WAIT speaks of what its own connection wrote and of all before it, so nothing may come between the
    // two. The whole script, because a forgotten digest would be sent again behind WAIT.
    const [answered, waited] = await store.call((redis) =>
      outcomes(
        redis
          .pipeline()
          .eval(lua, keys, ...args)
          .wait(replicas, REPLICA_LIMIT_MS),
      ),
    );
    if (answered !== undefined && answered.error === null) {
      const { value } = answered;
      if (wordOf(value) !== done) return value;
      const reached = waited?.error === null ? Number(waited.value) : 0;
      if (reached >= replicas) return value;
      throw unacknowledged(store.where, reached, replicas);
    }
    await store.lookAgain();
    const error = answered?.error ?? new Error('no answer');
    if (!/^(MOVED|ASK) /.test(error.message) || move >= MOST_MOVES)
      return await store.call(() => Promise.reject(error));
  }
}

interface Outcome {
  readonly error: Error | null;
  readonly value: unknown;
}

async function outcomes(pipeline: ChainableCommander): Promise<readonly Outcome[]> {
  return ((await pipeline.exec()) ?? []).map(([error, value]) => ({ error, value }));
}

/** Before anything was written. */
function alone(where: string, online: number, replicas: number): Fault {
  return new Fault(
    'busy',
    `Redis at ${where} has ${online} of the ${replicas} replica(s) that must keep each fact (redis.replicas), so nothing was written down.`,
    { code: 'NOREPLICAS' },
  );
}

/** It is in the master's journal, and perhaps nowhere else: nobody may act on it, and whoever reads it later makes of it what is there. */
function unacknowledged(where: string, reached: number, replicas: number): Fault {
  return new Fault(
    'busy',
    `Redis at ${where} passed a fact on to ${reached} of the ${replicas} replica(s) that must keep it (redis.replicas) within ${REPLICA_LIMIT_MS} ms; it may be lost with a fail-over, so nothing is done on the strength of it.`,
    { code: 'UNACKNOWLEDGED' },
  );
}
