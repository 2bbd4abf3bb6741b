// Which pods stay for good, and which only take their time: one table over what can be seen of a pod.
import { describe, expect, it } from 'vitest';
import type { BudgetView } from '../../src/cluster/estate/pods.ts';
import type { PodSeen } from '../../src/engine/ports/workloads.ts';
import { blockersAmong, type DrainView } from '../../src/engine/steps/blockers.ts';
import type { Standing } from '../../src/engine/steps/evictions.ts';

const NOW = 1_000_000;
const MARGIN_MS = 60_000;

const POD: PodSeen = {
  ...{ namespace: 'shop', name: 'web-1', uid: 'web-1', node: 'w-1', phase: 'Running', ready: true },
  ...{ ownerKind: 'ReplicaSet', workload: 'shop/ReplicaSet web', waiting: null, mirror: false },
  ...{
    emptyDir: false,
    labels: { app: 'web' },
    claims: [],
    finalizers: [],
    deletingAt: null,
    graceMs: 30_000,
    toleratesCordon: false,
  },
};

const BUDGET: BudgetView = {
  ...{ namespace: 'shop', name: 'web', selector: { matchLabels: { app: 'web' }, matchExpressions: [] } },
  ...{ disruptionsAllowed: 0, currentHealthy: 3, desiredHealthy: 3, expectedPods: 3 },
  ...{ observed: true, unhealthyPods: 'if-healthy-budget' },
};

const stands = (cause: Standing['cause']): Standing => ({
  cause,
  why: 'because',
  retryAt: 0,
  notBefore: 0,
  waitMs: 1_000,
});

function judged(pod: Partial<PodSeen>, standing: Standing | null, around: Partial<DrainView> = {}) {
  return blockersAmong({
    pods: [{ ...POD, ...pod }],
    standing: () => standing,
    budgets: [BUDGET],
    returns: () => false,
    nodeReady: true,
    cordoned: true,
    overdueMs: ({ deletingAt }) => (deletingAt === null ? null : NOW - deletingAt),
    marginMs: MARGIN_MS,
    quiet: true,
    long: false,
    ...around,
  });
}

describe('a pod that is still there', () => {
  it.each<
    readonly [string, Partial<PodSeen>, Standing | null, Partial<DrainView>, string | null | undefined]
  >([
    ['that was let go is on its way', {}, null, {}, undefined],
    ['under a budget that allows nothing stays, once nothing moves', {}, stands('budget'), {}, 'budget'],
    ['under a budget is waited for while something moves', {}, stands('budget'), { quiet: false }, null],
    [
      'whose budget would let it go by now is asked again first',
      {},
      stands('budget'),
      { budgets: [{ ...BUDGET, disruptionsAllowed: 1 }] },
      null,
    ],
    [
      'whose budget was changed and not counted yet is waited for',
      {},
      stands('budget'),
      { budgets: [{ ...BUDGET, observed: false }] },
      null,
    ],
    [
      'whose budget is not counted for long stays',
      {},
      stands('budget'),
      { budgets: [{ ...BUDGET, observed: false }], long: true },
      'budget',
    ],
    [
      'whose budgets cannot be read stays by the server’s word',
      {},
      stands('budget'),
      { budgets: [] },
      'budget',
    ],
    ['under two budgets stays at once', {}, stands('budgets'), { quiet: false }, 'budgets'],
    [
      'that a webhook or our rights protect stays at once',
      {},
      stands('refused'),
      { quiet: false },
      'refused',
    ],
    [
      'that a webhook moves itself is waited for, though nothing is seen of it',
      {},
      stands('webhook'),
      {},
      null,
    ],
    ['that a webhook keeps for long stays', {}, stands('webhook'), { long: true }, 'refused'],
    ['in a namespace that is being deleted is waited for', {}, stands('namespace'), { quiet: false }, null],
    ['in a namespace whose deletion stands still stays', {}, stands('namespace'), {}, 'namespace'],
    ['about which the API was busy is asked again', {}, stands('busy'), {}, null],
    ['about which nobody answered is asked again', {}, stands('silent'), {}, null],
    ['about which nobody answers for long stays', {}, stands('silent'), { long: true }, 'refused'],
    ['that has grace left is slow', { deletingAt: NOW + 1 }, null, {}, undefined],
    ['whose grace has just ended is slow', { deletingAt: NOW - MARGIN_MS + 1 }, null, {}, undefined],
    ['whose grace ended long ago is stuck', { deletingAt: NOW - MARGIN_MS }, null, {}, 'stuck'],
    ['that is stuck is so whatever was answered before', { deletingAt: 0 }, stands('budget'), {}, 'stuck'],
    ['that comes back stays, let go or not', {}, null, { returns: () => true }, 'comes-back'],
    [
      'that comes back does so whatever keeps it',
      {},
      stands('budget'),
      { returns: () => true },
      'comes-back',
    ],
    [
      'that comes back is there while it goes',
      { deletingAt: NOW },
      null,
      { returns: () => true },
      'comes-back',
    ],
    [
      'that comes back and is past its time is stuck',
      { deletingAt: 0 },
      null,
      { returns: () => true },
      'stuck',
    ],
  ])('%s', (_what, pod, standing, around, cause) => {
    const blockers = judged(pod, standing, around);
    if (cause === null) expect(blockers).toBeNull();
    else expect(blockers?.map((one) => one.cause)).toEqual(cause === undefined ? [] : [cause]);
  });

  it.each<readonly [string, Partial<PodSeen>, boolean | null, string]>([
    [
      'its finalizers',
      { finalizers: ['a.example/x', 'b.example/y'] },
      true,
      'its finalizers still stand: a.example/x, b.example/y',
    ],
    ['a kubelet that is away', {}, false, 'the kubelet of w-1 does not report'],
    ['a kubelet that is there', {}, true, 'the kubelet of w-1 has not removed it'],
    ['a kubelet nobody asked about', {}, null, 'the kubelet of w-1 has not removed it'],
  ])('is said to be held by %s', (_what, pod, nodeReady, why) => {
    const [blocker] = judged({ ...pod, deletingAt: 0 }, null, { nodeReady }) ?? [];
    expect(blocker?.why).toContain(why);
  });

  it('names the budgets that choose it, and what goes with it', () => {
    const others = [
      { ...BUDGET, name: 'elsewhere', namespace: 'other' },
      { ...BUDGET, name: 'for others', selector: { matchLabels: { app: 'cache' }, matchExpressions: [] } },
      { ...BUDGET, name: 'for nobody', selector: null },
    ];
    const blockers = judged({ emptyDir: true, ownerKind: null }, stands('budget'), {
      budgets: [BUDGET, ...others],
    });
    expect(blockers).toMatchObject([{ budgets: [{ name: 'web' }], loses: ['empty-dir', 'itself'] }]);
  });
});

describe('one that comes back', () => {
  it.each<readonly [string, boolean, boolean | null, RegExp]>([
    ['tolerates the cordon', true, true, /^it tolerates the cordon, so its owner may put it on w-1 again$/],
    ['is pinned to its node', false, true, /^it is pinned to w-1 by name, so no cordon keeps it away$/],
    ['may do so, as nobody could read the node', false, null, /pinned to w-1/],
    ['was let in by somebody who uncordoned the node', true, false, /^w-1 is not cordoned any more/],
  ])('says so when it %s', (_what, toleratesCordon, cordoned, why) => {
    const [blocker] = judged({ toleratesCordon }, null, { returns: () => true, cordoned }) ?? [];
    expect(blocker).toMatchObject({ cause: 'comes-back', budgets: [] });
    expect(blocker?.why).toMatch(why);
  });
});
