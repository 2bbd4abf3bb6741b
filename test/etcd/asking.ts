// What the suites with a real etcd share: the adapter over a cluster, a bound for every call, and a hand-wound clock.
import { setTimeout as pause } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { QuorumRead } from '../../src/cluster/quorum-read.ts';
import type { Clock } from '../../src/engine/ports/clock.ts';
import type { EtcdCredentials } from '../../src/engine/ports/machines.ts';
import type { UpgradeMutex } from '../../src/engine/ports/upgrade-mutex.ts';
import { etcdUpgradeMutex } from '../../src/etcd/mutex.ts';
import { etcdWitness } from '../../src/etcd/witness.ts';
import { type EtcdCluster, START_LIMIT_MS, withoutEtcd } from './etcd-cluster.ts';

/** A suite's title, with the reason when it is skipped. */
export function titled(title: string): string {
  return withoutEtcd === null ? title : `${title} (skipped: ${withoutEtcd})`;
}

/** No call may hang: several times what all members one after another may take. */
const HANG_MS = 30_000;

/** How long a suite awaits what etcd does by itself: a lease of some seconds ends, unless an election gives it its time again. */
export const PATIENCE_MS = 30_000;

/** A test with an etcd of its own: its start, and at most as many awaited things as any test here has. */
export const ETCD_TEST_MS: number = START_LIMIT_MS + 3 * HANG_MS + PATIENCE_MS;

export async function bounded<T>(call: Promise<T>): Promise<T> {
  const over = new AbortController();
  const hangs = pause(HANG_MS, null, { signal: over.signal }).then(() => {
    throw new Error(`a call hangs for more than ${HANG_MS} ms`);
  });
  try {
    return await Promise.race([call, hangs]);
  } finally {
    over.abort();
    hangs.catch(() => undefined);
  }
}

/** How each member answered: its own id (checked against what it tells a plain client), or the reason for silence. */
export function readThrough(
  cluster: EtcdCluster,
  credentials: EtcdCredentials = cluster.credentials,
): Promise<readonly QuorumRead[]> {
  const settings = { credentials: async () => credentials, endpoint: cluster.endpoint, onlyLoopback: true };
  return bounded(etcdWitness(settings).read(cluster.members));
}

/** `{cp-1: 'served', cp-2: 'refuses connections'}`: the nodes' own names are left out of the reasons. */
export function summary(reads: readonly QuorumRead[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    reads.map((read) => [
      read.node,
      read.kind === 'served' ? 'served' : read.why.replace(`etcd on ${read.node} `, ''),
    ]),
  );
}

export interface MutexOptions {
  readonly clock?: Clock;
  readonly ttlSeconds?: number;
  readonly credentials?: EtcdCredentials;
  /** Where it dials instead of the cluster's own ports. */
  readonly endpoint?: EtcdCluster['endpoint'];
}

/** One who wants the mutex, closed with the test. */
export function aTaker(cluster: EtcdCluster, options: MutexOptions = {}): UpgradeMutex {
  const { clock = systemClock, credentials = cluster.credentials, endpoint = cluster.endpoint } = options;
  const { ttlSeconds } = options;
  const mutex = etcdUpgradeMutex({
    credentials: async () => credentials,
    endpoint,
    onlyLoopback: true,
    clock,
    ...(ttlSeconds === undefined ? {} : { ttlSeconds }),
  });
  onTestFinished(() => mutex.close());
  return mutex;
}

/** A clock that stands still until it is wound. */
export class HandClock implements Clock {
  #now = 1_000_000;
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();

  now(): number {
    return this.#now;
  }

  monotonic(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (ms <= 0 || signal?.aborted) {
        resolve();
        return;
      }
      const sleeper = { until: this.#now + ms, wake: resolve };
      this.#sleepers.add(sleeper);
      const aborted = (): void => {
        this.#sleepers.delete(sleeper);
        resolve();
      };
      signal?.addEventListener('abort', aborted, { once: true });
    });
  }

  /** Milliseconds until the next sleeper wakes; null when nobody sleeps. */
  get nextMs(): number | null {
    const untils = [...this.#sleepers].map(({ until }) => until - this.#now);
    return untils.length === 0 ? null : Math.min(...untils);
  }

  /** A busy machine may answer too late: whoever tries again after at most so long is let to. */
  windOver(shortMs: number): void {
    const { nextMs } = this;
    if (nextMs !== null && nextMs <= shortMs) this.wind(nextMs);
  }

  wind(ms: number): void {
    this.#now += ms;
    for (const sleeper of this.#sleepers) {
      if (sleeper.until > this.#now) continue;
      this.#sleepers.delete(sleeper);
      sleeper.wake();
    }
  }
}
