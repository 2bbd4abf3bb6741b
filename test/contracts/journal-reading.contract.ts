// What a Journal gives back: entries, or a loud no; and what is kept for display only.
import { expect, it } from 'vitest';
import { EVENT_VERSION } from '../../src/rollout/event/lift.ts';
import { MOST_NOTED_NODES, MOST_RECENT, NOTE_CHARS } from '../../src/store/limits.ts';
import { anAsk, declined, type Fresh, finished, request, started } from './journal-under-test.ts';

export function reading(fresh: Fresh): void {
  it('answers nothing for a rollout that nobody knows, and only what came after', async () => {
    const store = await fresh();
    expect(await store.journal.read('prod', 'r1')).toEqual([]);
    await store.journal.append(request(0, [anAsk('r1'), started, finished]));
    for (const after of [0, 1, 2, 3]) {
      const numbers = (await store.journal.read('prod', 'r1', after)).map((entry) => entry.n);
      expect(numbers).toEqual([1, 2, 3].filter((n) => n > after));
    }
  });

  it('reads a journal of 2,350 entries whole, and from any place in it', { timeout: 20_000 }, async () => {
    const store = await fresh();
    for (let n = 0; n < 2_350; n += 50)
      await store.journal.append(
        request(
          n,
          Array.from({ length: 50 }, () => started),
        ),
      );
    for (const after of [0, 1, 999, 1_000, 1_001, 2_000, 2_349]) {
      const numbers = (await store.journal.read('prod', 'r1', after)).map((entry) => entry.n);
      expect(numbers).toEqual(Array.from({ length: 2_350 - after }, (_, i) => after + i + 1));
    }
  });

  it('sends a reader back to the beginning that remembers more than there is, or something else', async () => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1'), started]));
    const entries = await store.journal.read('prod', 'r1');
    const [first, second] = entries.map(({ link }) => link);
    expect(await store.journal.read('prod', 'r1', 1, first)).toEqual(entries.slice(1));
    expect(await store.journal.read('prod', 'r1', 2, second)).toEqual([]);
    for (const [after, link] of [
      [1, second],
      [2, first],
      [3, second],
    ] as const)
      await expect(store.journal.read('prod', 'r1', after, link)).rejects.toMatchObject({
        name: 'JournalForked',
        code: 'JOURNAL_FORKED',
      });
  });

  it.each([2, 1, 0])('notices that an end is missing when only %i of 3 entries are left', async (left) => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1'), started, started]));
    const readable = (await store.journal.read('prod', 'r1')).slice(0, left);
    await store.cut('prod', 'r1', left);
    await expect(store.journal.read('prod', 'r1')).rejects.toMatchObject({
      name: 'UnreadableEntry',
      n: left + 1,
      readable,
      message: expect.stringContaining('3 were written'),
    });
  });
}

export function damaged(fresh: Fresh): void {
  type Tamper = (line: string) => string;
  const edit =
    (change: Record<string, unknown>): Tamper =>
    (line) =>
      JSON.stringify({ ...JSON.parse(line), ...change });
  it.each<[string, Tamper, string]>([
    [
      'a kind of the future',
      edit({ kind: 'node-cloned' }),
      'its kind "node-cloned" is unknown to this version',
    ],
    ['a kind that every object has', edit({ kind: 'constructor' }), 'its kind "constructor" is unknown'],
    [
      'a version of the future',
      edit({ v: EVENT_VERSION + 1 }),
      `it has schema version ${EVENT_VERSION + 1} and this version of the bot reads up to ${EVENT_VERSION}`,
    ],
    ['no version', edit({ v: undefined }), 'is no schema version'],
    ['another number', edit({ n: 7 }), 'it says to be number 7'],
    ['no time', edit({ at: 'yesterday' }), 'it has no time'],
    ['no author', edit({ by: { kind: 'ghost' } }), 'it does not say who caused it'],
    ['no data', edit({ data: [] }), 'the data of its asked is no data'],
    [
      'data that would rename the event',
      edit({ data: { kind: 'finished' } }),
      'the data of its asked is no data',
    ],
    [
      'another rollout’s ask',
      (line) => line.replace('"rollout":"r2"', '"rollout":"r1"'),
      'it belongs to rollout "r1" of "prod"',
    ],
    [
      'another cluster’s ask',
      (line) => line.replace('"cluster":"prod"', '"cluster":"lab"'),
      'it belongs to rollout "r2" of "lab"',
    ],
    ['a broken chain', edit({ prev: '0'.repeat(40) }), 'it does not follow from the entry before it'],
    ['half a line', (line) => line.slice(0, 40), 'it is not a JSON object'],
    ['a list', () => '[]', 'it is not a JSON object'],
  ])('refuses %s loudly, naming rollout and number', async (_, tamper, why) => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1')]));
    // Right for r2 but for the tampering.
    const [first] = await store.lines('prod', 'r1');
    if (first === undefined) throw new Error('nothing was written');
    const ours = edit({ prev: SHA1_OF_R2, data: { ...JSON.parse(first).data, rollout: 'r2' } })(first);
    await store.plant('prod', 'r2', tamper(ours));
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
const SHA1_OF_R2 = 'a50126cc2d6c726de0ca203c3b659f658d356173';

export function displaying(fresh: Fresh): void {
  it('names rollouts newest first, once each, and at most as many as asked for', async () => {
    const store = await fresh();
    for (const rollout of ['r1', 'r2', 'r3'])
      await store.journal.append(request(0, [anAsk(rollout)], { rollout }));
    await store.journal.append(request(1, [started], { rollout: 'r1' }));
    expect(await store.journal.recent('prod', 10)).toEqual(['r3', 'r2', 'r1']);
    expect(await store.journal.recent('prod', 2)).toEqual(['r3', 'r2']);
    expect(await store.journal.recent('prod', 0)).toEqual([]);
    expect(await store.journal.recent('elsewhere', 5)).toEqual([]);
  });

  it('remembers the last 200 rollouts of a cluster, and keeps every journal', {
    timeout: 20_000,
  }, async () => {
    const store = await fresh();
    for (let i = 0; i < MOST_RECENT + 5; i++)
      await store.journal.append(request(0, [declined], { rollout: `r${i}` }));
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

  it('keeps notes of a thousand nodes and no more, and goes on updating those', {
    timeout: 20_000,
  }, async () => {
    const store = await fresh();
    const nodes = Array.from({ length: MOST_NOTED_NODES + 3 }, (_, i) => `n-${i}`);
    for (const node of nodes) await store.journal.note('prod', 'r1', node, 'first');
    await store.journal.note('prod', 'r1', 'n-0', 'second');
    const notes = await store.journal.notes('prod', 'r1');
    expect(Object.keys(notes)).toHaveLength(MOST_NOTED_NODES);
    expect(notes['n-0']?.sentence).toBe('second');
  });
}
