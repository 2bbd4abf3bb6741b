// One server, and a replica that comes and goes while the bot runs: from the first one on facts wait for it.
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { openStore } from '../../src/store/open.ts';
import { neededReplicas } from '../../src/store/replicas.ts';
import { NO_SEALS } from '../../src/store/seal.ts';
import { anAsk, request, started } from '../contracts/journal-under-test.ts';
import { aLog } from '../jobs/a-log.ts';
import { KEPT, Server, SOON_MS, until } from './many-redis.ts';

let master: Server;
const servers: Server[] = [];
beforeAll(async () => {
  master = await Server.start(KEPT);
  servers.push(master);
}, 600_000);
afterAll(() => Promise.all(servers.map((server) => server.stop())));

/** Every client connects anew, and what a new connection meets is looked at. */
const reconnected = () => master.client.client('KILL', 'TYPE', 'NORMAL', 'SKIPME', 'YES');

it('is waited for from the first look that sees it, and missed when it is gone', {
  timeout: 3 * SOON_MS,
}, async () => {
  const { log, lines } = aLog();
  const url = `redis://127.0.0.1:${master.port}`;
  const store = await openStore(
    { url, prefix: 'late', replicas: null, seals: NO_SEALS },
    { log, onChange: () => undefined },
  );
  if (store.kind === 'unfit') throw new Error(store.sentence);
  try {
    expect(await store.doctor.look()).toMatchObject({ replicas: { needed: 0, online: 0 } });
    expect(await store.journal.append(request(0, [anAsk('r1')]))).toMatchObject({ kind: 'appended' });
    const replica = await Server.start([...KEPT, '--replicaof', '127.0.0.1', String(master.port)]);
    servers.push(replica);
    await until('a replica', async () => (await master.client.info('replication')).includes('state=online'));
    await reconnected();
    await vi.waitFor(
      async () => expect(await store.doctor.look()).toMatchObject({ replicas: { needed: 1, online: 1 } }),
      { timeout: SOON_MS, interval: 50 },
    );
    expect(lines.join('\n')).toContain('Redis has a replica by now; facts wait for it');
    expect(await store.journal.append(request(1, [started]))).toMatchObject({ kind: 'appended' });
    replica.signal('SIGSTOP');
    await expect(store.journal.append(request(2, [started]))).rejects.toMatchObject({
      code: 'UNACKNOWLEDGED',
    });
    await replica.kill();
    await until('its end to be known', async () =>
      (await master.client.info('replication')).includes('connected_slaves:0'),
    );
    await reconnected();
    await vi.waitFor(
      () => expect(store.journal.append(request(3, [started]))).rejects.toMatchObject({ code: 'NOREPLICAS' }),
      { timeout: SOON_MS, interval: 50 },
    );
  } finally {
    store.close();
  }
});

it.each([
  { configured: null, online: [0, 0], count: 0 },
  { configured: null, online: [0, 2, 0], count: 1 },
  { configured: 0, online: [2], count: 0 },
  { configured: 2, online: [0, 1], count: 2 },
])(
  'with $configured configured and $online there one after another it is $count',
  ({ configured, online, count }) => {
    const needed = neededReplicas({ configured, place: { host: 'redis' }, onRaised: () => undefined });
    for (const there of online) needed.seen(there);
    expect(needed.count()).toBe(count);
  },
);
