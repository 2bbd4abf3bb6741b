// What every implementation of the port Workloads does when pods are evicted, or an eviction is rehearsed.
import { expect, it, vi } from 'vitest';
import type { NodeActs } from '../../playground/world/kubernetes/acts.ts';
import { selects } from '../../src/cluster/estate/selecting.ts';
import type { PodSeen, Workloads } from '../../src/engine/ports/workloads.ts';
import { nameAsIs } from './cluster-hands.ts';
import type { WorkloadsUnderTest } from './workloads.contract.ts';

const mark = 'rollout-1';

/** Where nobody counts acts, nothing is expected of the count. */
export function countedAs(expected: Partial<NodeActs>): (acts: NodeActs | null) => boolean {
  return (acts) =>
    acts === null || Object.entries(expected).every(([act, count]) => acts[act as keyof NodeActs] === count);
}

export async function podOn(workloads: Workloads, node: string, app: string): Promise<PodSeen> {
  const pod = (await workloads.podsOn(node)).find((one) => one.name.startsWith(`${app}-`));
  if (pod === undefined) throw new Error(`no ${app} pod on ${node}`);
  return pod;
}

export function describeEvict(get: () => WorkloadsUnderTest): void {
  const n = nameAsIs(get);
  it('accepts, and the pod is gone when its successor is there', async () => {
    const { workloads } = get();
    await workloads.cordon(n('w-1'), mark);
    const pod = await podOn(workloads, n('w-1'), 'web');
    expect(await workloads.gone(pod)).toBe(false);
    expect(await workloads.evict(pod)).toEqual({ kind: 'accepted' });
    await vi.waitFor(async () => expect(await workloads.gone(pod)).toBe(true), {
      timeout: 5_000,
      interval: 10,
    });
    expect((await workloads.podsOn(n('w-1'))).some((one) => one.name.startsWith('web-'))).toBe(false);
    expect(await workloads.evict(pod)).toEqual({ kind: 'gone' });
    expect(get().objects.actsOn?.(n('w-1')) ?? null).toSatisfy(countedAs({ evictions: 1 }));
  });

  it('shows when an accepted pod will be killed', async () => {
    const { workloads, objects } = get();
    await objects.setTimings({ terminationMs: 60_000 });
    const pod = await podOn(workloads, n('w-1'), 'web');
    await workloads.evict(pod);
    const ending = (await workloads.podsOn(n('w-1'))).find((one) => one.uid === pod.uid);
    expect(ending?.deletingAt).toBeGreaterThan(1_700_000_000_000);
    expect(await workloads.gone(pod)).toBe(false);
  });

  it('never touches a successor that took the name', async () => {
    const { workloads, objects } = get();
    const pod = { ...(await podOn(workloads, n('w-1'), 'web')), uid: 'the-one-before' };
    expect(await workloads.gone(pod)).toBe(true);
    expect(await workloads.evict(pod)).toEqual({ kind: 'gone' });
    expect(objects.actsOn?.(n('w-1')) ?? null).toSatisfy(countedAs({ evictions: 0 }));
  });

  it('is blocked by a budget, named with its figures, and goes on when the budget allows', async () => {
    const { workloads, objects } = get();
    await objects.blockBudget(null);
    const pod = await podOn(workloads, n('w-1'), 'web');
    expect(await workloads.evict(pod)).toEqual({
      kind: 'blocked',
      cause: 'budget',
      why: 'The disruption budget web needs 3 healthy pods and has 3 currently',
      retryAfterMs: 0,
    });
    await objects.unblockBudget(null);
    expect(await workloads.evict(pod)).toEqual({ kind: 'accepted' });
  });

  it('is refused for good when two budgets select the pod', async () => {
    const { workloads, objects } = get();
    await objects.addBudget({
      namespace: n('shop'),
      name: 'second',
      app: 'web',
      limits: { maxUnavailable: 3 },
    });
    const answer = await workloads.evict(await podOn(workloads, n('w-1'), 'web'));
    expect(answer).toMatchObject({
      kind: 'refused',
      cause: 'budgets',
      why: expect.stringContaining('more than one PodDisruptionBudget'),
    });
  });

  it('is rehearsed: answered as it would be, and nothing is evicted', async () => {
    const { workloads, objects } = get();
    const pod = await podOn(workloads, n('w-1'), 'web');
    expect(await workloads.rehearse(pod)).toEqual({ kind: 'accepted' });
    await objects.blockBudget(null);
    expect(await workloads.rehearse(pod)).toMatchObject({ kind: 'blocked' });
    await objects.unblockBudget(null);
    await objects.addBudget({
      namespace: n('shop'),
      name: 'second',
      app: 'web',
      limits: { maxUnavailable: 3 },
    });
    expect(await workloads.rehearse(pod)).toMatchObject({ kind: 'refused' });
    expect((await podOn(workloads, n('w-1'), 'web')).deletingAt).toBeNull();
    expect(get().objects.actsOn?.(n('w-1')) ?? null).toSatisfy(countedAs({ evictions: 0 }));
  });

  it('waits for a namespace that is being deleted anyway', async () => {
    const { workloads, objects } = get();
    const pod = await podOn(workloads, n('w-1'), 'web');
    await objects.terminateNamespace(n('shop'));
    expect(await workloads.evict(pod)).toMatchObject({
      kind: 'blocked',
      cause: 'namespace',
      why: expect.stringContaining(n('shop')),
    });
  });

  it('shows the budgets of a namespace with their counts, and which pods they choose', async () => {
    const { workloads, objects } = get();
    const pod = await podOn(workloads, n('w-1'), 'web');
    const web = async () => (await workloads.budgets(n('shop'))).find(({ name }) => name === 'web');
    const budget = await web();
    expect(budget).toMatchObject({
      ...{ namespace: n('shop'), name: 'web', observed: true },
      ...{ currentHealthy: 3, expectedPods: 3 },
    });
    expect(budget?.disruptionsAllowed).toBeGreaterThan(0);
    expect(selects(budget?.selector ?? { matchLabels: {}, matchExpressions: [] }, pod.labels)).toBe(true);
    await objects.blockBudget(null);
    await vi.waitFor(
      async () =>
        expect(await web()).toMatchObject({
          disruptionsAllowed: 0,
          desiredHealthy: 3,
        }),
      { timeout: 5_000, interval: 10 },
    );
    expect(await workloads.budgets(n('nothing'))).toEqual([]);
  });

  it('deletes past a budget exactly the pod that is meant, with its own grace', async () => {
    const { workloads, objects } = get();
    await workloads.cordon(n('w-1'), mark);
    await objects.blockBudget(null);
    const pod = await podOn(workloads, n('w-1'), 'web');
    expect(await workloads.remove({ ...pod, uid: 'the-one-before' })).toEqual({ kind: 'gone' });
    expect(await workloads.gone(pod)).toBe(false);
    expect(await workloads.remove(pod)).toEqual({ kind: 'accepted' });
    await vi.waitFor(async () => expect(await workloads.gone(pod)).toBe(true), {
      timeout: 5_000,
      interval: 10,
    });
    expect(await workloads.remove(pod)).toEqual({ kind: 'gone' });
    expect(get().objects.actsOn?.(n('w-1')) ?? null).toSatisfy(countedAs({ deletions: 1, evictions: 0 }));
  });

  it('knows no attached volumes where none are', async () => {
    expect(await get().workloads.attachments(n('w-1'))).toEqual([]);
  });
}
