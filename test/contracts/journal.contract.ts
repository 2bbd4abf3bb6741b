// What every Journal must do, whatever it is made of (ports/journal.ts, design.md 4.6-4.9).
import { afterEach, describe, expect, it } from 'vitest';
import type { AppendRequest, Lease } from '../../src/engine/ports/journal.ts';
import type { RolloutEvent } from '../../src/rollout/event.ts';
import { MOST_NOTED_NODES, MOST_RECENT, NOTE_CHARS } from '../../src/store/limits.ts';
import { anAsk, ann, awkward, declined, driver, finished, type OpenStore, type StoreUnderTest, started } from './journal-under-test.ts';

const LONG_LEASE_MS = 60_000;
const SHORT_LEASE_MS = 120;
const AN_HOUR_MS = 3_600_000;

export function journalContract(open: OpenStore): void {
  const opened: StoreUnderTest[] = [];
  const fresh = async (leaseMs = LONG_LEASE_MS): Promise<StoreUnderTest> => {
    const store = await open({ leaseMs });
    opened.push(store);
    return store;
  };
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
  });
  describe('appending', () => appending(fresh));
  describe('the claim', () => claiming(fresh));
  describe('the lease', () => leasing(fresh));
  describe('Looks', () => looking(fresh));
  describe('reading', () => reading(fresh));
  describe('display', () => displaying(fresh));
}

type Fresh = (leaseMs?: number) => Promise<StoreUnderTest>;

function request(expect: number, events: readonly RolloutEvent[], more: Partial<AppendRequest> = {}): AppendRequest {
  return { cluster: 'prod', rollout: 'r1', expect, events, by: ann, ...more };
}

async function taken(store: StoreUnderTest, rollout = 'r1', owner = 'worker-1'): Promise<Lease> {
  const reply = await store.journal.take('prod', rollout, owner);
  if (reply.kind !== 'taken') throw new Error(`expected to take ${rollout}, got ${reply.kind}`);
  return reply.lease;
}

async function dueIds(store: StoreUnderTest, clusters: readonly string[] = ['prod'], limit = 50): Promise<string[]> {
  return (await store.journal.due(clusters, limit)).map((look) => look.rollout);
}

function appending(fresh: Fresh): void {
  it('numbers entries from 1 and gives them one time, its own', async () => {
    const store = await fresh();
    const before = await store.now();
    const reply = await store.journal.append(request(0, [anAsk('r1'), started]));
    expect(reply).toMatchObject({ kind: 'appended', version: 2 });
    const entries = await store.journal.read('prod', 'r1');
    expect(entries.map(({ n, v, by, event }) => ({ n, v, by, event }))).toEqual([
      { n: 1, v: 1, by: ann, event: anAsk('r1') },
      { n: 2, v: 1, by: ann, event: started },
    ]);
    const at = reply.kind === 'appended' ? reply.at : 0;
    expect(entries.map((entry) => entry.at)).toEqual([at, at]);
    expect(at).toBeGreaterThanOrEqual(before);
    expect(at).toBeLessThanOrEqual(await store.now());
  });

  it('brings every value back exactly as it was written', async () => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1'), awkward, declined], { by: driver }));
    const entries = await store.journal.read('prod', 'r1');
    expect(entries.map((entry) => entry.event)).toEqual([anAsk('r1'), awkward, declined]);
    expect(entries[1]?.by).toEqual(driver);
  });

  it.each([0, 2, 7])('refuses the expected version %i of a journal of length 1, and writes nothing', async (wrong) => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1')]));
    const before = await store.lines('prod', 'r1');
    expect(await store.journal.append(request(wrong, [started, finished], { claim: 'take' }))).toEqual({ kind: 'moved', version: 1 });
    expect(await store.lines('prod', 'r1')).toEqual(before);
    expect(await store.journal.claimOf('prod')).toBeNull();
  });

  it('lets exactly one of twenty appends on the same version win, with all of its events', async () => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1')]));
    const racers = Array.from({ length: 20 }, (_, i) => ({ kind: 'paused', user: `U${i}`, delivery: `d${i}` }) as const);
    const replies = await Promise.all(racers.map((event) => store.journal.append(request(1, [event, { ...event, kind: 'resumed' }]))));
    expect(replies.filter((reply) => reply.kind === 'appended')).toHaveLength(1);
    expect(replies.filter((reply) => reply.kind === 'moved')).toHaveLength(19);
    const winner = racers[replies.findIndex((reply) => reply.kind === 'appended')];
    const entries = await store.journal.read('prod', 'r1', 1);
    expect(entries.map((entry) => entry.event)).toEqual([winner, { ...winner, kind: 'resumed' }]);
  });

  it('chains every line to the one before it, and the first one to the rollout', async () => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1'), started]));
    await store.journal.append(request(0, [anAsk('r2')], { rollout: 'r2' }));
    const links = [...(await store.lines('prod', 'r1')), ...(await store.lines('prod', 'r2'))].map((line) => JSON.parse(line).prev);
    expect(new Set(links).size).toBe(3);
    expect(links.every((link) => /^[0-9a-f]{40}$/.test(link))).toBe(true);
  });

  it.each([0, 101])('throws at %i events, because that is a mistake of ours', async (count) => {
    const store = await fresh();
    const events = Array.from({ length: count }, () => started);
    await expect(store.journal.append(request(0, events))).rejects.toThrow('an append carries 1 to 100 events');
    expect(await store.lines('prod', 'r1')).toEqual([]);
  });

  it('keeps rollouts and clusters apart, whatever they are called', async () => {
    const store = await fresh();
    const names = ['prod', 'prod:journal', 'a}b{c', 'größe 1', '*'];
    for (const cluster of names) {
      for (const rollout of ['r1', 'r:1', '{r1}']) {
        expect(await store.journal.append(request(0, [anAsk(rollout, cluster)], { cluster, rollout }))).toMatchObject({ version: 1 });
      }
    }
    for (const cluster of names) {
      expect([...(await store.journal.recent(cluster, 10))].sort()).toEqual(['r1', 'r:1', '{r1}'].sort());
      expect((await store.journal.read(cluster, '{r1}')).map((entry) => entry.event)).toEqual([anAsk('{r1}', cluster)]);
    }
  });
}

function claiming(fresh: Fresh): void {
  it('belongs to the first rollout that takes it; the second is told who, and has no journal', async () => {
    const store = await fresh();
    expect(await store.journal.claimOf('prod')).toBeNull();
    await store.journal.append(request(0, [anAsk('r1')], { claim: 'take' }));
    expect(await store.journal.claimOf('prod')).toBe('r1');
    const second = await store.journal.append(request(0, [anAsk('r2')], { rollout: 'r2', claim: 'take' }));
    expect(second).toEqual({ kind: 'claimed', holder: 'r1' });
    expect(await store.lines('prod', 'r2')).toEqual([]);
    expect(await store.journal.recent('prod', 5)).toEqual(['r1']);
    expect([...(await store.looks('prod')).keys()]).toEqual(['r1']);
  });

  it('may be taken again by its holder, and is another one in another cluster', async () => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1')], { claim: 'take' }));
    expect(await store.journal.append(request(1, [started], { claim: 'take' }))).toMatchObject({ kind: 'appended' });
    const lab = { cluster: 'lab', rollout: 'r9', claim: 'take' } as const;
    expect(await store.journal.append(request(0, [anAsk('r9', 'lab')], lab))).toMatchObject({ kind: 'appended' });
    expect([await store.journal.claimOf('prod'), await store.journal.claimOf('lab')]).toEqual(['r1', 'r9']);
  });

  it('is given back with the fact that says so, and not when that fact is refused', async () => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1')], { claim: 'take' }));
    expect(await store.journal.append(request(0, [finished], { claim: 'give' }))).toMatchObject({ kind: 'moved' });
    expect(await store.journal.claimOf('prod')).toBe('r1');
    await store.journal.append(request(1, [finished], { claim: 'give' }));
    expect(await store.journal.claimOf('prod')).toBeNull();
    expect(await store.journal.append(request(0, [anAsk('r2')], { rollout: 'r2', claim: 'take' }))).toMatchObject({ kind: 'appended' });
  });

  it('stays with its holder when another rollout gives back what it does not have', async () => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1')], { claim: 'take' }));
    await store.journal.append(request(0, [declined], { rollout: 'r2', claim: 'give' }));
    expect(await store.journal.claimOf('prod')).toBe('r1');
  });

  it('answers a redelivered ask with moved, not with its own claim', async () => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1')], { claim: 'take' }));
    expect(await store.journal.append(request(0, [anAsk('r1')], { claim: 'take' }))).toEqual({ kind: 'moved', version: 1 });
  });

  it('goes to exactly one of ten rollouts that ask at once', async () => {
    const store = await fresh();
    const ids = Array.from({ length: 10 }, (_, i) => `r${i}`);
    const replies = await Promise.all(ids.map((rollout) => store.journal.append(request(0, [anAsk(rollout)], { rollout, claim: 'take' }))));
    const winner = ids[replies.findIndex((reply) => reply.kind === 'appended')];
    expect(replies.filter((reply) => reply.kind === 'claimed')).toEqual(Array.from({ length: 9 }, () => ({ kind: 'claimed', holder: winner })));
    expect(await store.journal.claimOf('prod')).toBe(winner);
  });
}

function leasing(fresh: Fresh): void {
  it('goes to one process at a time, even when the same owner asks twice', async () => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1')]));
    const lease = await taken(store);
    expect(lease).toMatchObject({ cluster: 'prod', rollout: 'r1' });
    for (const owner of ['worker-2', 'worker-1']) {
      expect(await store.journal.take('prod', 'r1', owner)).toEqual({ kind: 'held-elsewhere' });
    }
    expect(await store.journal.renew(lease)).toEqual({ kind: 'renewed', version: 1 });
  });

  it('lets its holder append, and nobody with another token', async () => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1')]));
    const lease = await taken(store);
    const forged = { ...lease, token: 'worker-1/guessed' };
    expect(await store.journal.append(request(1, [started], { lease: forged }))).toEqual({ kind: 'lease-lost' });
    expect(await store.journal.append(request(1, [started], { lease }))).toMatchObject({ kind: 'appended', version: 2 });
  });

  it('does not keep a person from appending, and its holder hears of it when it renews', async () => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1')]));
    const lease = await taken(store);
    expect(await store.journal.append(request(1, [started]))).toMatchObject({ kind: 'appended', version: 2 });
    expect(await store.journal.renew(lease)).toEqual({ kind: 'renewed', version: 2 });
  });

  it('ends by itself, and is then somebody else’s: the old holder can append, renew and let go no more', async () => {
    const store = await fresh(SHORT_LEASE_MS);
    await store.journal.append(request(0, [anAsk('r1')]));
    const old = await taken(store);
    await store.pass(SHORT_LEASE_MS + 10);
    const stolen = await taken(store, 'r1', 'worker-2');
    expect(stolen.token).not.toBe(old.token);
    expect(await store.journal.append(request(1, [started], { lease: old }))).toEqual({ kind: 'lease-lost' });
    expect(await store.journal.renew(old)).toEqual({ kind: 'lease-lost' });
    expect(await store.journal.letGo(old, 1, null)).toBe('lease-lost');
    expect(await store.lines('prod', 'r1')).toHaveLength(1);
  });

  it('is lost when it ran out, also when nobody else took it', async () => {
    const store = await fresh(SHORT_LEASE_MS);
    await store.journal.append(request(0, [anAsk('r1')]));
    const lease = await taken(store);
    await store.pass(SHORT_LEASE_MS + 10);
    expect(await store.journal.append(request(1, [started], { lease }))).toEqual({ kind: 'lease-lost' });
    expect(await store.journal.renew(lease)).toEqual({ kind: 'lease-lost' });
  });

  it('lasts as long as it is renewed', async () => {
    const store = await fresh(600);
    await store.journal.append(request(0, [anAsk('r1')]));
    const lease = await taken(store);
    for (let renewals = 0; renewals < 4; renewals++) {
      await store.pass(200);
      expect(await store.journal.renew(lease)).toEqual({ kind: 'renewed', version: 1 });
    }
    expect(await store.journal.append(request(1, [started], { lease }))).toMatchObject({ kind: 'appended' });
  });

  it('is not let go of when the journal moved past what its holder saw, and is still held then', async () => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1')]));
    const lease = await taken(store);
    await store.journal.append(request(1, [started]));
    expect(await store.journal.letGo(lease, 1, null)).toBe('moved');
    expect(await store.journal.take('prod', 'r1', 'worker-2')).toEqual({ kind: 'held-elsewhere' });
    expect(await store.journal.letGo(lease, 2, null)).toBe('let-go');
    expect(await store.journal.letGo(lease, 2, null)).toBe('lease-lost');
    expect(await store.journal.take('prod', 'r1', 'worker-2')).toMatchObject({ kind: 'taken' });
  });

  it('is one per rollout', async () => {
    const store = await fresh();
    for (const rollout of ['r1', 'r2']) await store.journal.append(request(0, [anAsk(rollout)], { rollout }));
    await taken(store, 'r1');
    await taken(store, 'r2', 'worker-2');
  });
}

function looking(fresh: Fresh): void {
  it('come with the first fact: at once', async () => {
    const store = await fresh();
    expect(await dueIds(store)).toEqual([]);
    await store.journal.append(request(0, [anAsk('r1')]));
    expect(await store.journal.due(['prod'], 5)).toEqual([{ cluster: 'prod', rollout: 'r1' }]);
  });

  it.each([
    ['finished', finished],
    ['declined', declined],
  ])('end with %s', async (_, end) => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1')]));
    const lease = await taken(store);
    await store.journal.append(request(1, [end], { lease }));
    expect(await store.looks('prod')).toEqual(new Map());
    // Whatever a driver still does with what is over, no Look comes back.
    await store.journal.renew(lease);
    expect(await store.journal.letGo(lease, 2, (await store.now()) + 5)).toBe('let-go');
    await taken(store);
    expect(await store.looks('prod')).toEqual(new Map());
  });

  it('move to the end of the lease while somebody drives, and come when the driver died', async () => {
    const store = await fresh(SHORT_LEASE_MS);
    await store.journal.append(request(0, [anAsk('r1')]));
    const lease = await taken(store);
    expect((await store.looks('prod')).get('r1')).toBeGreaterThan(await store.now());
    expect(await store.journal.append(request(1, [started], { lease }))).toMatchObject({ kind: 'appended' });
    expect(await dueIds(store)).toEqual([]);
    await store.pass(SHORT_LEASE_MS + 10);
    expect(await dueIds(store)).toEqual(['r1']);
  });

  it('come at once when a person appends, until somebody who cannot drive has noticed', async () => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1')]));
    await taken(store);
    await store.journal.append(request(1, [started]));
    expect(await dueIds(store)).toEqual(['r1']);
    expect(await store.journal.take('prod', 'r1', 'worker-2')).toEqual({ kind: 'held-elsewhere' });
    expect(await dueIds(store)).toEqual([]);
    expect((await store.looks('prod')).get('r1')).toBeGreaterThan(await store.now());
  });

  it('come when the driver said they should, by the clock of the store', async () => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1')]));
    expect(await store.journal.letGo(await taken(store), 1, (await store.now()) + AN_HOUR_MS)).toBe('let-go');
    expect(await dueIds(store)).toEqual([]);
    expect(await store.journal.letGo(await taken(store), 1, (await store.now()) + 40.5)).toBe('let-go');
    await store.pass(42);
    expect(await dueIds(store)).toEqual(['r1']);
  });

  it('stay, far away, when only an append can wake the rollout; and the append does', async () => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1')]));
    await store.journal.letGo(await taken(store), 1, null);
    expect((await store.looks('prod')).get('r1')).toBeGreaterThan((await store.now()) + 1_000 * AN_HOUR_MS);
    expect(await dueIds(store)).toEqual([]);
    await store.journal.append(request(1, [started]));
    expect(await dueIds(store)).toEqual(['r1']);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('are never set to %d: that throws, and the lease is kept', async (nonsense) => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1')]));
    const lease = await taken(store);
    await expect(store.journal.letGo(lease, 1, nonsense)).rejects.toThrow('a Look is milliseconds');
    expect(await store.journal.renew(lease)).toMatchObject({ kind: 'renewed' });
  });

  it('are not made for a rollout that has no journal', async () => {
    const store = await fresh();
    const lease = await taken(store, 'nobody-asked');
    await store.journal.letGo(lease, 0, null);
    expect(await store.looks('prod')).toEqual(new Map());
  });

  it('are handed out longest overdue first, only of the named clusters, and at most as many as asked for', async () => {
    const store = await fresh();
    for (const [rollout, cluster] of [['r1', 'prod'], ['r2', 'lab'], ['r3', 'prod'], ['r4', 'home']] as const) {
      await store.journal.append(request(0, [anAsk(rollout, cluster)], { rollout, cluster }));
      await store.pass(3);
    }
    expect(await dueIds(store, ['prod', 'lab'])).toEqual(['r1', 'r2', 'r3']);
    expect(await dueIds(store, ['lab', 'prod'], 2)).toEqual(['r1', 'r2']);
    expect(await dueIds(store, [])).toEqual([]);
  });
}

function reading(fresh: Fresh): void {
  it('answers nothing for a rollout that nobody knows, and only what came after', async () => {
    const store = await fresh();
    expect(await store.journal.read('prod', 'r1')).toEqual([]);
    expect(await store.journal.read('prod', 'r1', 3)).toEqual([]);
    await store.journal.append(request(0, [anAsk('r1'), started, finished]));
    for (const after of [0, 1, 2, 3, 4]) {
      const numbers = (await store.journal.read('prod', 'r1', after)).map((entry) => entry.n);
      expect(numbers).toEqual([1, 2, 3].filter((n) => n > after));
    }
  });

  it('reads a journal of 2,350 entries whole, and from any place in it', { timeout: 20_000 }, async () => {
    const store = await fresh();
    for (let n = 0; n < 2_350; n += 50) await store.journal.append(request(n, Array.from({ length: 50 }, () => started)));
    for (const after of [0, 1, 999, 1_000, 1_001, 2_000, 2_349]) {
      const numbers = (await store.journal.read('prod', 'r1', after)).map((entry) => entry.n);
      expect(numbers).toEqual(Array.from({ length: 2_350 - after }, (_, i) => after + i + 1));
    }
  });

  type Tamper = (line: string) => string;
  const edit = (change: Record<string, unknown>): Tamper => (line) => JSON.stringify({ ...JSON.parse(line), ...change });
  it.each<[string, Tamper, string]>([
    ['a kind of the future', edit({ kind: 'node-cloned' }), 'its kind "node-cloned" is unknown to this version'],
    ['a kind that every object has', edit({ kind: 'constructor' }), 'its kind "constructor" is unknown'],
    ['a version of the future', edit({ v: 2 }), 'it has schema version 2 and this version of the bot reads 1'],
    ['no version', edit({ v: undefined }), 'it has schema version nothing'],
    ['another number', edit({ n: 7 }), 'it says to be number 7'],
    ['no time', edit({ at: 'yesterday' }), 'it has no time'],
    ['no author', edit({ by: { kind: 'ghost' } }), 'it does not say who caused it'],
    ['no data', edit({ data: [] }), 'its event has no data'],
    ['data that would rename the event', edit({ data: { kind: 'finished' } }), 'its event has no data'],
    ['a broken chain', edit({ prev: '0'.repeat(40) }), 'it does not follow from the entry before it'],
    ['half a line', (line) => line.slice(0, 40), 'it is not a JSON object'],
    ['a list', () => '[]', 'it is not a JSON object'],
  ])('refuses %s loudly, naming rollout and number', async (_, tamper, why) => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1')]));
    const donor = await fresh();
    await donor.journal.append(request(0, [anAsk('r1')]));
    // The line is right but for the tampering: the donor's journal is the same, except for the time.
    const [first] = await store.lines('prod', 'r1');
    if (first === undefined) throw new Error('nothing was written');
    await store.plant('prod', 'r2', tamper(edit({ prev: SHA1_OF_R2 })(first)));
    await expect(store.journal.read('prod', 'r2')).rejects.toMatchObject({
      name: 'UnreadableEntry',
      kind: 'broken',
      rollout: 'r2',
      n: 1,
      message: expect.stringContaining(why),
    });
  });

  it('refuses a line of another rollout, and a line whose past was changed', async () => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1'), started]));
    const [first, second] = await store.lines('prod', 'r1');
    await store.plant('prod', 'r2', first ?? '');
    await expect(store.journal.read('prod', 'r2')).rejects.toThrow('Entry 1 of rollout r2 cannot be read');
    await store.journal.append(request(0, [anAsk('r3')], { rollout: 'r3' }));
    await store.plant('prod', 'r3', second ?? '');
    await expect(store.journal.read('prod', 'r3')).rejects.toThrow('Entry 2 of rollout r3 cannot be read');
    await expect(store.journal.read('prod', 'r3', 1)).rejects.toThrow('Entry 2 of rollout r3 cannot be read');
  });
}

/** printf r2 | sha1sum */
const SHA1_OF_R2 = '4eb11e60da54b1dff7dbbe8be7f78fd6ba6ed4a4';

function displaying(fresh: Fresh): void {
  it('names rollouts newest first, once each, and at most as many as asked for', async () => {
    const store = await fresh();
    for (const rollout of ['r1', 'r2', 'r3']) await store.journal.append(request(0, [anAsk(rollout)], { rollout }));
    await store.journal.append(request(1, [started], { rollout: 'r1' }));
    expect(await store.journal.recent('prod', 10)).toEqual(['r3', 'r2', 'r1']);
    expect(await store.journal.recent('prod', 2)).toEqual(['r3', 'r2']);
    expect(await store.journal.recent('prod', 0)).toEqual([]);
    expect(await store.journal.recent('elsewhere', 5)).toEqual([]);
  });

  it('remembers the last 200 rollouts of a cluster, and keeps every journal', { timeout: 20_000 }, async () => {
    const store = await fresh();
    for (let i = 0; i < MOST_RECENT + 5; i++) await store.journal.append(request(0, [declined], { rollout: `r${i}` }));
    const recent = await store.journal.recent('prod', 1_000);
    expect(recent).toHaveLength(MOST_RECENT);
    expect([recent[0], recent.at(-1)]).toEqual([`r${MOST_RECENT + 4}`, 'r5']);
    expect(await store.journal.read('prod', 'r0')).toHaveLength(1);
  });

  it('keeps the latest sentence per node, with its time and shortened', async () => {
    const store = await fresh();
    expect(await store.journal.notes('prod', 'r1')).toEqual({});
    await store.journal.note('prod', 'r1', 'cp-1', 'pulling 10 %');
    await store.journal.note('prod', 'r1', 'cp-1', 'pulling "90 %"');
    await store.journal.note('prod', 'r1', 'w-1', 'x'.repeat(5_000));
    const notes = await store.journal.notes('prod', 'r1');
    expect(notes['cp-1']?.sentence).toBe('pulling "90 %"');
    expect(notes['w-1']?.sentence).toBe('x'.repeat(NOTE_CHARS));
    expect(Math.abs((notes['cp-1']?.at ?? 0) - (await store.now()))).toBeLessThan(60_000);
    expect(await store.journal.notes('prod', 'r2')).toEqual({});
    expect(await store.lines('prod', 'r1')).toEqual([]);
  });

  it('keeps notes of a thousand nodes and no more, and goes on updating those', { timeout: 20_000 }, async () => {
    const store = await fresh();
    const nodes = Array.from({ length: MOST_NOTED_NODES + 3 }, (_, i) => `n-${i}`);
    for (const node of nodes) await store.journal.note('prod', 'r1', node, 'first');
    await store.journal.note('prod', 'r1', 'n-0', 'second');
    const notes = await store.journal.notes('prod', 'r1');
    expect(Object.keys(notes)).toHaveLength(MOST_NOTED_NODES);
    expect(notes['n-0']?.sentence).toBe('second');
  });
}
