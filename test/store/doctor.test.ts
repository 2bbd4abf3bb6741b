// How a Redis says it keeps things, asked afresh each time; only on a server of our own, as its settings are changed.
import { expect, it } from 'vitest';
import { redisAddress } from '../../src/store/address.ts';
import { StoreConnection } from '../../src/store/connection.ts';
import { redisDoctor } from '../../src/store/doctor.ts';
import { NO_SEALS } from '../../src/store/seal.ts';
import { ownStore } from './own-store.ts';

const ALONE = { replicas: () => 0, seals: NO_SEALS };

const own = ownStore();

it.each([
  ['every fact', { appendonly: 'yes', save: '' }, 'appended'],
  ['snapshots', { appendonly: 'no', save: '900 1' }, 'snapshots'],
  ['nothing', { appendonly: 'no', save: '' }, 'none'],
] as const)('tells that it keeps %s', async (_, settings, persistence) => {
  for (const [name, value] of Object.entries(settings))
    await own.store.call((client) => client.config('SET', name, value));
  const before = Date.now();
  const health = await redisDoctor(own.store, ALONE).look();
  expect(health).toMatchObject({ persistence, evictionPolicy: 'noeviction', where: own.store.where });
  // The same machine's clock: it can only lie between the question and the answer.
  expect(health.at).toBeGreaterThanOrEqual(before - 1);
  expect(health.at).toBeLessThanOrEqual(Date.now() + 1);
});

it('rejects when nobody answers', async () => {
  const away = new StoreConnection({ address: redisAddress('redis://127.0.0.1:1') });
  await expect(redisDoctor(away, ALONE).look()).rejects.toMatchObject({ kind: 'unreachable' });
  away.close();
});
