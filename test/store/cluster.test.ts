// Redis Cluster: three masters with a replica each, started here. The same contracts, the queues, the guard, and a fail-over.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Bell } from '../../src/engine/ports/bells.ts';
import type { ErrandReport } from '../../src/engine/ports/errands.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import { BullBells } from '../../src/jobs/bells.ts';
import { BullErrands } from '../../src/jobs/errands.ts';
import { startWorker } from '../../src/jobs/worker.ts';
import { queueConnection } from '../../src/store/clients.ts';
import { StoreConnection } from '../../src/store/connection.ts';
import { redisDoctor } from '../../src/store/doctor.ts';
import { inspectStore, refuseForeignJournal } from '../../src/store/guard.ts';
import { RedisJournal } from '../../src/store/journal.ts';
import { clusterKeys } from '../../src/store/keys.ts';
import { redisPlace } from '../../src/store/place.ts';
import { NO_SEALS } from '../../src/store/seal.ts';
import { deliveriesContract } from '../contracts/deliveries.contract.ts';
import { journalContract } from '../contracts/journal.contract.ts';
import { anAsk, openRedis, request, started } from '../contracts/journal-under-test.ts';
import { threadsContract } from '../contracts/threads.contract.ts';
import { aLog } from '../jobs/a-log.ts';
import { type RedisCluster, redisCluster, SOON_MS, until } from './many-redis.ts';

let redis: RedisCluster;
let store: StoreConnection;
beforeAll(async () => {
  redis = await redisCluster({ replicas: 1 });
  store = new StoreConnection({ address: redisPlace(redis.url) });
}, 600_000);
afterAll(async () => {
  store?.close();
  await redis?.stop();
});

const open = openRedis(() => ({ url: redis.url, prefix: 'contract', replicas: 1 }));
// Six servers keep each fact twice: what takes a second beside them takes ten on a busy machine.
const slow = { timeout: 2 * SOON_MS };
describe('the journal in a Redis Cluster', slow, () => journalContract(open));
describe('threads in a Redis Cluster', slow, () => threadsContract(open));
describe('deliveries in a Redis Cluster', slow, () => deliveriesContract(open));

/** Enough names for keys on every one of the three masters. */
const CLUSTERS = Array.from({ length: 12 }, (_, index) => `fleet-${index}`);

/** Which master serves a cluster's keys. */
async function masterOf(cluster: string, prefix: string): Promise<number> {
  const key = clusterKeys(prefix, cluster).claim;
  const slot = Number(await redis.masters[0]?.client.cluster('KEYSLOT', key));
  return Math.min(2, Math.floor((slot * 3) / 16_384));
}

describe('many clusters over many slots', () => {
  it('are swept together, longest overdue first', async () => {
    const journal = new RedisJournal(store, { prefix: 'sweep' });
    const masters = await Promise.all(CLUSTERS.map((cluster) => masterOf(cluster, 'sweep')));
    expect(new Set(masters)).toEqual(new Set([0, 1, 2]));
    for (const cluster of CLUSTERS)
      await journal.append(request(0, [anAsk('r1', cluster)], { cluster, claim: 'take' }));
    const due = await journal.due(CLUSTERS.toReversed(), 50);
    expect(due.map(({ cluster }) => cluster).sort()).toEqual([...CLUSTERS].sort());
    expect(await journal.due(CLUSTERS, 3)).toHaveLength(3);
  });
});

describe('queues in a Redis Cluster', () => {
  it('ring bells and run errands', { timeout: 3 * SOON_MS }, async () => {
    const queues = { connection: queueConnection(redisPlace(redis.url)), prefix: 'queues' };
    const heard: Bell[] = [];
    const failed: unknown[] = [];
    const report: ErrandReport = { kind: 'setup', lines: [] };
    const worker = startWorker({
      ...queues,
      concurrency: 2,
      log: aLog().log,
      onBell: async (bell) => void heard.push(bell),
      onErrand: async () => report,
    });
    const bells = new BullBells({ ...queues, onError: (_, error) => failed.push(error) });
    const errands = new BullErrands({ ...queues, onError: (_, error) => failed.push(error) });
    await worker.ready();
    const bell: Bell = { goal: 'upgrade-talos', cluster: 'prod', rollout: 'r1' };
    await until('a bell', async () => {
      await bells.ring(bell);
      return heard.length > 0;
    });
    expect(heard[0]).toEqual(bell);
    let answer: ErrandReport | null = null;
    await until('an answer', async () => {
      answer = await errands.run({ kind: 'setup', cluster: 'prod' }, SOON_MS);
      return answer.kind !== 'failed';
    });
    expect(answer).toEqual(report);
    await Promise.all([worker.stop(), bells.close(), errands.close()]);
  });
});

describe('the guard', () => {
  it('asks every master', async () => {
    expect(await inspectStore(store)).toEqual({ kind: 'fit', warnings: [], replicas: 1 });
    const [, , third] = redis.masters;
    await third?.client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const sentence = expect.stringContaining(`127.0.0.1:${third?.port} may throw away journals`);
    expect(await inspectStore(store)).toEqual({ kind: 'unfit', sentence });
    expect(await redisDoctor(store, { replicas: () => 1, seals: NO_SEALS }).look()).toMatchObject({
      evictionPolicy: 'allkeys-lru',
      replicas: { needed: 1, online: 1 },
    });
    await third?.client.config('SET', 'maxmemory-policy', 'noeviction');
    const foreign = new RedisJournal(store, { prefix: 'somebody' });
    for (const cluster of CLUSTERS) await foreign.append(request(0, [anAsk('r1', cluster)], { cluster }));
    expect(await refuseForeignJournal(store, (prefix) => prefix !== 'somebody')).toContain('"somebody"');
  });
});

describe('a master that dies', () => {
  it('takes nothing with it that was acknowledged, and keeps no other cluster waiting', {
    timeout: 3 * SOON_MS,
  }, async () => {
    const writer = new StoreConnection({ address: redisPlace(redis.url) });
    const journal = new RedisJournal(store, {
      prefix: 'dies',
      writing: () => ({ store: writer, replicas: 1 }),
    });
    const places = await Promise.all(CLUSTERS.map((cluster) => masterOf(cluster, 'dies')));
    const hit = CLUSTERS[places.indexOf(0)] ?? '';
    const spared = CLUSTERS[places.indexOf(1)] ?? '';
    const versions = new Map<string, number>();
    for (const cluster of [hit, spared]) {
      await journal.append(request(0, [anAsk('r1', cluster)], { cluster }));
      versions.set(cluster, 1);
    }
    let over = false;
    const filling = (async () => {
      while (!over) {
        const expected = versions.get(hit) ?? 0;
        const reply = await journal.append(request(expected, [started], { cluster: hit })).catch(() => null);
        if (reply?.kind !== 'appended') return;
        versions.set(hit, reply.version);
      }
    })();
    await until('thirty entries', async () => (versions.get(hit) ?? 0) > 30);
    await redis.hurry();
    await redis.masters[0]?.kill();
    over = true;
    await filling;
    // The other cluster goes on while the first one has no master.
    expect(await journal.append(request(1, [started], { cluster: spared }))).toMatchObject({
      kind: 'appended',
    });
    expect((await journal.due([hit, spared], 5)).map(({ cluster }) => cluster)).toContain(spared);
    const acknowledged = versions.get(hit) ?? 0;
    await until('a new master', async () => (await journal.read(hit, 'r1')).length >= acknowledged);
    // It has no replica now: nothing is written that nobody could take over, and without asking for one it goes on.
    const { length } = await journal.read(hit, 'r1');
    // The writer learns by itself, and not at the same moment, who is the new master.
    let refusal: unknown = null;
    await until('a refusal', async () => {
      refusal = await journal
        .append(request(length, [started], { cluster: hit }))
        .catch((reason: unknown) => reason);
      return !(refusal instanceof Fault && refusal.kind === 'unreachable');
    });
    expect(refusal).toMatchObject({
      kind: 'busy',
      code: 'NOREPLICAS',
      message: expect.stringContaining('nothing was written down'),
    });
    expect(await journal.read(hit, 'r1')).toHaveLength(length);
    const careless = new RedisJournal(store, { prefix: 'dies' });
    await until('an append', async () => {
      const reply = await careless.append(request(length, [started], { cluster: hit }));
      return reply.kind === 'appended';
    });
    writer.close();
  });
});
