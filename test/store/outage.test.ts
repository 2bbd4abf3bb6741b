// What callers see while Redis is away, hangs, or comes back. Only on a server of our own.
import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ownRedis, type PlaygroundRedis } from '../../playground/redis.ts';
import { redisAddress } from '../../src/store/address.ts';
import { STORE_LIMIT_MS, StoreConnection } from '../../src/store/connection.ts';
import { RedisDeliveries } from '../../src/store/deliveries.ts';
import { RedisJournal } from '../../src/store/journal.ts';
import { RedisThreads } from '../../src/store/threads.ts';
import { anAsk, request, started } from '../contracts/journal-under-test.ts';
import { timed } from './lived.ts';

/** What a busy machine adds to the limits, in time that was lived. */
const SLACK_MS = 2_000;
const A_CLUSTER = 'prod';

let redis: PlaygroundRedis;
const opened: StoreConnection[] = [];
beforeAll(async () => {
  redis = await ownRedis();
}, 600_000);
afterEach(async () => {
  for (const store of opened.splice(0)) store.close();
  redis.thaw();
  await redis.restart();
});
afterAll(() => redis?.stop());

interface Parts {
  readonly store: StoreConnection;
  readonly journal: RedisJournal;
  readonly threads: RedisThreads;
  readonly deliveries: RedisDeliveries;
  readonly said: string[];
}

function connect(url = redis.url): Parts {
  const said: string[] = [];
  const store = new StoreConnection({ address: redisAddress(url), onChange: (state) => said.push(state) });
  opened.push(store);
  return {
    store,
    said,
    journal: new RedisJournal(store, { prefix: redis.prefix }),
    threads: new RedisThreads(store, redis),
    deliveries: new RedisDeliveries(store, redis),
  };
}

const ANSWER = { kind: 'so-already', version: 1 } as const;

type Call = (parts: Parts) => Promise<unknown>;
const CALLS: readonly [string, Call][] = [
  ['read', ({ journal }) => journal.read(A_CLUSTER, 'r1')],
  ['append', ({ journal }) => journal.append(request(0, [anAsk('r1')]))],
  ['claimOf', ({ journal }) => journal.claimOf(A_CLUSTER)],
  ['recent', ({ journal }) => journal.recent(A_CLUSTER, 5)],
  ['take', ({ journal }) => journal.take(A_CLUSTER, 'r1', 'worker-1')],
  ['renew', ({ journal }) => journal.renew({ cluster: A_CLUSTER, rollout: 'r1', token: 'x' })],
  ['letGo', ({ journal }) => journal.letGo({ cluster: A_CLUSTER, rollout: 'r1', token: 'x' }, 1, null)],
  ['due', ({ journal }) => journal.due([A_CLUSTER], 5)],
  ['note', ({ journal }) => journal.note(A_CLUSTER, 'r1', 'cp-1', 'x')],
  ['notes', ({ journal }) => journal.notes(A_CLUSTER, 'r1')],
  ['threads.read', ({ threads }) => threads.read(A_CLUSTER, 'r1')],
  ['threads.setSlot', ({ threads }) => threads.setSlot(A_CLUSTER, 'r1', 'card', null)],
  ['threads.open', ({ threads }) => threads.open(A_CLUSTER)],
  ['threads.closed', ({ threads }) => threads.closed(A_CLUSTER, 'r1')],
  ['threads.speak', ({ threads }) => threads.speak('T1', 'bot-1', 1_000)],
  ['deliveries.first', ({ deliveries }) => deliveries.first(A_CLUSTER, 'd1', 'r1')],
  ['deliveries.answer', ({ deliveries }) => deliveries.answer(A_CLUSTER, 'd1', ANSWER)],
];

async function expectAllUnreachable(parts: Parts): Promise<void> {
  const outcomes = await Promise.all(
    CALLS.map(async ([name, call]) => ({ name, ...(await timed(call(parts))) })),
  );
  for (const { name, result, livedMs } of outcomes) {
    expect(result, name).toMatchObject({
      status: 'rejected',
      reason: { name: 'Fault', kind: 'unreachable' },
    });
    expect(livedMs, name).toBeLessThan(STORE_LIMIT_MS + SLACK_MS);
  }
}

describe('while Redis is dead', () => {
  it('every call ends as unreachable within its limit', { timeout: 20_000 }, async () => {
    const parts = connect();
    await parts.journal.claimOf(A_CLUSTER);
    await redis.kill();
    await expectAllUnreachable(parts);
  });

  it('also when it was never there', { timeout: 20_000 }, async () => {
    await redis.kill();
    await expectAllUnreachable(connect());
  });

  it('what was refused is not written later, and the store works again by itself', {
    timeout: 20_000,
  }, async () => {
    const { journal, said } = connect();
    await journal.append(request(0, [anAsk('late')], { rollout: 'late' }));
    await redis.kill();
    await expect(journal.append(request(1, [started], { rollout: 'late' }))).rejects.toMatchObject({
      kind: 'unreachable',
    });
    await redis.restart();
    await vi.waitFor(() => expect(said).toEqual(['away', 'back']), { timeout: 10_000 });
    expect(await journal.read('prod', 'late')).toHaveLength(1);
    expect(await journal.append(request(1, [started], { rollout: 'late' }))).toMatchObject({
      kind: 'appended',
    });
  });

  it('what was sent and not answered before Redis died is not sent again', { timeout: 20_000 }, async () => {
    const { journal } = connect();
    await journal.append(request(0, [anAsk('sent')], { rollout: 'sent' }));
    redis.freeze();
    const unanswered = journal
      .append(request(1, [started], { rollout: 'sent' }))
      .catch((error: unknown) => error);
    await redis.kill();
    await redis.restart();
    expect(await unanswered).toMatchObject({ kind: 'unreachable' });
    expect(await journal.read('prod', 'sent')).toHaveLength(1);
  });

  it('a restart shorter than the patience of a call is not felt', { timeout: 20_000 }, async () => {
    const { journal } = connect();
    await journal.append(request(0, [anAsk('blip')], { rollout: 'blip' }));
    await redis.restart();
    expect(await journal.append(request(1, [started], { rollout: 'blip' }))).toMatchObject({
      kind: 'appended',
      version: 2,
    });
  });
});

describe('while Redis hangs', () => {
  it('every call ends as unreachable within its limit, and works again afterwards', {
    timeout: 30_000,
  }, async () => {
    const parts = connect();
    await parts.journal.claimOf(A_CLUSTER);
    redis.freeze();
    await expectAllUnreachable(parts);
    redis.thaw();
    await vi.waitFor(async () => expect(await parts.journal.claimOf('nobody')).toBeNull(), {
      timeout: 10_000,
    });
  });
});

describe('what Redis refuses', () => {
  it('is no outage: out of memory is busy, and the append left nothing behind', async () => {
    const { store, journal } = connect();
    await store.call((client) => client.config('SET', 'maxmemory', '1'));
    await expect(
      journal.append(request(0, [anAsk('oom')], { rollout: 'oom', claim: 'take' })),
    ).rejects.toMatchObject({ kind: 'busy', code: 'OOM' });
    await store.call((client) => client.config('SET', 'maxmemory', '0'));
    expect(await journal.read('prod', 'oom')).toEqual([]);
    expect(await journal.due(['prod'], 50)).not.toContainEqual({ cluster: 'prod', rollout: 'oom' });
  });

  it('is no outage either when it cannot save any more, and reading goes on', {
    timeout: 20_000,
  }, async () => {
    const full = await ownRedis();
    const { store, journal } = connect(full.url);
    try {
      await journal.append(request(0, [anAsk('r1')]));
      // Without its folder no snapshot can be written; its open append-only file is not asked.
      rmSync(dirname(redisAddress(full.url).path ?? ''), { recursive: true });
      await store.call((client) => client.config('SET', 'save', '3600 1'));
      await store.call((client) => client.bgsave());
      await vi.waitFor(
        async () => expect(await store.call((client) => client.info())).toContain('bgsave_status:err'),
        { timeout: 10_000 },
      );
      await expect(journal.append(request(1, [started]))).rejects.toMatchObject({
        kind: 'busy',
        code: 'MISCONF',
      });
      expect(await journal.read('prod', 'r1')).toHaveLength(1);
    } finally {
      await full.kill();
      await full.stop();
    }
  });

  it('is told apart from silence: a wrong password is refused, and neither user nor password is named', async () => {
    const url = redis.url.replace('redis+unix://', 'redis+unix://bot:hunter2@localhost');
    const { journal } = connect(url);
    const error: unknown = await journal.claimOf('prod').catch((reason: unknown) => reason);
    expect(error).toMatchObject({ kind: 'refused', code: 'WRONGPASS' });
    expect(String(error)).not.toMatch(/hunter2|bot/);
  });
});

describe('the clock of this process', () => {
  it('does not matter: times, leases and Looks are by the store’s', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: new Date('2001-01-01') });
    try {
      const { journal } = connect();
      const reply = await journal.append(request(0, [anAsk('clock')], { rollout: 'clock' }));
      expect(reply.kind === 'appended' && reply.at).toBeGreaterThan(new Date('2020-01-01').getTime());
      expect(await journal.due(['prod'], 50)).toContainEqual({ cluster: 'prod', rollout: 'clock' });
      expect(await journal.take('prod', 'clock', 'worker-1')).toMatchObject({ kind: 'taken' });
      expect(await journal.due(['prod'], 50)).not.toContainEqual({ cluster: 'prod', rollout: 'clock' });
    } finally {
      vi.useRealTimers();
    }
  });
});
