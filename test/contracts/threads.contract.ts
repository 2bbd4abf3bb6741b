// What every Threads must do, whatever it is made of (ports/threads.ts).
import { afterEach, expect, it } from 'vitest';
import {
  anAsk,
  declined,
  finished,
  LONG_LEASE_MS,
  type OpenStore,
  request,
  type StoreUnderTest,
  started,
} from './journal-under-test.ts';

export function threadsContract(open: OpenStore): void {
  let store: StoreUnderTest | null = null;
  const fresh = async (): Promise<StoreUnderTest> => {
    store = await open({ leaseMs: LONG_LEASE_MS });
    return store;
  };
  afterEach(async () => {
    await store?.close();
    store = null;
  });

  it('knows nothing of a thread that was never shown', async () => {
    const { threads } = await fresh();
    expect(await threads.read('prod', 'r1')).toEqual({ slots: {}, shown: 0 });
  });

  it('remembers posting before and the message after, slot by slot, and forgets a slot on request', async () => {
    const { threads } = await fresh();
    await threads.setSlot('prod', 'r1', 'card', { kind: 'posting', since: 1_700_000_000_000 });
    await threads.setSlot('prod', 'r1', 'gate:cp-2', { kind: 'posting', since: 5 });
    await threads.setSlot('prod', 'r1', 'card', { kind: 'posted', ts: '1700000000.000100', hash: 'abc' });
    const card = { kind: 'posted', ts: '1700000000.000100', hash: 'abc' };
    expect((await threads.read('prod', 'r1')).slots).toEqual({
      card,
      'gate:cp-2': { kind: 'posting', since: 5 },
    });
    await threads.setSlot('prod', 'r1', 'gate:cp-2', null);
    await threads.setSlot('prod', 'r1', 'never-was', null);
    expect(await threads.read('prod', 'r1')).toEqual({ slots: { card }, shown: 0 });
  });

  it('remembers that a message has to be said once more, until it was', async () => {
    const { threads } = await fresh();
    const card = { kind: 'posted', ts: '1700000000.000100', hash: 'abc' } as const;
    await threads.setSlot('prod', 'r1', 'card', { ...card, again: true });
    expect((await threads.read('prod', 'r1')).slots).toEqual({ card: { ...card, again: true } });
    await threads.setSlot('prod', 'r1', 'card', card);
    expect((await threads.read('prod', 'r1')).slots).toEqual({ card });
  });

  it('keeps slots that are set at the same time', async () => {
    const { threads } = await fresh();
    const slots = Array.from({ length: 20 }, (_, i) => `held:${i}`);
    await Promise.all(
      slots.map((slot, since) => threads.setSlot('prod', 'r1', slot, { kind: 'posting', since })),
    );
    expect(Object.keys((await threads.read('prod', 'r1')).slots).sort()).toEqual([...slots].sort());
  });

  it('remembers the version that is shown beside the slots, also when a slot is called shown', async () => {
    const { threads } = await fresh();
    await threads.setShown('prod', 'r1', 7);
    await threads.setSlot('prod', 'r1', 'shown', { kind: 'posting', since: 1 });
    expect(await threads.read('prod', 'r1')).toEqual({
      slots: { shown: { kind: 'posting', since: 1 } },
      shown: 7,
    });
    expect(await threads.read('lab', 'r1')).toEqual({ slots: {}, shown: 0 });
  });

  it('opens with the first fact, tells the present version, and closes only when told to', async () => {
    const { threads, journal } = await fresh();
    expect(await threads.open('prod')).toEqual([]);
    await journal.append(request(0, [anAsk('r1')]));
    await journal.append(request(1, [started, finished]));
    expect(await threads.open('prod')).toEqual([{ rollout: 'r1', version: 3 }]);
    await threads.closed('prod', 'r1');
    await threads.closed('prod', 'r1');
    expect(await threads.open('prod')).toEqual([]);
  });

  it('opens again with a fact that comes after the end', async () => {
    const { threads, journal } = await fresh();
    await journal.append(request(0, [declined]));
    await threads.closed('prod', 'r1');
    await journal.append(request(1, [started]));
    expect(await threads.open('prod')).toEqual([{ rollout: 'r1', version: 2 }]);
  });

  it('tells open threads latest change first', async () => {
    const store = await fresh();
    for (const rollout of ['r1', 'r2', 'r3']) {
      await store.journal.append(request(0, [anAsk(rollout)], { rollout }));
      await store.pass(3);
    }
    await store.journal.append(request(1, [started], { rollout: 'r1' }));
    expect((await store.threads.open('prod')).map((open) => open.rollout)).toEqual(['r1', 'r3', 'r2']);
  });

  it('lets one process speak in a workspace until it has been silent for as long as it said', async () => {
    const store = await fresh();
    const { threads } = store;
    expect(await threads.speak('T1', 'bot-1', 60_000)).toBe(true);
    expect(await threads.speak('T1', 'bot-2', 60_000)).toBe(false);
    expect(await threads.speak('T2', 'bot-2', 60_000)).toBe(true);
    expect(await threads.speak('T1', 'bot-1', 50)).toBe(true);
    await store.pass(60);
    expect(await threads.speak('T1', 'bot-2', 60_000)).toBe(true);
    expect(await threads.speak('T1', 'bot-1', 60_000)).toBe(false);
  });

  it('keeps what was used of the budget of each workspace, as it was written down last', async () => {
    const { threads } = await fresh();
    expect(await threads.spent('T1')).toBeNull();
    await threads.setSpent('T1', { editsAgoMs: [1_500, 20], quietMs: 30_000 });
    await threads.setSpent('T1', { editsAgoMs: [1_500, 20.5, 0], quietMs: 0 });
    expect(await threads.spent('T1')).toEqual({ editsAgoMs: [1_500, 20.5, 0], quietMs: 0 });
    expect(await threads.spent('T2')).toBeNull();
  });

  it('lets exactly one of ten processes speak that start at once', async () => {
    const { threads } = await fresh();
    const speaking = await Promise.all(
      Array.from({ length: 10 }, (_, i) => threads.speak('T1', `bot-${i}`, 60_000)),
    );
    expect(speaking.filter(Boolean)).toHaveLength(1);
  });
}
