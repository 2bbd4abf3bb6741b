// Both stores under the contract of Deliveries.
import { afterAll, beforeAll, describe } from 'vitest';
import { bringRedis, type PlaygroundRedis } from '../../playground/redis.ts';
import { deliveriesContract } from './deliveries.contract.ts';
import { openMemory, openRedis } from './journal-under-test.ts';

let redis: PlaygroundRedis;
beforeAll(async () => {
  redis = await bringRedis();
}, 600_000);
afterAll(() => redis?.stop());

describe('deliveries in this process', () => deliveriesContract(openMemory));
describe('deliveries in Redis', () => deliveriesContract(openRedis(() => redis)));
