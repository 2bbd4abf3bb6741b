// When a Journal says that a rollout must be looked at (design.md 4.6): unfinished, so it has a Look.
import { expect, it } from 'vitest';
import {
  anAsk,
  declined,
  dueIds,
  type Fresh,
  finished,
  request,
  started,
  taken,
} from './journal-under-test.ts';

const AN_HOUR_MS = 3_600_000;
/** A lease that a test can see end, and in which a busy machine does a few things first. */
const A_WHILE_MS = 2_500;

export function looking(fresh: Fresh): void {
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
    // Not the short one: on a busy machine its end might come before we have looked.
    const store = await fresh(A_WHILE_MS);
    await store.journal.append(request(0, [anAsk('r1')]));
    const lease = await taken(store);
    expect((await store.looks('prod')).get('r1')).toBeGreaterThan(await store.now());
    expect(await store.journal.append(request(1, [started], { lease }))).toMatchObject({ kind: 'appended' });
    expect(await dueIds(store)).toEqual([]);
    await store.pass(A_WHILE_MS + 10);
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

  it.each([Number.NaN, Number.POSITIVE_INFINITY])(
    'are never set to %d: that throws, and the lease is kept',
    async (nonsense) => {
      const store = await fresh();
      await store.journal.append(request(0, [anAsk('r1')]));
      const lease = await taken(store);
      await expect(store.journal.letGo(lease, 1, nonsense)).rejects.toThrow('a Look is milliseconds');
      expect(await store.journal.renew(lease)).toMatchObject({ kind: 'renewed' });
    },
  );

  it('are not made for a rollout that has no journal', async () => {
    const store = await fresh();
    const lease = await taken(store, 'nobody-asked');
    await store.journal.letGo(lease, 0, null);
    expect(await store.looks('prod')).toEqual(new Map());
  });

  it('are handed out longest overdue first, only of the named clusters, and at most as many as asked for', async () => {
    const store = await fresh();
    for (const [rollout, cluster] of [
      ['r1', 'prod'],
      ['r2', 'lab'],
      ['r3', 'prod'],
      ['r4', 'home'],
    ] as const) {
      await store.journal.append(request(0, [anAsk(rollout, cluster)], { rollout, cluster }));
      await store.pass(3);
    }
    expect(await dueIds(store, ['prod', 'lab'])).toEqual(['r1', 'r2', 'r3']);
    expect(await dueIds(store, ['lab', 'prod'], 2)).toEqual(['r1', 'r2']);
    expect(await dueIds(store, [])).toEqual([]);
  });
}
