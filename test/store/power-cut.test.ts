// kill -9 of Redis in the middle of appends: what was acknowledged is there afterwards. Only on a server of our own.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ownRedis, type PlaygroundRedis } from '../../playground/redis.ts';
import { redisAddress } from '../../src/store/address.ts';
import { StoreConnection } from '../../src/store/connection.ts';
import { RedisJournal } from '../../src/store/journal.ts';
import { anAsk, request, started } from '../contracts/journal-under-test.ts';
import { until } from './many-redis.ts';

let redis: PlaygroundRedis;
beforeAll(async () => {
  redis = await ownRedis();
}, 600_000);
afterAll(() => redis?.stop());

/** Appends until Redis is cut off; answers the last version that was acknowledged. */
async function appendUntilCut(journal: RedisJournal, rollout: string, from: number): Promise<number> {
  let version = from;
  for (let tries = 0; tries < 100_000; tries++) {
    const events = version === 0 ? [anAsk(rollout)] : [started, started];
    const reply = await journal.append(request(version, events, { rollout })).catch(() => null);
    if (reply === null) return version;
    if (reply.kind !== 'appended')
      throw new Error(`nobody else appends to ${rollout}, and yet: ${reply.kind}`);
    version = reply.version;
  }
  throw new Error('the cut never came');
}

describe('a power cut of the store', () => {
  it('loses nothing that was acknowledged, halves no append, and breaks no chain, five times over', {
    timeout: 60_000,
  }, async () => {
    const rollouts = ['r1', 'r2', 'r3'];
    let versions = [0, 0, 0];
    for (let cut = 1; cut <= 5; cut++) {
      const store = new StoreConnection({ address: redisAddress(redis.url) });
      const journal = new RedisJournal(store, { prefix: redis.prefix });
      // A call is patient for a second, and a busy machine may take longer to dial: that would be taken for the cut.
      await until('a connection', () => store.call(async ({ status }) => status === 'ready'));
      const running = Promise.all(
        rollouts.map((rollout, i) => appendUntilCut(journal, rollout, versions[i] ?? 0)),
      );
      await untilLonger(journal, rollouts, cut * 40);
      await redis.kill();
      const acknowledged = await running;
      store.close();
      await redis.restart();
      versions = await inspect(rollouts, acknowledged);
    }
  });
});

async function untilLonger(
  journal: RedisJournal,
  rollouts: readonly string[],
  length: number,
): Promise<void> {
  for (let looks = 0; looks < 10_000; looks++) {
    const lengths = await Promise.all(
      rollouts.map(async (rollout) => (await journal.read('prod', rollout)).length),
    );
    if (lengths.every((one) => one > length)) return;
  }
  throw new Error('the journals do not grow');
}

/** Reads with a fresh connection: `read` itself checks number and chain of every entry. */
async function inspect(rollouts: readonly string[], acknowledged: readonly number[]): Promise<number[]> {
  const store = new StoreConnection({ address: redisAddress(redis.url) });
  const journal = new RedisJournal(store, { prefix: redis.prefix });
  const versions: number[] = [];
  for (const [i, rollout] of rollouts.entries()) {
    const { length } = await journal.read('prod', rollout);
    const sure = acknowledged[i] ?? 0;
    // The append in flight at the cut is there whole, or not at all: one ask, then pairs.
    expect([sure, sure === 0 ? 1 : sure + 2]).toContain(length);
    versions.push(length);
  }
  const due = (await journal.due(['prod'], 10)).map((look) => look.rollout);
  expect(due.sort()).toEqual([...rollouts]);
  store.close();
  return versions;
}
