// A fail-over behind one address, with connections that stay open: whoever only reads leaves the former master too, and nobody drives
// on what it still answers.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/clock.ts';
import type { Journal } from '../../src/engine/ports/journal.ts';
import { Session } from '../../src/engine/session.ts';
import { StoreConnection } from '../../src/store/connection.ts';
import { RedisJournal } from '../../src/store/journal.ts';
import { anAsk, request } from '../contracts/journal-under-test.ts';
import { anAddress } from './an-address.ts';
import { freePorts, KEPT, Server, SOON_MS, until } from './many-redis.ts';

const LIMIT_MS = 4 * SOON_MS;
const PREFIX = 'demoted';

const closing: (() => unknown)[] = [];
let first: Server;
let second: Server;
beforeEach(async () => {
  [first, second] = await Promise.all([Server.start(KEPT), Server.start(KEPT)]);
  await second.client.replicaof('127.0.0.1', first.port);
  await until('a replica', async () => (await first.client.info('replication')).includes('state=online'));
}, 600_000);
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await Promise.all([first.stop(), second.stop()]);
});

function connected({ port }: { readonly port: number }): StoreConnection {
  const store = new StoreConnection({ address: { host: '127.0.0.1', port } });
  closing.push(() => store.close());
  return store;
}

const journalAt = (store: StoreConnection) => new RedisJournal(store, { prefix: PREFIX });

/** The former master answers reads, and its link to the new one is down. */
async function demote(): Promise<void> {
  const [nobody = 0] = await freePorts(1);
  await first.client.replicaof('127.0.0.1', nobody);
}

describe('a master that was demoted', () => {
  it('is left by who only reads', { timeout: LIMIT_MS }, async () => {
    const address = await anAddress(first, closing);
    const idle = journalAt(connected(address));
    expect(await idle.due(['prod'], 10)).toEqual([]);
    await second.client.replicaof('NO', 'ONE');
    address.leadTo(second);
    await demote();
    const bot = journalAt(connected(address));
    expect(await bot.append(request(0, [anAsk('r1')]))).toMatchObject({ kind: 'appended' });
    await until('the new rollout', async () => (await idle.due(['prod'], 10)).length === 1);
    expect(await idle.read('prod', 'r1')).toHaveLength(1);
  });

  it('is not left where nobody may ask what it is', { timeout: LIMIT_MS }, async () => {
    const store = connected(first);
    const id = () => store.call((redis) => redis.call('CLIENT', 'ID', () => {}));
    const before = await id();
    await first.client.call('ACL', 'SETUSER', 'default', '-info');
    await demote();
    await until('two refusals', async () => {
      const refused = JSON.stringify(await first.client.call('ACL', 'LOG'));
      return /"count",[2-9]/.test(refused) && refused.includes('"info"');
    });
    expect(await id()).toBe(before);
  });
});

describe('a lease that was taken at the new master', () => {
  it('makes its taker leave the former one, which nobody told', { timeout: LIMIT_MS }, async () => {
    const address = await anAddress(first, closing);
    const reader = connected(address);
    await journalAt(reader).append(request(0, [anAsk('r1')]));
    await until('a copy', async () => (await second.client.llen(`${PREFIX}:{prod}:journal:r1`)) === 1);
    await second.client.replicaof('NO', 'ONE');
    address.leadTo(second);
    const writer = connected(address);
    await journalAt(writer).append(request(1, [{ kind: 'aborted', user: 'U0ANN', delivery: 'd-1' }]));
    const journal = new RedisJournal(reader, {
      prefix: PREFIX,
      writing: () => ({ store: writer, replicas: 0 }),
    });
    expect(await journal.read('prod', 'r1')).toHaveLength(1);
    const session = await Session.open({ journal, clock: systemClock, owner: 'worker-1' }, 'prod', 'r1');
    expect(session?.rollout.version).toBe(2);
    expect(await first.client.llen(`${PREFIX}:{prod}:journal:r1`)).toBe(1);
  });

  it('is given up at once by who reads at the former one', { timeout: LIMIT_MS }, async () => {
    await journalAt(connected(first)).append(request(0, [anAsk('r1')]));
    await until('a copy', async () => (await second.client.llen(`${PREFIX}:{prod}:journal:r1`)) === 1);
    // Nobody told the former one, so that it is not left.
    await second.client.replicaof('NO', 'ONE');
    const writer = connected(second);
    const present = journalAt(writer);
    await present.append(request(1, [{ kind: 'aborted', user: 'U0ANN', delivery: 'd-1' }]));
    const journal = new RedisJournal(connected(first), {
      prefix: PREFIX,
      writing: () => ({ store: writer, replicas: 0 }),
    });
    const open = (one: Journal) =>
      Session.open({ journal: one, clock: systemClock, owner: 'worker-1' }, 'prod', 'r1');
    await expect(open(journal)).rejects.toMatchObject({ kind: 'busy', code: 'STALE_READ' });
    expect(await present.due(['prod'], 10)).toHaveLength(1);
    expect((await open(present))?.rollout.version).toBe(2);
  });
});
