// Which nodes are not drained because their pods have no other place, and what the checks then leave unsaid.
import { describe, expect, it } from 'vitest';
import { budgetsAllow, budgetsAreSingle } from '../../src/checks/budgets.ts';
import { botMayMove, drainedPodsFit } from '../../src/checks/capacity.ts';
import { nodesWithoutElsewhere } from '../../src/checks/elsewhere.ts';
import type { Finding } from '../../src/checks/finding.ts';
import { emptyDirsMayGo, podsAreManaged, volumesMayMove, workIsReplicated } from '../../src/checks/pods.ts';
import type { NodeDetail } from '../../src/cluster/estate/platform.ts';
import { aBudget, aNodeDetail, anEstate, aPod } from '../builders/estate.ts';
import { aCluster } from '../builders/snapshot.ts';

const CONTROL_PLANE = 'node-role.kubernetes.io/control-plane';
/** Names of the nodes whose pods stay, for these nodes with these taints. */
function staying(
  nodes: Readonly<Record<string, readonly string[]>>,
  changed: Partial<NodeDetail> = {},
): readonly string[] {
  const names = Object.keys(nodes);
  const size = {
    controlPlane: names.filter((name) => name.startsWith('cp')).length,
    workers: names.filter((name) => name.startsWith('worker')).length,
  };
  const details = names.map((name) => aNodeDetail(name, { taints: nodes[name] ?? [], ...changed }));
  return [
    ...nodesWithoutElsewhere(
      aCluster(size)
        .withEstate(anEstate({ nodes: details }))
        .build(),
    ),
  ];
}

describe('nodesWithoutElsewhere', () => {
  const shut = [CONTROL_PLANE];
  it.each([
    ['one node in total', { 'cp-1': [] }, ['cp-1']],
    ['one node in total that keeps pods away', { 'cp-1': shut }, ['cp-1']],
    ['one control-plane node and one worker', { 'cp-1': shut, 'worker-1': [] }, ['worker-1']],
    ['the same, open to pods', { 'cp-1': [], 'worker-1': [] }, []],
    ['one control-plane node and two workers', { 'cp-1': shut, 'worker-1': [], 'worker-2': [] }, []],
    [
      'three control-plane nodes alone, whose pods may move among them',
      { 'cp-1': shut, 'cp-2': shut, 'cp-3': shut },
      [],
    ],
    [
      'three of them and one worker',
      { 'cp-1': shut, 'cp-2': shut, 'cp-3': shut, 'worker-1': [] },
      ['worker-1'],
    ],
    [
      'another taint: that node is a place for some',
      { 'cp-1': shut, 'worker-1': [], 'worker-2': ['gpu'] },
      [],
    ],
    [
      'the old name of the taint',
      { 'cp-1': ['node-role.kubernetes.io/master'], 'worker-1': [] },
      ['worker-1'],
    ],
  ])('%s', (_what, nodes, expected) => {
    expect(staying(nodes)).toEqual(expected);
  });

  it('counts a node that is cordoned or not Ready as a place', () => {
    const nodes = { 'cp-1': shut, 'worker-1': [], 'worker-2': [] };
    expect(staying(nodes, { schedulable: false, ready: false })).toEqual([]);
  });

  it('knows one node in total without asking Kubernetes', () => {
    expect([...nodesWithoutElsewhere(aCluster({ controlPlane: 1, workers: 0 }).build())]).toEqual(['cp-1']);
    expect([...nodesWithoutElsewhere(aCluster({ controlPlane: 1, workers: 1 }).build())]).toEqual([]);
  });
});

describe('a single node', () => {
  const pod = aPod({ node: 'cp-1', owner: null, emptyDir: true, claims: ['data'] });
  const estate = anEstate({
    nodes: [aNodeDetail('cp-1', { taints: [] })],
    pods: [pod],
    budgets: [aBudget({ disruptionsAllowed: 0 }), aBudget({ name: 'again' })],
    localVolumes: [{ name: 'pv', claim: { namespace: 'shop', name: 'data' }, hostnames: ['cp-1'] }],
    ownPods: { nodes: ['cp-1'] },
  });
  const snapshot = aCluster({ controlPlane: 1, workers: 0 }).withEstate(estate).build();
  const only = ([finding]: readonly Finding[]): Finding | undefined => finding;

  it('has nowhere to put its pods, which is said and stops nobody', () => {
    expect(only(drainedPodsFit(snapshot))).toMatchObject({
      level: 'warning',
      subject: 'cp-1',
      sentence: 'No other node takes the pods of cp-1, so it is not drained: they are down until it is back.',
    });
  });

  it('is not kept by budgets, which only a drain asks', () => {
    expect(budgetsAllow(snapshot).map(({ level }) => level)).toEqual(['ok']);
    expect(budgetsAreSingle(snapshot).map(({ level }) => level)).toEqual(['ok']);
  });

  it.each([
    ['pods without an owner', podsAreManaged],
    ['what lies in an emptyDir', emptyDirsMayGo],
    ['what exists once', workIsReplicated],
    ['volumes of one node', volumesMayMove],
  ])('is not warned about %s: nothing is evicted', (_what, check) => {
    expect(check(snapshot).map(({ level }) => level)).toEqual(['ok']);
  });

  it('takes the bot away with itself, and says so', () => {
    expect(only(botMayMove(snapshot))?.sentence).toContain('while that node restarts it is away as well');
  });
});

describe('a worker whose others are cordoned', () => {
  it('still stops: those could take its pods', () => {
    const nodes = [
      aNodeDetail('cp-1'),
      aNodeDetail('worker-1'),
      aNodeDetail('worker-2', { schedulable: false }),
    ];
    const snapshot = aCluster({ controlPlane: 1, workers: 2 })
      .withEstate(anEstate({ nodes, pods: [aPod()] }))
      .build();
    expect(drainedPodsFit(snapshot)).toMatchObject([{ level: 'blocker', subject: 'worker-1' }]);
  });
});
