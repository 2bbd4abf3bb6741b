// The two stores under one face: what a contract needs besides the ports, for the double and for a real Redis.
import { setTimeout as pause } from 'node:timers/promises';
import { MemoryDeliveries } from '../../playground/doubles/deliveries.ts';
import { MemoryJournal, MemoryThreads } from '../../playground/doubles/store.ts';
import { ManualClock } from '../../playground/world/clock.ts';
import { DELIVERY_KNOWN_MS, type Deliveries } from '../../src/engine/ports/deliveries.ts';
import type { AppendRequest, Journal, Lease } from '../../src/engine/ports/journal.ts';
import type { Threads } from '../../src/engine/ports/threads.ts';
import type { Actor, RolloutEvent } from '../../src/rollout/event.ts';
import { StoreConnection } from '../../src/store/connection.ts';
import { RedisDeliveries } from '../../src/store/deliveries.ts';
import { RedisJournal } from '../../src/store/journal.ts';
import { clusterKeys } from '../../src/store/keys.ts';
import { redisPlace } from '../../src/store/place.ts';
import { NO_SEALS, type Seals } from '../../src/store/seal.ts';
import { RedisThreads } from '../../src/store/threads.ts';

export interface StoreUnderTest {
  readonly journal: Journal;
  readonly deliveries: Deliveries;
  readonly threads: Threads;
  /** Writes a line behind the store's back. */
  plant(cluster: string, rollout: string, line: string): Promise<void>;
  /** Keeps only the first `count` lines of a journal, behind the store's back. */
  cut(cluster: string, rollout: string, count: number): Promise<void>;
  lines(cluster: string, rollout: string): Promise<readonly string[]>;
  looks(cluster: string): Promise<ReadonlyMap<string, number>>;
  /** The store's own clock, milliseconds since 1970. */
  now(): Promise<number>;
  /** Resolves when the store's clock has moved by at least `ms`. */
  pass(ms: number): Promise<void>;
  close(): Promise<void>;
}

interface StoreOptions {
  readonly leaseMs: number;
  /** How long a delivery is known; default: as everywhere. */
  readonly knownMs?: number;
}

export type OpenStore = (options: StoreOptions) => Promise<StoreUnderTest>;

export const openMemory: OpenStore = memoryWith(NO_SEALS);

export function memoryWith(seals: Seals): OpenStore {
  return async (options) => inMemory(options, seals);
}

function inMemory({ leaseMs, knownMs = DELIVERY_KNOWN_MS }: StoreOptions, seals: Seals): StoreUnderTest {
  const clock = new ManualClock();
  const journal = new MemoryJournal(clock, { leaseMs, seals });
  return {
    journal,
    deliveries: new MemoryDeliveries(clock, journal, { knownMs }),
    threads: new MemoryThreads(clock, journal),
    plant: async (cluster, rollout, line) => journal.plant(cluster, rollout, line),
    cut: async (cluster, rollout, count) => journal.cut(cluster, rollout, count),
    lines: async (cluster, rollout) => journal.linesOf(cluster, rollout),
    looks: async (cluster) => journal.looksOf(cluster),
    now: async () => clock.now(),
    pass: async (ms) => clock.advance(ms),
    close: async () => {},
  };
}

let opened = 0;

/** Where a Redis is that is already there, and how it is written to. */
export interface RedisToOpen {
  readonly url: string;
  readonly prefix: string;
  readonly replicas?: number;
  readonly seals?: Seals;
}

/** A fresh namespace on the given Redis at every opening. */
export function openRedis(redis: () => RedisToOpen): OpenStore {
  return async ({ leaseMs, knownMs = DELIVERY_KNOWN_MS }) => {
    const { url, seals = NO_SEALS, replicas = 0 } = redis();
    const prefix = `${redis().prefix}:${++opened}`;
    const address = redisPlace(url);
    const store = new StoreConnection({ address });
    const raw = new StoreConnection({ address });
    const writer = replicas === 0 ? store : new StoreConnection({ address });
    const now = async (): Promise<number> => {
      const [seconds, micros] = await raw.call((client) => client.time());
      return Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000);
    };
    const journalKey = (cluster: string, rollout: string) => clusterKeys(prefix, cluster).journal(rollout);
    return {
      journal: new RedisJournal(store, {
        prefix,
        leaseMs,
        seals,
        writing: () => ({ store: writer, replicas }),
      }),
      deliveries: new RedisDeliveries(store, { prefix, knownMs }),
      threads: new RedisThreads(store, { prefix }),
      plant: async (cluster, rollout, line) =>
        void (await raw.call((client) => client.rpush(journalKey(cluster, rollout), line))),
      cut: async (cluster, rollout, count) =>
        raw.call(async (client) => {
          const key = journalKey(cluster, rollout);
          if (count === 0) await client.del(key);
          else await client.ltrim(key, 0, count - 1);
        }),
      lines: (cluster, rollout) => raw.call((client) => client.lrange(journalKey(cluster, rollout), 0, -1)),
      looks: async (cluster) => {
        const pairs = await raw.call((client) =>
          client.zrange(clusterKeys(prefix, cluster).looks, 0, -1, 'WITHSCORES'),
        );
        return new Map(
          pairs.flatMap((one, index) => (index % 2 === 0 ? [[one, Number(pairs[index + 1])] as const] : [])),
        );
      },
      now,
      pass: async (ms) => {
        const until = (await now()) + ms;
        while ((await now()) < until) await pause(5);
      },
      close: async () => {
        for (const one of new Set([store, raw, writer])) one.close();
      },
    };
  };
}

export const ann: Actor = { kind: 'person', user: 'U0ANN' };
export const driver: Actor = { kind: 'driver', name: 'worker-1' };

export function anAsk(rollout: string, cluster = 'prod'): RolloutEvent {
  const goal = { kind: 'upgrade-talos', version: 'v1.13.5' } as const;
  return { kind: 'asked', rollout, cluster, goal, user: 'U0ANN', channel: 'C0OPS', delivery: `d-${rollout}` };
}

export const started: RolloutEvent = { kind: 'started', user: 'U0ANN', delivery: 'd-start' };
export const finished: RolloutEvent = { kind: 'finished', outcome: 'upgraded' };
export const declined: RolloutEvent = {
  kind: 'declined',
  outcome: 'refused',
  sentence: 'prod already runs v1.13.5.',
  findings: [],
};
/** An event with what JSON and Lua like to get wrong: empty lists, nested quotes, letters beyond ASCII, large and broken numbers. */
export const awkward: RolloutEvent = {
  kind: 'step-begun',
  step: '01-größe-"cp-1"\\',
  evidence: { bootId: 'é\n\u2028', empty: '', big: 9_007_199_254_740_991, tiny: 0.1 },
  by: 'worker-1',
};

export const LONG_LEASE_MS = 60_000;
export const SHORT_LEASE_MS = 500;

export type Fresh = (leaseMs?: number) => Promise<StoreUnderTest>;

export function request(
  expect: number,
  events: readonly RolloutEvent[],
  more: Partial<AppendRequest> = {},
): AppendRequest {
  return { cluster: 'prod', rollout: 'r1', expect, events, by: ann, ...more };
}

export async function taken(store: StoreUnderTest, rollout = 'r1', owner = 'worker-1'): Promise<Lease> {
  const reply = await store.journal.take('prod', rollout, owner);
  if (reply.kind !== 'taken') throw new Error(`expected to take ${rollout}, got ${reply.kind}`);
  return reply.lease;
}

export async function dueIds(
  store: StoreUnderTest,
  clusters: readonly string[] = ['prod'],
  limit = 50,
): Promise<string[]> {
  return (await store.journal.due(clusters, limit)).map((look) => look.rollout);
}
