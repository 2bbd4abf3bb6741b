// Both stores under the contract of Threads.
import { afterAll, beforeAll, describe } from 'vitest';
import { bringRedis, type PlaygroundRedis } from '../../playground/redis.ts';
import { openMemory, openRedis } from './journal-under-test.ts';
import { threadsContract } from './threads.contract.ts';

let redis: PlaygroundRedis;
beforeAll(async () => {
  redis = await bringRedis();
}, 600_000);
afterAll(() => redis?.stop());

describe('threads in this process', () => threadsContract(openMemory));
describe('threads in Redis', () => threadsContract(openRedis(() => redis)));
