// What every implementation of the port Workloads does when a node is cordoned and put back as it was found.
import { expect, it } from 'vitest';
import { nameAsIs } from './cluster-hands.ts';
import { countedAs } from './evicting.contract.ts';
import type { WorkloadsUnderTest } from './workloads.contract.ts';

const mark = 'rollout-1';

export function describeCordon(get: () => WorkloadsUnderTest): void {
  const n = nameAsIs(get);
  const seen = async (name: string) => {
    const node = (await get().workloads.nodes()).find((one) => one.name === n(name));
    return { unschedulable: node?.unschedulable, cordonedBy: node?.cordonedBy };
  };

  it('marks a schedulable node in one write and puts it back', async () => {
    const { workloads } = get();
    expect(await workloads.cordon(n('w-1'), mark)).toEqual({ found: 'schedulable' });
    expect(await seen('w-1')).toEqual({ unschedulable: true, cordonedBy: mark });
    expect(await workloads.uncordon(n('w-1'), mark)).toEqual({ restored: 'schedulable' });
    expect(await seen('w-1')).toEqual({ unschedulable: false, cordonedBy: null });
    expect(get().objects.actsOn?.(n('w-1')) ?? null).toSatisfy(countedAs({ cordons: 1, uncordons: 1 }));
  });

  it('leaves a node cordoned that was found so, and takes its mark away', async () => {
    const { workloads, objects } = get();
    await objects.setUnschedulable(n('w-1'), true);
    expect(await workloads.cordon(n('w-1'), mark)).toEqual({ found: 'cordoned' });
    expect(await seen('w-1')).toEqual({ unschedulable: true, cordonedBy: mark });
    expect(await workloads.uncordon(n('w-1'), mark)).toEqual({ restored: 'cordoned' });
    expect(await seen('w-1')).toEqual({ unschedulable: true, cordonedBy: null });
  });

  it.each([false, true])(
    'answers a repeated cordon as the first one (found cordoned: %s)',
    async (before) => {
      const { workloads, objects } = get();
      await objects.setUnschedulable(n('w-1'), before);
      const first = await workloads.cordon(n('w-1'), mark);
      expect(await workloads.cordon(n('w-1'), mark)).toEqual(first);
      expect(first.found).toBe(before ? 'cordoned' : 'schedulable');
    },
  );

  it('cordons again what a person uncordoned under the mark, and still knows how it was found', async () => {
    const { workloads, objects } = get();
    await workloads.cordon(n('w-1'), mark);
    await objects.setUnschedulable(n('w-1'), false);
    expect(await workloads.cordon(n('w-1'), mark)).toEqual({ found: 'schedulable' });
    expect(await seen('w-1')).toEqual({ unschedulable: true, cordonedBy: mark });
  });

  type Meanwhile = 'nothing' | 'uncordoned' | 'uncordoned and cordoned' | 'put back' | 'taken over';
  const meanwhile: Readonly<Record<Meanwhile, () => Promise<unknown>>> = {
    nothing: async () => undefined,
    uncordoned: async () => get().objects.setUnschedulable(n('w-1'), false),
    'uncordoned and cordoned': async () => {
      await get().objects.setUnschedulable(n('w-1'), false);
      await get().objects.setUnschedulable(n('w-1'), true);
    },
    'put back': () => get().workloads.uncordon(n('w-1'), mark),
    'taken over': async () => {
      await get().objects.setUnschedulable(n('w-1'), false);
      await get().workloads.cordon(n('w-1'), 'rollout-2');
    },
  };

  it.each<
    readonly [
      'schedulable' | 'cordoned',
      Meanwhile,
      'schedulable' | 'cordoned' | 'not-ours',
      boolean,
      string | null,
    ]
  >([
    ['schedulable', 'nothing', 'schedulable', false, null],
    ['schedulable', 'uncordoned', 'schedulable', false, null],
    ['schedulable', 'uncordoned and cordoned', 'schedulable', false, null],
    ['schedulable', 'put back', 'not-ours', false, null],
    ['schedulable', 'taken over', 'not-ours', true, 'rollout-2'],
    ['cordoned', 'nothing', 'cordoned', true, null],
    ['cordoned', 'uncordoned', 'schedulable', false, null],
    ['cordoned', 'uncordoned and cordoned', 'cordoned', true, null],
    ['cordoned', 'put back', 'not-ours', true, null],
    ['cordoned', 'taken over', 'not-ours', true, 'rollout-2'],
  ])('found %s, and %s meanwhile: %s', async (found, what, restored, unschedulable, cordonedBy) => {
    const { workloads, objects } = get();
    await objects.setUnschedulable(n('w-1'), found === 'cordoned');
    expect(await workloads.cordon(n('w-1'), mark)).toEqual({ found });
    await meanwhile[what]();
    expect(await workloads.uncordon(n('w-1'), mark)).toEqual({ restored });
    expect(await seen('w-1')).toEqual({ unschedulable, cordonedBy });
    // Whoever crashed in between says it again, and changes nothing more.
    expect(await workloads.uncordon(n('w-1'), mark)).toEqual({ restored: 'not-ours' });
    expect(await seen('w-1')).toEqual({ unschedulable, cordonedBy });
  });

  it('changes nothing when the mark is gone, another one, or the node is no more', async () => {
    const { workloads, objects } = get();
    await objects.setUnschedulable(n('w-2'), true);
    await workloads.cordon(n('w-3'), 'rollout-2');
    for (const name of ['w-1', 'w-2', 'w-3', 'nobody']) {
      expect(await workloads.uncordon(n(name), mark)).toEqual({ restored: 'not-ours' });
    }
    expect(await seen('w-2')).toEqual({ unschedulable: true, cordonedBy: null });
    expect(await seen('w-3')).toEqual({ unschedulable: true, cordonedBy: 'rollout-2' });
  });

  it('finds a node cordoned that another rollout cordoned, and leaves that debt where it is', async () => {
    const { workloads } = get();
    await workloads.cordon(n('w-1'), 'rollout-2');
    expect(await workloads.cordon(n('w-1'), mark)).toEqual({ found: 'cordoned', by: 'rollout-2' });
    expect(await workloads.uncordon(n('w-1'), mark)).toEqual({ restored: 'not-ours' });
    expect(await workloads.uncordon(n('w-1'), 'rollout-2')).toEqual({ restored: 'schedulable' });
  });

  it('takes over a mark that somebody left on a schedulable node', async () => {
    const { workloads, objects } = get();
    await workloads.cordon(n('w-1'), 'rollout-2');
    await objects.setUnschedulable(n('w-1'), false);
    expect(await workloads.cordon(n('w-1'), mark)).toEqual({ found: 'schedulable' });
    expect(await seen('w-1')).toEqual({ unschedulable: true, cordonedBy: mark });
  });

  it.each([
    ['schedulable', false],
    ['schedulable', true],
    ['cordoned', false],
    ['cordoned', true],
  ] as const)('trusts a first %s more than a node without a mark (cordoned: %s)', async (first, now) => {
    const { workloads, objects } = get();
    await objects.setUnschedulable(n('w-1'), now);
    expect(await workloads.cordon(n('w-1'), mark, { first })).toEqual({ found: first });
    expect(await seen('w-1')).toEqual({ unschedulable: true, cordonedBy: mark });
    expect(await workloads.uncordon(n('w-1'), mark)).toEqual({ restored: first });
    expect(await seen('w-1')).toEqual({ unschedulable: first === 'cordoned', cordonedBy: null });
  });

  it('trusts it more than its own mark', async () => {
    const { workloads } = get();
    await workloads.cordon(n('w-1'), mark);
    expect(await workloads.cordon(n('w-1'), mark, { first: 'cordoned' })).toEqual({ found: 'cordoned' });
    expect(await workloads.uncordon(n('w-1'), mark)).toEqual({ restored: 'cordoned' });
  });

  it('writes nothing for whom it may not any more', async () => {
    const { workloads } = get();
    const no = { may: () => false };
    const withheld = { kind: 'busy', code: 'WITHHELD' };
    await expect(workloads.cordon(n('w-1'), mark, no)).rejects.toMatchObject(withheld);
    await expect(workloads.uncordon(n('w-1'), mark, { ...no, unseen: true })).rejects.toMatchObject(withheld);
    expect(await seen('w-1')).toEqual({ unschedulable: false, cordonedBy: null });
    await workloads.cordon(n('w-1'), mark, { may: () => true });
    await expect(workloads.uncordon(n('w-1'), mark, no)).rejects.toMatchObject(withheld);
    expect(await seen('w-1')).toEqual({ unschedulable: true, cordonedBy: mark });
  });

  it.each([false, true])('of a cordon that nobody saw end leaves nothing (cordoned: %s)', async (now) => {
    const { workloads, objects } = get();
    await objects.setUnschedulable(n('w-1'), now);
    expect(await workloads.uncordon(n('w-1'), mark, { unseen: true })).toEqual({ restored: 'not-ours' });
    expect(await seen('w-1')).toEqual({ unschedulable: now, cordonedBy: null });
    // Nor does it keep the next one from seeing how the node is.
    expect(await workloads.cordon(n('w-1'), mark)).toEqual({ found: now ? 'cordoned' : 'schedulable' });
    expect(await workloads.uncordon(n('w-1'), mark, { unseen: true })).toMatchObject({
      restored: now ? 'cordoned' : 'schedulable',
    });
    expect(await seen('w-1')).toEqual({ unschedulable: now, cordonedBy: null });
  });

  it('says missing for a node that does not exist', async () => {
    await expect(get().workloads.cordon(n('nobody'), mark)).rejects.toMatchObject({
      name: 'Fault',
      kind: 'missing',
    });
  });
}
