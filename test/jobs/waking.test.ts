// A rollout wakes whatever happens to its bells: journal, bells, worker and sweep together, over a real Redis.
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { ownRedis, type PlaygroundRedis } from '../../playground/redis.ts';
import type { Clock } from '../../src/engine/ports/clock.ts';
import type { DueLook } from '../../src/engine/ports/journal.ts';
import { BullBells } from '../../src/jobs/bells.ts';
import { startSweep } from '../../src/jobs/sweep.ts';
import { startWorker } from '../../src/jobs/worker.ts';
import { redisAddress } from '../../src/store/address.ts';
import { StoreConnection } from '../../src/store/connection.ts';
import { RedisJournal } from '../../src/store/journal.ts';
import { anAsk, request, started } from '../contracts/journal-under-test.ts';
import { aLog } from './a-log.ts';

const realClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep: async (ms, signal) => {
    await pause(ms, undefined, signal === undefined ? {} : { signal }).catch(() => {});
  },
};

let redis: PlaygroundRedis;
beforeAll(async () => {
  redis = await ownRedis();
}, 600_000);
afterAll(() => redis?.stop());

/** A driver that does nothing but look: it remembers how far it saw each rollout, and sleeps until the next append. */
function aDriver(journal: RedisJournal, seen: Map<string, number>): (look: DueLook) => Promise<void> {
  return async ({ cluster, rollout }) => {
    const reply = await journal.take(cluster, rollout, 'worker-1');
    if (reply.kind !== 'taken') return;
    for (let looks = 0; looks < 100; looks++) {
      const { length } = await journal.read(cluster, rollout);
      seen.set(rollout, length);
      if ((await journal.letGo(reply.lease, length, null)) !== 'moved') return;
    }
  };
}

describe('a rollout', () => {
  it('is looked at after every append, with bells, without bells, and across a power cut of Redis', {
    timeout: 60_000,
  }, async () => {
    const connection = { ...redisAddress(redis.url) };
    const { prefix } = redis;
    const store = new StoreConnection({ address: redisAddress(redis.url) });
    const journal = new RedisJournal(store, { prefix });
    const bells = new BullBells({ connection, prefix, onError: () => {} });
    const seen = new Map<string, number>();
    const drive = aDriver(journal, seen);
    const onErrand = async () => ({ kind: 'failed', sentence: '' }) as const;
    const worker = startWorker({
      connection,
      prefix,
      concurrency: 4,
      onBell: drive,
      onErrand,
      log: aLog().log,
    });
    const sweep = startSweep({
      journal,
      clusters: ['prod'],
      clock: realClock,
      onDue: drive,
      onError: () => {},
    });
    await worker.ready();

    const rollouts = Array.from({ length: 30 }, (_, i) => `r${i}`);
    const versions = new Map<string, number>();
    for (let round = 0; round < 6; round++) {
      await Promise.all(
        rollouts.map(async (rollout, i) => {
          const version = versions.get(rollout) ?? 0;
          const events = [version === 0 ? anAsk(rollout) : started];
          const reply = await journal.append(request(version, events, { rollout }));
          if (reply.kind === 'appended') versions.set(rollout, reply.version);
          // Two of three bells are rung; the others are lost.
          if (i % 3 !== round % 3) await bells.ring({ goal: 'upgrade-talos', cluster: 'prod', rollout });
        }),
      );
      if (round === 3) {
        await redis.kill();
        await redis.restart();
      }
    }
    await vi.waitFor(() => expect(seen).toEqual(versions), { timeout: 20_000 });
    expect(new Set(versions.values())).toEqual(new Set([6]));
    await Promise.all([sweep.stop(), worker.stop(), bells.close()]);
    store.close();
  });
});
