// A Redis of our own for a file of tests about queues, with a namespace per test, and what they opened closed after each.
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import { ownRedis, type PlaygroundRedis } from '../../playground/redis.ts';
import type { BullBells } from '../../src/jobs/bells.ts';
import { redisAddress } from '../../src/store/address.ts';

/** The first run of all builds or downloads a Redis. */
const START_LIMIT_MS = 600_000;

interface OwnQueues {
  readonly redis: PlaygroundRedis;
  /** Closed after the test, last opened first. */
  readonly closing: (() => Promise<void>)[];
  /** No bell of one test is heard in another. */
  readonly queues: () => Pick<ConstructorParameters<typeof BullBells>[0], 'connection' | 'prefix'>;
}

/** To be called once by the file, above its tests; there as soon as one of them runs. */
export function ownQueues(): OwnQueues {
  let up: PlaygroundRedis | null = null;
  let tests = 0;
  const closing: (() => Promise<void>)[] = [];
  const running = (): PlaygroundRedis => {
    if (up === null) throw new Error('no test runs yet');
    return up;
  };
  beforeAll(async () => {
    up = await ownRedis();
  }, START_LIMIT_MS);
  beforeEach(() => {
    tests += 1;
  });
  afterEach(async () => {
    for (const close of closing.splice(0).reverse()) await close();
  });
  afterAll(() => up?.stop());
  return {
    get redis() {
      return running();
    },
    closing,
    queues: () => {
      const { url, prefix } = running();
      return { connection: { ...redisAddress(url) }, prefix: `${prefix}:${tests}` };
    },
  };
}
