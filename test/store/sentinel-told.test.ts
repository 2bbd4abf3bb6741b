// What Sentinel tells while it is asked: no connection is at its end because of it.
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { queueConnection, storeClient } from '../../src/store/clients.ts';
import { StoreConnection } from '../../src/store/connection.ts';
import { aSentinel } from './a-sentinel.ts';
import { KEPT, Server, SOON_MS, until } from './many-redis.ts';
import { ringing } from './ringing.ts';

const LIMIT_MS = 4 * SOON_MS;
/** Between two attempts to connect at most 200 ms pass. */
const LONGER_THAN_A_PAUSE_MS = 500;

const closing: (() => unknown)[] = [];
let master: Server;
beforeEach(async () => {
  master = await Server.start(KEPT);
}, 600_000);
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await master.stop();
});

describe('a fail-over that is told of while the connections ask for the master', () => {
  it('leaves the store alive', { timeout: LIMIT_MS }, async () => {
    const sentinel = await aSentinel(master, closing);
    const said: string[] = [];
    const store = new StoreConnection({ address: sentinel.place, onChange: (state) => said.push(state) });
    closing.push(() => store.close());
    const writes = (value: string) => () =>
      store.call(async (redis) => (await redis.set('x', value)) === 'OK');
    await until('a write before', writes('before'));
    await until('who hears of a fail-over', async () => sentinel.listeners() === 1);
    await sentinel.failOverWhileAsked(1);
    await until('a write after', writes('after'));
    // Also the next one, and once each.
    await until('who hears of the next', async () => sentinel.listeners() === 1);
    await sentinel.failOverWhileAsked(1);
    await until('a write after the next', writes('next'));
    expect(said).toEqual(['away', 'back', 'away', 'back']);
  });

  it('leaves bells and their worker alive', { timeout: LIMIT_MS }, async () => {
    const sentinel = await aSentinel(master, closing);
    const queues = { connection: queueConnection(sentinel.place), prefix: 'told' };
    const { worker, bells, rings } = ringing(queues);
    closing.push(() => Promise.all([worker.stop(500), bells.close()]));
    await worker.ready();
    await until('a bell before', rings('before'));
    // Both queues of the worker read on one connection and wait on another; the bells have one.
    await until('who hears of a fail-over', async () => sentinel.listeners() === 5);
    await sentinel.failOverWhileAsked(5);
    await until('a bell after', rings('after'));
    await until('five connections again', async () => sentinel.listeners() === 5);
  });
});

describe('a client that is closed while it asks for the master', () => {
  it('stays closed', { timeout: LIMIT_MS }, async () => {
    const sentinel = await aSentinel(master, closing);
    const client = storeClient(sentinel.place);
    client.on('error', () => {});
    await until('who hears of a fail-over', async () => sentinel.listeners() === 1);
    let dialled = 0;
    client.on('connecting', () => {
      dialled += 1;
      client.disconnect();
    });
    await sentinel.failOverWhileAsked(1).catch(() => undefined);
    await until('its end', async () => client.status === 'end');
    await pause(LONGER_THAN_A_PAUSE_MS);
    expect([client.status, dialled]).toEqual(['end', 1]);
    expect(sentinel.listeners()).toBe(0);
  });
});
