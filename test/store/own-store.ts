// A server of our own for a file of tests that change its settings, and a connection to it.
import { afterAll, beforeAll } from 'vitest';
import { ownRedis, type PlaygroundRedis } from '../../playground/redis.ts';
import { redisAddress } from '../../src/store/address.ts';
import { StoreConnection } from '../../src/store/connection.ts';

/** The first run of all builds or downloads a Redis. */
const START_LIMIT_MS = 600_000;

interface OwnStore {
  readonly redis: PlaygroundRedis;
  readonly store: StoreConnection;
}

/** To be called once by the file, above its tests; there as soon as one of them runs. */
export function ownStore(): OwnStore {
  let up: OwnStore | null = null;
  const running = (): OwnStore => {
    if (up === null) throw new Error('no test runs yet');
    return up;
  };
  beforeAll(async () => {
    const redis = await ownRedis();
    up = { redis, store: new StoreConnection({ address: redisAddress(redis.url) }) };
  }, START_LIMIT_MS);
  afterAll(async () => {
    up?.store.close();
    // A server that just switched AOF on does not end when asked politely.
    await up?.redis.kill();
    await up?.redis.stop();
  });
  return {
    get redis() {
      return running().redis;
    },
    get store() {
      return running().store;
    },
  };
}
