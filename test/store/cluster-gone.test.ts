// A Redis Cluster of which no server is there: what waits for it neither ends nor keeps the process from everything else.
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it, onTestFinished } from 'vitest';
import { queueConnection } from '../../src/store/clients.ts';
import { StoreConnection } from '../../src/store/connection.ts';
import { type ClusterPlace, redisPlace } from '../../src/store/place.ts';
import { timed } from './lived.ts';
import { freePorts, redisCluster, SOON_MS, until } from './many-redis.ts';
import { ringing } from './ringing.ts';

const LIMIT_MS = 5 * SOON_MS;
/** Longer than anything that refuses at once takes. */
const A_WHILE_MS = 500;
/** Longer than it takes every connection to notice that it is lost. */
const AWAY_MS = 3_000;
/** What a worker is given to stop, and well more than it may then take. */
const STOP_MS = 500;
const STOPPED_MS = 10_000;
/** Of one processor: BullMQ asks again at once when it is refused, and then takes all of it. */
const MOST_BUSY = 0.5;

/** What a client of the queues says of a command while nobody is there; `waits` when it says nothing. */
async function saidAwayFrom(place: ClusterPlace, maxRetriesPerRequest: number | null): Promise<string> {
  const connection = queueConnection(place);
  if (!('cluster' in connection)) throw new Error('not a Cluster');
  const client = connection.cluster({ maxRetriesPerRequest });
  client.on('error', () => {});
  onTestFinished(() => client.disconnect());
  const said = client.get('x').then(
    () => 'done',
    (error: unknown) => String(error),
  );
  return Promise.race([said, pause(A_WHILE_MS, 'waits')]);
}

async function nowhere(): Promise<ClusterPlace> {
  const [nobody = 0] = await freePorts(1);
  return { kind: 'cluster', nodes: [{ host: '127.0.0.1', port: nobody }] };
}

it('a worker waits for it, and whoever rings is told at once', async () => {
  const place = await nowhere();
  expect(await saidAwayFrom(place, null)).toBe('waits');
  expect(await saidAwayFrom(place, 1)).toContain("isn't ready");
});

it('bells, their worker and the store are well when it is back; a worker can stop without it', {
  timeout: LIMIT_MS,
}, async () => {
  // A worker that does not wait would keep this process from ever telling of it.
  expect(await saidAwayFrom(await nowhere(), null)).toBe('waits');
  const redis = await redisCluster({ replicas: 0 });
  onTestFinished(() => redis.stop());
  const queues = { connection: queueConnection(redisPlace(redis.url)), prefix: 'gone' };
  const store = new StoreConnection({ address: redisPlace(redis.url) });
  const { worker, bells, rings } = ringing(queues);
  onTestFinished(async () => {
    store.close();
    await Promise.all([worker.stop(STOP_MS), bells.close()]);
  });
  await worker.ready();
  const works = async (when: string): Promise<void> => {
    await until(`a write ${when}`, () =>
      store.call(async (client) => (await client.set('x', when)) === 'OK'),
    );
    await until(`a bell ${when}`, rings(when));
  };
  await works('before');
  await Promise.all(redis.masters.map((server) => server.kill()));
  const before = process.cpuUsage();
  await pause(AWAY_MS);
  const { user, system } = process.cpuUsage(before);
  expect(user + system).toBeLessThan(AWAY_MS * 1_000 * MOST_BUSY);
  await Promise.all(redis.masters.map((server) => server.again()));
  await works('after');
  await Promise.all(redis.masters.map((server) => server.kill()));
  await pause(A_WHILE_MS);
  const { result, livedMs } = await timed(worker.stop(STOP_MS));
  expect(result).toMatchObject({ status: 'fulfilled' });
  expect(livedMs).toBeLessThan(STOPPED_MS);
});
