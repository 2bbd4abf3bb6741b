// Only on a server of our own: these tests change its settings.
import { afterEach, describe, expect, it } from 'vitest';
import { bringRedis } from '../../playground/redis.ts';
import { inspectStore, refuseForeignJournal } from '../../src/store/guard.ts';
import { ownStore } from './own-store.ts';

const own = ownStore();
const set = (name: string, value: string) => own.store.call((client) => client.config('SET', name, value));

describe('inspecting a store', () => {
  afterEach(async () => {
    await set('maxmemory-policy', 'noeviction');
    await set('appendonly', 'yes');
    await set('save', '');
  });

  it('finds a server with AOF and without eviction fit', async () => {
    expect(await inspectStore(own.store)).toEqual({ kind: 'fit', warnings: [], replicas: 0 });
  });

  it.each(['allkeys-lru', 'volatile-ttl'])(
    'refuses the policy %s with a sentence that says what to do',
    async (policy) => {
      await set('maxmemory-policy', policy);
      const sentence = expect.stringMatching(
        new RegExp(`maxmemory-policy is ${policy}\\. Set maxmemory-policy to noeviction`),
      );
      expect(await inspectStore(own.store)).toEqual({ kind: 'unfit', sentence });
    },
  );

  it('warns of a server that keeps nothing on disk, and not of one that saves snapshots', async () => {
    await set('appendonly', 'no');
    expect(await inspectStore(own.store)).toEqual({
      kind: 'fit',
      replicas: 0,
      warnings: [expect.stringContaining('a restart forgets every rollout')],
    });
    await set('save', '900 1');
    expect(await inspectStore(own.store)).toEqual({ kind: 'fit', warnings: [], replicas: 0 });
  });
});

describe('a foreign journal', () => {
  const put = (key: string) => own.store.call((client) => client.rpush(key, 'x'));
  const drop = (key: string) => own.store.call((client) => client.unlink(key));
  const isOurs = (prefix: string) => prefix.startsWith('playground-');

  it('is not seen where there is none, nor in other people’s keys, nor in ours', async () => {
    const keys = ['cart:{7}:items', '{talos-chatops}:bull:bells:1', 'playground-1:{prod}:journal:r1'];
    for (const key of keys) await put(key);
    expect(await refuseForeignJournal(own.store, isOurs)).toBeNull();
    for (const key of keys) await drop(key);
  });

  it.each(['talos-chatops:{prod}:journal:r1', 'talos-chatops:{prod}:claim'])(
    'is seen by its key %s among 5,000 others',
    async (key) => {
      await own.store.call((client) =>
        client.mset(...Array.from({ length: 5_000 }, (_, i) => [`other:{${i}}:x`, '1']).flat()),
      );
      await put(key);
      expect(await refuseForeignJournal(own.store, isOurs)).toContain(
        'another talos-chatops (prefix "talos-chatops")',
      );
      await drop(key);
    },
  );

  it('keeps the playground from using the Redis it was offered, and untouched', async () => {
    await put('talos-chatops:{prod}:journal:r1');
    await expect(bringRedis({ env: { REDIS_URL: own.redis.url } })).rejects.toThrow(
      'holds the journal of another talos-chatops',
    );
    expect(await own.store.call((client) => client.exists('talos-chatops:{prod}:journal:r1'))).toBe(1);
    await drop('talos-chatops:{prod}:journal:r1');
  });
});
