// A Redis Cluster of which one server is away, dead or silent: a process starts all the same, and says which one it is.
import { describe, expect, it, onTestFinished } from 'vitest';
import { StoreConnection } from '../../src/store/connection.ts';
import { redisDoctor } from '../../src/store/doctor.ts';
import { inspectStore, refuseForeignJournal } from '../../src/store/guard.ts';
import { clusterKeys, schemaKey } from '../../src/store/keys.ts';
import { type OpenStore, openStore } from '../../src/store/open.ts';
import { redisPlace } from '../../src/store/place.ts';
import { KEY_SCHEMA } from '../../src/store/schema.ts';
import { NO_SEALS } from '../../src/store/seal.ts';
import { watchStore } from '../../src/store/watch.ts';
import { anAsk, request } from '../contracts/journal-under-test.ts';
import { aLog } from '../jobs/a-log.ts';
import { type RedisCluster, redisCluster, type Server, SOON_MS, until } from './many-redis.ts';

const PREFIX = 'away';
/** Three servers start, one is noticed to be gone, and several questions wait for it to answer. */
const LIMIT_MS = 3 * SOON_MS;
/** Enough looks to meet each way in which the client knows a dead server: dialling, just ended, forgotten. */
const LOOKS = 6;
/** Enough names for keys on every one of the three masters. */
const CLUSTERS = Array.from({ length: 12 }, (_, index) => `fleet-${index}`);

interface Scene {
  readonly redis: RedisCluster;
  readonly store: StoreConnection;
  /** The server that has the version of the keys, and another one. */
  readonly schema: Server;
  readonly other: Server;
  readonly serves: (server: Server, cluster: string) => Promise<boolean>;
  readonly start: (log?: ReturnType<typeof aLog>) => Promise<OpenStore>;
}

async function aScene(): Promise<Scene> {
  const redis = await redisCluster({ replicas: 0 });
  onTestFinished(() => redis.stop());
  const store = new StoreConnection({ address: redisPlace(redis.url) });
  onTestFinished(() => store.close());
  // A call is patient for a second, and a busy machine may take longer to dial.
  await until('a connection', () => store.call(async ({ status }) => status === 'ready'));
  const at = await serverOf(redis, schemaKey(PREFIX));
  const [schema, other] = [redis.masters[at], redis.masters[(at + 1) % 3]];
  if (schema === undefined || other === undefined) throw new Error('a Cluster has three masters');
  const settings = { url: redis.url, prefix: PREFIX, replicas: 0, seals: NO_SEALS };
  await redis.hurry();
  return {
    ...{ redis, store, schema, other },
    serves: async (server, cluster) =>
      redis.masters[await serverOf(redis, clusterKeys(PREFIX, cluster).claim)] === server,
    start: async (log = aLog()) => {
      const opened = await openStore(settings, { log: log.log, onChange: () => undefined });
      if (opened.kind !== 'open') throw new Error(opened.sentence);
      onTestFinished(() => opened.close());
      return opened;
    },
  };
}

/** Which of the three masters serves a key. */
async function serverOf(redis: RedisCluster, key: string): Promise<number> {
  const slots = redis.masters.map(({ client }) => client.cluster('KEYSLOT', key).catch(() => null));
  const slot = (await Promise.all(slots)).find((one) => one !== null);
  return Math.min(2, Math.floor((Number(slot) * 3) / 16_384));
}

const whereOf = ({ port }: Server): string => `127.0.0.1:${port}`;
const awayWarning = (server: Server) =>
  expect.stringContaining(`Redis at ${whereOf(server)} does not answer: the clusters whose keys it has`);

describe('one server of a Cluster away', { timeout: LIMIT_MS }, () => {
  it('dead lets a process start, which drives what lies on the others', async () => {
    const { other, serves, start } = await aScene();
    await other.kill();
    const log = aLog();
    let begun: OpenStore | null = null;
    await until('a start', async () => {
      begun = await start(log);
      return true;
    });
    expect(log.lines.join('\n')).toContain(`Redis at ${whereOf(other)} does not answer`);
    const served = await Promise.all(CLUSTERS.map((cluster) => serves(other, cluster)));
    const spared = CLUSTERS[served.indexOf(false)] ?? '';
    const journal = (begun as OpenStore | null)?.journal;
    expect(await journal?.append(request(0, [anAsk('r1', spared)], { cluster: spared }))).toMatchObject({
      kind: 'appended',
    });
  });

  it('dead is found at every look, and said once', async () => {
    const { store, other } = await aScene();
    await other.kill();
    const said: string[] = [];
    const onWarning = (sentence: string) => void said.push(sentence);
    const watch = watchStore({ store, prefix: PREFIX, onUnfit: () => undefined, onWarning });
    onTestFinished(() => watch.stop());
    for (let look = 0; look < LOOKS; look++) {
      expect(await watch.look()).toEqual({ kind: 'fit', replicas: 0, warnings: [awayWarning(other)] });
      await store.lookAgain();
    }
    expect(said).toEqual([awayWarning(other)]);
    expect(await redisDoctor(store, { replicas: () => 0, seals: NO_SEALS }).look()).toMatchObject({
      away: [whereOf(other)],
      persistence: 'appended',
      evictionPolicy: 'noeviction',
    });
  });

  it('keeps the playground out: nobody knows what lies there', async () => {
    const { store, other } = await aScene();
    await other.kill();
    await expect(refuseForeignJournal(store, () => true)).rejects.toMatchObject({ kind: 'unreachable' });
  });

  it('silent, with the version of the keys, is asked for it again when it is back', async () => {
    const { store, schema, start } = await aScene();
    const version = () => store.call((client) => client.get(schemaKey(PREFIX)));
    schema.signal('SIGSTOP');
    onTestFinished(() => schema.signal('SIGCONT'));
    const log = aLog();
    await until('a start', async () => (await start(log)).kind === 'open');
    expect(log.lines.join('\n')).toContain(`Redis at ${whereOf(schema)} does not answer`);
    expect(log.lines.join('\n')).toContain(`The version of the keys under ${PREFIX} cannot be read`);
    schema.signal('SIGCONT');
    const watch = watchStore({
      ...{ store, prefix: PREFIX },
      ...{ onUnfit: () => undefined, onWarning: () => undefined },
    });
    onTestFinished(() => watch.stop());
    await until('a look at all of them', async () => {
      const fitness = await watch.look();
      return fitness.kind === 'fit' && fitness.warnings.length === 0;
    });
    expect(await version()).toBe(String(KEY_SCHEMA));
  });

  it('with a version of the keys that is too new stays refused', async () => {
    const { store, schema } = await aScene();
    await store.call((client) => client.set(schemaKey(PREFIX), String(KEY_SCHEMA + 1)));
    const told: (string | null)[] = [];
    const onUnfit = (sentence: string | null) => void told.push(sentence);
    const watch = watchStore({ store, prefix: PREFIX, onUnfit, onWarning: () => undefined });
    onTestFinished(() => watch.stop());
    const unfit = { kind: 'unfit', sentence: expect.stringContaining(`are of version ${KEY_SCHEMA + 1}`) };
    expect(await watch.look()).toEqual(unfit);
    await schema.kill();
    expect(await watch.look()).toEqual(unfit);
    expect(told).toEqual([unfit.sentence]);
  });
});

it('a Cluster that is away altogether does not answer', { timeout: LIMIT_MS }, async () => {
  const { redis, store } = await aScene();
  await Promise.all(redis.masters.map((master) => master.kill()));
  await expect(inspectStore(store)).rejects.toMatchObject({ kind: 'unreachable' });
  const doctor = redisDoctor(store, { replicas: () => 0, seals: NO_SEALS });
  await expect(doctor.look()).rejects.toMatchObject({ kind: 'unreachable' });
});
