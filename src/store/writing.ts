// Sends an append, and answers only when as many replicas as asked for have it: what a fail-over may lose was never acknowledged.
import type { ChainableCommander } from 'ioredis';
import { Fault } from '../engine/ports/fault.ts';
import type { StoreConnection } from './connection.ts';
import { REPLICA_LIMIT_MS } from './limits.ts';
import { APPEND_KEYS, luaOf } from './scripts.ts';

const APPEND = luaOf('append.lua');
/** A Cluster that moved the slot says so before anything is done; more than one move in a row passes by itself. */
const MOST_MOVES = 2;

export interface Writing {
  /** Of its own: WAIT holds up what is sent behind it on the same connection. */
  readonly store: StoreConnection;
  /** How many replicas must have a fact before it counts; 0 = nobody waits. */
  readonly replicas: number;
}

/** Keys and arguments of append.lua; answers what the script answered. Rejects with Fault `busy` when too few replicas have it. */
export async function sendAppend(
  { store, replicas }: Writing,
  args: readonly (string | number)[],
): Promise<unknown> {
  const reply =
    replicas === 0
      ? await store.call((redis) => redis.storeAppend(...args))
      : await appendAndWait({ store, replicas }, args);
  if (Array.isArray(reply) && reply[0] === 'alone') throw alone(store.where, Number(reply[1]), replicas);
  return reply;
}

async function appendAndWait(
  { store, replicas }: Writing,
  args: readonly (string | number)[],
): Promise<unknown> {
  for (let move = 1; ; move += 1) {
    // One write to one socket: WAIT speaks of what its own connection wrote, so nothing may come between the two. The whole script,
    // because a forgotten digest would be sent again behind WAIT.
    const [appended, waited] = await store.call((redis) =>
      outcomes(
        redis
          .pipeline()
          .eval(APPEND, APPEND_KEYS, ...args)
          .wait(replicas, REPLICA_LIMIT_MS),
      ),
    );
    if (appended !== undefined && appended.error === null) {
      const { value } = appended;
      if (!Array.isArray(value) || value[0] !== 'appended') return value;
      const reached = waited?.error === null ? Number(waited.value) : 0;
      if (reached >= replicas) return value;
      throw unacknowledged(store.where, reached, replicas);
    }
    await store.lookAgain();
    const error = appended?.error ?? new Error('no answer');
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
