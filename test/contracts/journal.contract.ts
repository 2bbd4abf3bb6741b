// What every Journal must do, whatever it is made of (ports/journal.ts, design.md 4.6-4.9).
import { afterEach, describe, expect, it } from 'vitest';
import { EVENT_VERSION } from '../../src/rollout/event/lift.ts';
import { forking } from './journal-forking.contract.ts';
import { looking } from './journal-looks.contract.ts';
import { damaged, displaying, reading } from './journal-reading.contract.ts';
import {
  anAsk,
  ann,
  awkward,
  declined,
  driver,
  type Fresh,
  finished,
  LONG_LEASE_MS,
  type OpenStore,
  request,
  SHORT_LEASE_MS,
  type StoreUnderTest,
  started,
  taken,
} from './journal-under-test.ts';

/** `signed`: the store has a key, so that what was changed is refused for its signature before anything else (seal.test.ts). */
export function journalContract(open: OpenStore, entries: 'signed' | 'unsigned' = 'unsigned'): void {
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
  describe('facts that were lost', () => forking(fresh));
  describe('the claim', () => claiming(fresh));
  describe('the lease', () => leasing(fresh));
  describe('Looks', () => looking(fresh));
  describe('reading', () => reading(fresh));
  if (entries === 'unsigned') describe('damage', () => damaged(fresh));
  describe('display', () => displaying(fresh));
}

function appending(fresh: Fresh): void {
  it('numbers entries from 1 and gives them one time, its own', async () => {
    const store = await fresh();
    const before = await store.now();
    const reply = await store.journal.append(request(0, [anAsk('r1'), started]));
    expect(reply).toMatchObject({ kind: 'appended', version: 2 });
    const entries = await store.journal.read('prod', 'r1');
    expect(entries.map(({ n, v, by, event }) => ({ n, v, by, event }))).toEqual([
      { n: 1, v: EVENT_VERSION, by: ann, event: anAsk('r1') },
      { n: 2, v: EVENT_VERSION, by: ann, event: started },
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

  it.each([0, 2, 7])(
    'refuses the expected version %i of a journal of length 1, and writes nothing',
    async (wrong) => {
      const store = await fresh();
      await store.journal.append(request(0, [anAsk('r1')]));
      const before = await store.lines('prod', 'r1');
      expect(await store.journal.append(request(wrong, [started, finished], { claim: 'take' }))).toEqual({
        kind: 'moved',
        version: 1,
      });
      expect(await store.lines('prod', 'r1')).toEqual(before);
      expect(await store.journal.claimOf('prod')).toBeNull();
    },
  );

  it('lets exactly one of twenty appends on the same version win, with all of its events', async () => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1')]));
    const racers = Array.from(
      { length: 20 },
      (_, i) => ({ kind: 'paused', user: `U${i}`, delivery: `d${i}` }) as const,
    );
    const replies = await Promise.all(
      racers.map((event) => store.journal.append(request(1, [event, { ...event, kind: 'resumed' }]))),
    );
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
    const links = [...(await store.lines('prod', 'r1')), ...(await store.lines('prod', 'r2'))].map(
      (line) => JSON.parse(line).prev,
    );
    expect(new Set(links).size).toBe(3);
    expect(links.every((link) => /^[0-9a-f]{40}$/.test(link))).toBe(true);
  });

  it.each([0, 101])('throws at %i events, because that is a mistake of ours', async (count) => {
    const store = await fresh();
    const events = Array.from({ length: count }, () => started);
    await expect(store.journal.append(request(0, events))).rejects.toThrow(
      'an append carries 1 to 100 events',
    );
    expect(await store.lines('prod', 'r1')).toEqual([]);
  });

  it('keeps rollouts and clusters apart, whatever they are called', async () => {
    const store = await fresh();
    const names = ['prod', 'prod:journal', 'a}b{c', 'größe 1', '*'];
    for (const cluster of names) {
      for (const rollout of ['r1', 'r:1', '{r1}']) {
        expect(
          await store.journal.append(request(0, [anAsk(rollout, cluster)], { cluster, rollout })),
        ).toMatchObject({ version: 1 });
      }
    }
    for (const cluster of names) {
      expect([...(await store.journal.recent(cluster, 10))].sort()).toEqual(['r1', 'r:1', '{r1}'].sort());
      expect((await store.journal.read(cluster, '{r1}')).map((entry) => entry.event)).toEqual([
        anAsk('{r1}', cluster),
      ]);
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
    expect(await store.journal.append(request(1, [started], { claim: 'take' }))).toMatchObject({
      kind: 'appended',
    });
    const lab = { cluster: 'lab', rollout: 'r9', claim: 'take' } as const;
    expect(await store.journal.append(request(0, [anAsk('r9', 'lab')], lab))).toMatchObject({
      kind: 'appended',
    });
    expect([await store.journal.claimOf('prod'), await store.journal.claimOf('lab')]).toEqual(['r1', 'r9']);
  });

  it('is given back with the fact that says so, and not when that fact is refused', async () => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1')], { claim: 'take' }));
    expect(await store.journal.append(request(0, [finished], { claim: 'give' }))).toMatchObject({
      kind: 'moved',
    });
    expect(await store.journal.claimOf('prod')).toBe('r1');
    await store.journal.append(request(1, [finished], { claim: 'give' }));
    expect(await store.journal.claimOf('prod')).toBeNull();
    expect(
      await store.journal.append(request(0, [anAsk('r2')], { rollout: 'r2', claim: 'take' })),
    ).toMatchObject({ kind: 'appended' });
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
    expect(await store.journal.append(request(0, [anAsk('r1')], { claim: 'take' }))).toEqual({
      kind: 'moved',
      version: 1,
    });
  });

  it('goes to exactly one of ten rollouts that ask at once', async () => {
    const store = await fresh();
    const ids = Array.from({ length: 10 }, (_, i) => `r${i}`);
    const replies = await Promise.all(
      ids.map((rollout) => store.journal.append(request(0, [anAsk(rollout)], { rollout, claim: 'take' }))),
    );
    const winner = ids[replies.findIndex((reply) => reply.kind === 'appended')];
    expect(replies.filter((reply) => reply.kind === 'claimed')).toEqual(
      Array.from({ length: 9 }, () => ({ kind: 'claimed', holder: winner })),
    );
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
    expect(await store.journal.append(request(1, [started], { lease: forged }))).toEqual({
      kind: 'lease-lost',
    });
    expect(await store.journal.append(request(1, [started], { lease }))).toMatchObject({
      kind: 'appended',
      version: 2,
    });
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
    // Longer than it lasts, in pieces far shorter than that: a busy machine renews late, and must not be too late.
    const store = await fresh(2_500);
    await store.journal.append(request(0, [anAsk('r1')]));
    const lease = await taken(store);
    for (let renewals = 0; renewals < 4; renewals++) {
      await store.pass(700);
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
