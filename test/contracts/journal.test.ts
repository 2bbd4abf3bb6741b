// Both stores under the Journal's contract, and against each other.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bringRedis, type PlaygroundRedis } from '../../playground/redis.ts';
import { LEAST_SECRET_CHARS, sealsOf } from '../../src/store/seal.ts';
import { journalContract } from './journal.contract.ts';
import { LONG_LEASE_MS, memoryWith, openMemory, openRedis } from './journal-under-test.ts';
import { aWalk, unfinished, withLook } from './journal-walk.ts';

let redis: PlaygroundRedis;
beforeAll(async () => {
  redis = await bringRedis();
}, 600_000);
afterAll(() => redis?.stop());

describe('the journal in this process', () => journalContract(openMemory));
describe('the journal in Redis', () => journalContract(openRedis(() => redis)));

describe('both journals', () => {
  it.each([1, 2, 3, 4])(
    'answer 200 random calls alike, and keep "unfinished, so it has a Look" (seed %i)',
    { timeout: 30_000 },
    async (seed) => {
      const memory = await openMemory({ leaseMs: LONG_LEASE_MS });
      const real = await openRedis(() => redis)({ leaseMs: LONG_LEASE_MS });
      const [walkMemory, walkReal] = [aWalk(memory, seed), aWalk(real, seed)];
      for (let step = 0; step < 200; step++) {
        const answers = [await walkMemory(), await walkReal()];
        expect(answers[0], `step ${step}`).toEqual(answers[1]);
        for (const store of [memory, real])
          expect(await withLook(store), `step ${step}`).toEqual(await unfinished(store));
      }
      await real.close();
    },
  );
});

const seals = sealsOf({ key: 'k'.repeat(LEAST_SECRET_CHARS), former: [], unsigned: 'refused' });
describe('the signed journal in this process', () => journalContract(memoryWith(seals), 'signed'));
describe('the signed journal in Redis', () =>
  journalContract(
    openRedis(() => ({ ...redis, seals })),
    'signed',
  ));
