// A master, its replica and three sentinels, started here: what a fail-over may take, and what it must not.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import { StoreConnection } from '../../src/store/connection.ts';
import { RedisJournal } from '../../src/store/journal.ts';
import { type OpenStore, openStore } from '../../src/store/open.ts';
import { redisPlace } from '../../src/store/place.ts';
import { NO_SEALS } from '../../src/store/seal.ts';
import { anAsk, request, started } from '../contracts/journal-under-test.ts';
import { aLog } from '../jobs/a-log.ts';
import { SOON_MS, until, type WatchedRedis, watchedRedis } from './many-redis.ts';
import { ringing } from './ringing.ts';

/** A sentinel whose timer was late by 2 s on a busy machine does nothing for 30 s (Redis calls it TILT). */
const FAILED_OVER_MS = 90_000;

let redis: WatchedRedis;
const opened: OpenStore[] = [];
const log = aLog();
const said: string[] = [];
beforeAll(async () => {
  redis = await watchedRedis();
}, 600_000);
afterEach(() => {
  for (const store of opened.splice(0)) store.close();
});
afterAll(() => redis?.stop());

async function open(prefix: string): Promise<OpenStore> {
  const settings = { url: redis.url, prefix, replicas: null, seals: NO_SEALS };
  const surroundings = { log: log.log, onChange: (state: string) => void said.push(state) };
  const store = await answered('a store', () => openStore(settings, surroundings));
  if (store.kind === 'unfit') throw new Error(store.sentence);
  opened.push(store);
  return store;
}

/**
 * What comes of it once somebody answers. Who is told of a fail-over dials again, and each sentinel tells of it when it learns of it,
 * so a connection to the new master may be left once more; and a busy machine may take longer to dial than a call is patient.
 */
async function answered<T>(what: string, call: () => Promise<T>): Promise<T> {
  let outcome: Promise<T> | null = null;
  await until(what, async () => {
    outcome = call();
    return await outcome.then(
      () => true,
      (error: unknown) => !(error instanceof Fault && error.kind === 'unreachable'),
    );
  });
  return await (outcome ?? call());
}

// In this order: each test leaves the servers as the next one needs them.
describe('a Redis that Sentinel watches', () => {
  it('is found, and waits for its replica without being told to', async () => {
    const { doctor, journal } = await open('found');
    expect(await doctor.look()).toMatchObject({
      replicas: { needed: 1, online: 1 },
      evictionPolicy: 'noeviction',
    });
    expect(await journal.append(request(0, [anAsk('r1')]))).toMatchObject({ kind: 'appended' });
    expect(await redis.replica.client.llen('found:{prod}:journal:r1')).toBe(1);
  });

  it('acknowledges nothing that only the master has, and is not slowed down otherwise', async () => {
    const { journal } = await open('frozen');
    await journal.append(request(0, [anAsk('r1')]));
    redis.replica.signal('SIGSTOP');
    // Expected from the start: a slow machine may read for longer than the append waits.
    const late = expect(journal.append(request(1, [started]))).rejects.toMatchObject({
      kind: 'busy',
      code: 'UNACKNOWLEDGED',
      message: expect.stringContaining('nothing is done on the strength of it'),
    });
    // Reading does not wait behind it.
    expect(await journal.claimOf('prod')).toBeNull();
    await late;
    redis.replica.signal('SIGCONT');
    await until('an append', async () => {
      const { length } = await journal.read('prod', 'r1');
      return (await journal.append(request(length, [started]))).kind === 'appended';
    });
  });

  it('lets nobody drive on the strength of what only the master has', async () => {
    const { journal } = await open('taken');
    await journal.append(request(0, [anAsk('r1')]));
    redis.replica.signal('SIGSTOP');
    await expect(journal.append(request(1, [started]))).rejects.toMatchObject({ code: 'UNACKNOWLEDGED' });
    await expect(journal.take('prod', 'r1', 'worker-2')).rejects.toMatchObject({ code: 'UNACKNOWLEDGED' });
    // Later it is known to be away, and nobody waits for it.
    await until('the absence to be known', async () => {
      const error: unknown = await journal.take('prod', 'r1', 'worker-2').catch((reason: unknown) => reason);
      return error instanceof Fault && error.code === 'NOREPLICAS';
    });
    redis.replica.signal('SIGCONT');
    await until('a lease', async () => (await journal.take('prod', 'r1', 'worker-2')).kind === 'taken');
    expect(await redis.replica.client.llen('taken:{prod}:journal:r1')).toBe(2);
  });

  it('fails over without losing an acknowledged fact; who remembers a lost one is sent back to the beginning', {
    timeout: FAILED_OVER_MS + SOON_MS,
  }, async () => {
    const { journal, queues } = await open('over');
    const { worker, bells, rings } = ringing({ connection: queues, prefix: 'over' }, log.log);
    await worker.ready();
    await journal.append(request(0, [anAsk('r1')]));
    let version = 1;
    for (let n = 0; n < 20; n++) {
      const reply = await journal.append(request(version, [started]));
      version = reply.kind === 'appended' ? reply.version : version;
    }
    expect(version).toBe(21);
    // Written by somebody who waits for no replica, while none listens: this is what a fail-over takes.
    redis.replica.signal('SIGSTOP');
    await redis.master.client.client('KILL', 'TYPE', 'REPLICA');
    const careless = new StoreConnection({ address: redisPlace(redis.url) });
    const lost = new RedisJournal(careless, { prefix: 'over' });
    await answered('a connection', () => lost.claimOf('prod'));
    expect(await lost.append(request(21, [started, started]))).toMatchObject({ version: 23 });
    const remembered = await lost.read('prod', 'r1');
    careless.close();
    await redis.hurry();
    await redis.master.kill();
    redis.replica.signal('SIGCONT');
    await vi.waitFor(async () => expect(await journal.read('prod', 'r1')).toHaveLength(21), {
      timeout: FAILED_OVER_MS,
      interval: 100,
    });
    expect(said).toContain('away');
    const link = remembered.at(-1)?.link ?? '';
    const further = answered('the new master', () => journal.read('prod', 'r1', 23, link));
    await expect(further).rejects.toMatchObject({ code: 'JOURNAL_FORKED' });
    const onTop = answered('the new master', () => journal.append(request(23, [started], { link })));
    expect(await onTop).toEqual({ kind: 'forked' });
    // The new master has nobody who could take over.
    await until('the new master', async () => {
      const error: unknown = await journal.append(request(21, [started])).catch((reason: unknown) => reason);
      return error instanceof Error && error.message.includes('so nothing was written down');
    });
    expect(await answered('the new master', () => journal.read('prod', 'r1'))).toHaveLength(21);
    await until('a bell', rings('r1'));
    await Promise.all([worker.stop(), bells.close()]);
  });

  it('is refused at the next look when the new master may throw journals away', {
    timeout: 2 * SOON_MS,
  }, async () => {
    await redis.replica.client.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const settings = { url: redis.url, prefix: 'evicts', replicas: 0, seals: NO_SEALS };
    const surroundings = { log: log.log, onChange: () => undefined };
    expect(await answered('a store', () => openStore(settings, surroundings))).toMatchObject({
      kind: 'unfit',
      sentence: expect.stringContaining('maxmemory-policy is allkeys-lru'),
    });
  });
});
