// What a Journal does with decisions that were made on facts it does not hold: a fail-over or a restored copy took them.
import { expect, it } from 'vitest';
import { anAsk, awkward, type Fresh, request, started } from './journal-under-test.ts';

export function forking(fresh: Fresh): void {
  it('takes what was decided on its last entry, and refuses what was decided on another one in its place', async () => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1')]));
    const [first] = await store.journal.read('prod', 'r1');
    const other = { link: 'f'.repeat(40) };
    expect(await store.journal.append(request(1, [started], other))).toEqual({ kind: 'forked' });
    expect(await store.lines('prod', 'r1')).toHaveLength(1);
    const link = first?.link === undefined ? {} : { link: first.link };
    expect(await store.journal.append(request(1, [started], link))).toMatchObject({ version: 2 });
    expect(await store.journal.append(request(1, [started], link))).toEqual({ kind: 'moved', version: 2 });
  });

  it('refuses what was decided on entries that it lost', async () => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1'), started, started]));
    const link = (await store.journal.read('prod', 'r1')).at(-1)?.link ?? '';
    await store.cut('prod', 'r1', 2);
    expect(await store.journal.append(request(3, [started], { link }))).toEqual({ kind: 'forked' });
    expect(await store.lines('prod', 'r1')).toHaveLength(2);
  });

  it('tells whoever takes a lease where the journal ends, also when it ends elsewhere than before', async () => {
    const store = await fresh();
    const ends = async () => {
      const taken = await store.journal.take('prod', 'r1', 'worker-1');
      if (taken.kind !== 'taken') throw new Error('nobody else drives');
      expect(await store.journal.letGo(taken.lease, taken.end.version, null, taken.end.link)).toBe('let-go');
      return taken.end;
    };
    const read = async () => {
      const { n, link } = (await store.journal.read('prod', 'r1')).at(-1) ?? {};
      return { version: n, link };
    };
    expect(await ends()).toEqual({ version: 0, link: '' });
    await store.journal.append(request(0, [anAsk('r1')]));
    expect(await ends()).toEqual(await read());
    await store.journal.append(request(1, [started, awkward]));
    const before = await ends();
    expect(before).toEqual({ ...(await read()), version: 3 });
    await store.cut('prod', 'r1', 2);
    await store.journal.append(request(2, [{ kind: 'paused', user: 'U0ANN', delivery: 'd-1' }]));
    expect(await ends()).toEqual({ ...(await read()), version: 3 });
    expect(await ends()).not.toEqual(before);
  });

  it('does not let a lease go over a journal that lost a fact and grew to the same length', async () => {
    const store = await fresh();
    await store.journal.append(request(0, [anAsk('r1'), started]));
    const taken = await store.journal.take('prod', 'r1', 'worker-1');
    if (taken.kind !== 'taken') throw new Error('nobody else drives');
    const link = (await store.journal.read('prod', 'r1')).at(-1)?.link ?? '';
    await store.cut('prod', 'r1', 1);
    await store.journal.append(request(1, [{ kind: 'paused', user: 'U0ANN', delivery: 'd-1' }]));
    const grown = (await store.journal.read('prod', 'r1')).at(-1)?.link ?? '';
    expect(grown).not.toBe(link);
    expect(await store.journal.letGo(taken.lease, 2, null, link)).toBe('moved');
    expect(await store.journal.letGo(taken.lease, 2, null, grown)).toBe('let-go');
  });
}
