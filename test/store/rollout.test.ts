// Whole rollouts over the simulated cluster whose facts go into a real Redis, while that is full, alone, or fails over.
import { afterEach, describe, expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { ownRedis } from '../../playground/redis.ts';
import { StoreConnection } from '../../src/store/connection.ts';
import { RedisJournal } from '../../src/store/journal.ts';
import { redisPlace } from '../../src/store/place.ts';
import { aScene, type Scene } from '../engine/scene.ts';
import { SOON_MS, until, watchedRedis } from './many-redis.ts';
import { type MirrorParts, mirrored } from './mirrored.ts';

const TEN_MINUTES_MS = 600_000;
/** A whole rollout whose every fact is written twice: some seconds of one processor, of which a busy machine has a tenth. */
const LIMIT_MS = 6 * SOON_MS;
/** More than the sockets of this machine hold. */
const FILLER = 'x'.repeat(16_000_000);
const closing: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

function opened(url: string): StoreConnection {
  const store = new StoreConnection({ address: redisPlace(url) });
  closing.push(() => store.close());
  return store;
}

function sceneOver(real: RedisJournal, more: Pick<MirrorParts, 'before'> = {}): Scene {
  const scene = aScene();
  scene.between(mirrored({ real, time: scene.house.time, ...more }));
  scene.start();
  return scene;
}

/** Ten minutes during which nothing can be written down: nothing new is begun, and what was in flight ends by itself. */
async function standsStill(scene: Scene): Promise<void> {
  const begun = scene.facts('step-begun').length;
  const { entries } = scene.audit;
  const before = entries.length;
  await scene.house.time.advance(TEN_MINUTES_MS);
  expect(scene.facts('step-begun')).toHaveLength(begun);
  expect(scene.audit.entries).toHaveLength(before);
  scene.house.voices.said.length = 0;
}

async function endsWell(scene: Scene): Promise<void> {
  await scene.plays();
  expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
  expect(new Set(Object.values(scene.counted('installs')))).toEqual(new Set([1]));
  expect(new Set(Object.values(scene.counted('reboots')))).toEqual(new Set([1]));
  scene.audit.close();
  // That a task met an absent Redis and was started again is no fault here.
  const absence = /logged in error: .*(Redis at|NOREPLICAS)/;
  expect(scene.audit.broken.filter((one) => !absence.test(one))).toEqual([]);
}

describe('a rollout whose Redis', () => {
  it('is full for ten minutes while a control-plane node restarts stops there, and goes on', {
    timeout: LIMIT_MS,
  }, async () => {
    const redis = await ownRedis();
    closing.push(() => redis.stop());
    const store = opened(redis.url);
    const scene = sceneOver(new RedisJournal(store, { prefix: 'full' }));
    await scene.untilStep('cp-1', 'reboot', 'step-begun');
    await store.call((client) => client.config('SET', 'maxmemory', '1'));
    await standsStill(scene);
    await store.call((client) => client.config('SET', 'maxmemory', '0'));
    await endsWell(scene);
    expect(await new RedisJournal(store, { prefix: 'full' }).read(CLUSTER, scene.id)).toHaveLength(
      scene.audit.entries.length,
    );
  });

  it('is killed twice, and hangs for a while, loses and repeats nothing', {
    timeout: LIMIT_MS,
  }, async () => {
    const redis = await ownRedis();
    closing.push(() => redis.stop());
    const scene = sceneOver(new RedisJournal(opened(redis.url), { prefix: 'dies' }), {
      before: async ({ events }) => {
        const kinds = events.map((event) => `${event.kind} ${'step' in event ? event.step : ''}`).join();
        if (!/step-begun \S*w-1-(drain|install)|step-ended \S*w-1-reboot/.test(kinds) || met.has(kinds))
          return;
        met.add(kinds);
        if (kinds.includes('install')) {
          redis.freeze();
          setTimeout(() => redis.thaw(), 2_200);
        } else {
          await redis.kill();
          await redis.restart();
        }
      },
    });
    const met = new Set<string>();
    await endsWell(scene);
    expect(met.size).toBe(3);
  });
});

describe('a rollout whose master', () => {
  it('has no replica for ten minutes, then dies with a begun step that nobody else has, sends every act once', {
    timeout: LIMIT_MS,
  }, async () => {
    const redis = await watchedRedis();
    closing.push(() => redis.stop());
    let cut: 'not yet' | 'now' | 'done' = 'not yet';
    let dying: Promise<void> = Promise.resolve();
    let dead: Promise<void> = Promise.resolve();
    let rebootsThen: number | null = null;
    const writer = { store: opened(redis.url), replicas: 1 };
    const journal = new RedisJournal(opened(redis.url), { prefix: 'over', writing: () => writer });
    // Leases are the house's: who read the begun step in the dying master would act on it, which a lease of Redis prevents.
    const append = journal.append.bind(journal);
    journal.append = async (asked) => {
      try {
        return await append(asked);
      } finally {
        await dead;
      }
    };
    const scene = sceneOver(journal, {
      before: async ({ events }) => {
        const reboots = events.some((event) => event.kind === 'step-begun' && /w-2-reboot/.test(event.step));
        if (!reboots || cut !== 'now') return;
        cut = 'done';
        const length = (): Promise<number> =>
          redis.master.client.llen(`over:{${CLUSTER}}:journal:${scene.id}`);
        const before = await length();
        // The replica hears nothing any more and its socket is full, so what comes now stays in the master and dies with it.
        redis.replica.signal('SIGSTOP');
        for (let n = 0; n < 4; n += 1) await redis.master.client.set('filler', FILLER);
        dead = until('the begun step in the master', async () => (await length()) > before).then(async () => {
          rebootsThen = scene.counted('reboots')['w-2'] ?? 0;
          await redis.master.kill();
        });
        dying = dead.then(async () => {
          await redis.hurry();
          redis.replica.signal('SIGCONT');
          await redis.rejoin();
          expect(await redis.replica.client.llen(`over:{${CLUSTER}}:journal:${scene.id}`)).toBe(before);
        });
      },
    });
    await scene.untilStep('w-1', 'reboot', 'step-begun');
    await redis.master.client.config('SET', 'min-replicas-to-write', '2');
    await standsStill(scene);
    await redis.master.client.config('SET', 'min-replicas-to-write', '0');
    cut = 'now';
    await scene.untilStep('w-2', 'install', 'step-ended');
    await endsWell(scene);
    await dying;
    expect(rebootsThen).toBe(0);
  });
});
