// Opening the store: what is refused at the start, and what is noticed while it runs. Only on a server of our own.
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ownRedis, type PlaygroundRedis } from '../../playground/redis.ts';
import { redisAddress } from '../../src/store/address.ts';
import { StoreConnection } from '../../src/store/connection.ts';
import { type OpenStore, openStore } from '../../src/store/open.ts';
import { KEY_SCHEMA } from '../../src/store/schema.ts';
import { NO_SEALS } from '../../src/store/seal.ts';
import { anAsk, request, started } from '../contracts/journal-under-test.ts';
import { aLog } from '../jobs/a-log.ts';

let redis: PlaygroundRedis;
let direct: StoreConnection;
const opened: OpenStore[] = [];
beforeAll(async () => {
  redis = await ownRedis();
  direct = new StoreConnection({ address: redisAddress(redis.url) });
}, 600_000);
afterEach(() => {
  for (const store of opened.splice(0)) store.close();
});
afterAll(async () => {
  direct?.close();
  await redis?.stop();
});

async function open(prefix: string, log = aLog()): Promise<OpenStore | { readonly sentence: string }> {
  const settings = { url: redis.url, prefix, replicas: null, seals: NO_SEALS };
  const store = await openStore(settings, { log: log.log, onChange: () => undefined });
  if (store.kind === 'open') opened.push(store);
  return store;
}

describe('the version of the keys', () => {
  const key = (prefix: string) => `${prefix}:{schema}`;
  const found = (prefix: string) => direct.call((client) => client.get(key(prefix)));

  it('is written down at the first start, also above the keys of a version that wrote none', async () => {
    await direct.call((client) => client.rpush('old:{prod}:journal:r1', 'x'));
    for (const prefix of ['fresh', 'old', 'old']) expect(await open(prefix)).toMatchObject({ kind: 'open' });
    expect([await found('fresh'), await found('old')]).toEqual([String(KEY_SCHEMA), String(KEY_SCHEMA)]);
  });

  it.each([
    [
      String(KEY_SCHEMA + 1),
      `are of version ${KEY_SCHEMA + 1}, and this version of talos-chatops knows up to`,
    ],
    ['newest', 'have the version "newest"'],
  ])('%s is refused with a sentence that says what to do, and stays', async (version, why) => {
    await direct.call((client) => client.set(key('newer'), version));
    const refused = await open('newer');
    expect(refused).toMatchObject({ kind: 'unfit', sentence: expect.stringContaining(why) });
    expect(refused).toMatchObject({ sentence: expect.stringContaining('Start the newer version again') });
    expect(await found('newer')).toBe(version);
  });

  it('is raised from an older one', async () => {
    await direct.call((client) => client.set(key('older'), '0'));
    expect(await open('older')).toMatchObject({ kind: 'open' });
    expect(await found('older')).toBe(String(KEY_SCHEMA));
  });
});

describe('settings that change while it runs', () => {
  it('close the journal with the next server that is connected, and open it again', {
    timeout: 30_000,
  }, async () => {
    const log = aLog();
    const store = await open('watched', log);
    if (!('journal' in store)) throw new Error(store.sentence);
    await store.journal.append(request(0, [anAsk('r1')]));
    const policy = (value: string) =>
      direct.call((client) => client.config('SET', 'maxmemory-policy', value));
    const reconnected = () =>
      direct.call((client) => client.client('KILL', 'TYPE', 'NORMAL', 'SKIPME', 'YES'));
    await policy('allkeys-lru');
    await reconnected();
    await vi.waitFor(
      () =>
        expect(store.journal.append(request(1, [started]))).rejects.toMatchObject({
          kind: 'refused',
          code: 'UNFIT_STORE',
          message: expect.stringContaining('maxmemory-policy is allkeys-lru'),
        }),
      { timeout: 10_000 },
    );
    expect(log.lines.join()).toContain('Redis is not set up as it must be; nothing is written down');
    await policy('noeviction');
    await reconnected();
    await vi.waitFor(() => expect(log.lines.join()).toContain('Redis is set up as it must be again'), {
      timeout: 10_000,
    });
    const { length } = await store.journal.read('prod', 'r1');
    expect(await store.journal.append(request(length, [started]))).toMatchObject({ kind: 'appended' });
  });
});
