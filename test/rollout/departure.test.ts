// May this control-plane node go now: proved, not yet, or not under this plan any more.
import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../src/cluster/snapshot.ts';
import { ailmentsOf } from '../../src/rollout/ailments.ts';
import {
  identityTrouble,
  proveDeparture,
  shouldGoLater,
  workerTrouble,
} from '../../src/rollout/departure.ts';
import type { Entry, RolloutEvent } from '../../src/rollout/event.ts';
import { fold } from '../../src/rollout/evolve.ts';
import type { Goal } from '../../src/rollout/goal.ts';
import { planFor } from '../../src/rollout/plan/plan-for.ts';
import { type Lane, lanesOf, type Plan } from '../../src/rollout/plan.ts';
import type { Rollout } from '../../src/rollout/rollout.ts';
import { APPROVER, aPolicy, REQUESTER } from '../builders/plan.ts';
import { aCluster, SNAPSHOT_AT, type SnapshotBuilder } from '../builders/snapshot.ts';

const UPGRADE: Goal = { kind: 'upgrade-talos', version: 'v1.13.5' };
const ROLLBACK: Goal = { kind: 'rollback-node', node: 'cp-2' };

interface Scene {
  readonly plan: Plan;
  readonly rollout: Rollout;
  readonly lane: Lane;
}

function laneIn(plan: Plan, node: string): Lane {
  const lane = lanesOf(plan).find((one) => one.node === node && one.steps.length > 1);
  if (lane === undefined) throw new Error(`no lane for ${node}`);
  return lane;
}

function scene(goal: Goal, more: (plan: Plan) => readonly RolloutEvent[] = () => [], node = 'cp-2'): Scene {
  const snapshot = aCluster().build();
  const sources = {
    snapshot,
    policy: aPolicy(),
    factory: 'factory.example',
    previousOf: () => ({ version: 'v1.13.3', schematic: null }),
  };
  const proposal = planFor(goal, sources);
  if (proposal.kind !== 'planned') throw new Error(proposal.sentence);
  const { plan, findings } = proposal;
  const events: readonly RolloutEvent[] = [
    { kind: 'asked', rollout: 'r', cluster: 'prod', goal, user: REQUESTER, channel: 'C1', delivery: 'd' },
    { kind: 'planned', plan, findings, expiresAt: 1e9 },
    { kind: 'started', user: null, delivery: null },
    ...more(plan),
  ];
  const entries = events.map((event, i): Entry => ({ n: i + 1, at: i, by: { kind: 'clock' }, v: 1, event }));
  const rollout = fold(entries);
  if (rollout === null) throw new Error('nothing was asked');
  return { plan, rollout, lane: laneIn(plan, node) };
}

function judge({ rollout, plan, lane }: Scene, snapshot: Snapshot): string {
  const departure = proveDeparture(rollout, plan, lane, snapshot);
  return departure.kind === 'proved' ? 'proved' : `${departure.kind}: ${departure.whys.join('; ')}`;
}

describe('the departure of a node that is upgraded', () => {
  const rows: readonly (readonly [string, SnapshotBuilder, string])[] = [
    ['a healthy cluster', aCluster(), 'proved'],
    ['a worker that is ill', aCluster().silent('worker-1').notReady('worker-1'), 'proved'],
    [
      'a certificate of ours that is about to end: what was begun is finished',
      aCluster().access({
        roles: ['os:admin'],
        admin: 'granted',
        expiresAt: SNAPSHOT_AT + 1,
        until: 'soon',
        stale: null,
      }),
      'proved',
    ],
    ['the node itself not Ready', aCluster().notReady('cp-2'), 'proved'],
    ['a peer that is not Ready', aCluster().notReady('cp-3'), 'unproved: cp-3 is not Ready'],
    ['a peer that boots', aCluster().machine('cp-3', { stage: 'booting' }), 'unproved: cp-3 is booting'],
    [
      'a peer whose API server waits',
      aCluster().podNotReady('cp-3', 'kube-apiserver'),
      'unproved: cp-3 waits for',
    ],
    ['a peer without an API server', aCluster().pods('cp-3', []), 'unproved: cp-3 shows no static pods'],
    [
      'a peer that restarted and has not reported',
      aCluster().machine('cp-3', { bootId: 'new' }),
      'unproved: cp-3 has not reported',
    ],
    ['a silent peer', aCluster().silent('cp-3'), 'unproved: etcd on cp-3 does not answer'],
    ['a learner', aCluster().withLearner('cp-3'), 'unproved: cp-3 is still a learner'],
    ['a node that joined', aCluster({ workers: 3 }), 'drifted: worker-3 joined'],
    ['a node that is gone', aCluster().without('worker-2'), 'unproved: worker-2 is not seen any more'],
    [
      'other members',
      aCluster().everywhere((view) => ({ members: view.members.slice(1) })),
      'drifted: the etcd members',
    ],
    ['another version than planned', aCluster().version('cp-2', 'v1.13.1'), 'drifted: cp-2 runs v1.13.1'],
    ['the version it shall have', aCluster().version('cp-2', 'v1.13.5'), 'proved'],
  ];
  it.each(rows)('with %s', (_what, cluster, verdict) => {
    expect(judge(scene(UPGRADE), cluster.build())).toContain(verdict);
  });

  it('shows its arithmetic on the card', () => {
    const { rollout, plan, lane } = scene(UPGRADE);
    const departure = proveDeparture(rollout, plan, lane, aCluster().build());
    expect(departure).toMatchObject({
      kind: 'proved',
      proof: {
        kind: 'healthy',
        voters: 3,
        quorum: 2,
        votersLeft: 2,
        leader: 'cp-1',
        sentence: 'etcd has 3 voting members; without cp-2, 2 remain, and quorum is 2.',
      },
    });
  });
});

describe('while another node is away by our hand', () => {
  const away = (node: string): Scene =>
    scene(UPGRADE, (plan) =>
      laneIn(plan, node)
        .steps.filter((step) => step.kind === 'reboot')
        .flatMap((step): RolloutEvent[] => [
          { kind: 'step-begun', step: step.id, evidence: {}, by: 'w' },
          { kind: 'step-ended', step: step.id, result: {} },
        ]),
    );

  it.each(['worker-1', 'cp-3'])('nobody follows %s before it is whole', (node) => {
    expect(judge(away(node), aCluster().notReady(node).build())).toContain(`${node} is still away`);
    expect(judge(away(node), aCluster().silent(node).build())).toContain(`${node} is still away`);
    expect(judge(away(node), aCluster().build())).toBe('proved');
  });

  it('a node that is not seen at all is not whole', () => {
    expect(judge(away('worker-1'), aCluster().without('worker-1').build())).toContain(
      'worker-1 is still away',
    );
  });
});

describe('a node that people left behind', () => {
  it('may be gone without stopping the others', () => {
    const left = scene(UPGRADE, (plan) => [
      { kind: 'skipped', lane: laneIn(plan, 'worker-2').id, user: APPROVER, delivery: 'd2' },
    ]);
    expect(judge(left, aCluster().without('worker-2').build())).toBe('proved');
  });
});

describe('the departure of a sick node that is rolled back', () => {
  const rows: readonly (readonly [string, SnapshotBuilder, string])[] = [
    ['its etcd silent', aCluster().etcdSilent('cp-2'), 'proved'],
    ['its etcd with a list of its own', aCluster().seesOnly('cp-2', ['dead']), 'proved'],
    ['a peer not Ready', aCluster().notReady('cp-3'), 'proved'],
    ['a peer without etcd', aCluster().etcdSilent('cp-3'), 'unproved: only 1 of 3'],
    ['a worker gone', aCluster().without('worker-2'), 'proved'],
    [
      'survivors with other members',
      aCluster().everywhere((v) => ({ members: v.members.slice(1) })),
      'drifted',
    ],
  ];
  it.each(rows)('with %s', (_what, cluster, verdict) => {
    expect(judge(scene(ROLLBACK), cluster.build())).toContain(verdict);
  });
});

describe('the leader', () => {
  const later = (one: Scene, cluster: SnapshotBuilder): boolean =>
    shouldGoLater(one.rollout, one.plan, one.lane, cluster.build());

  it('goes later when it leads now and others could go before it', () => {
    expect(later(scene(UPGRADE), aCluster().ledBy('cp-2'))).toBe(true);
    expect(later(scene(UPGRADE), aCluster().ledBy('cp-3'))).toBe(false);
    expect(later(scene(UPGRADE), aCluster().ledBy(null))).toBe(false);
  });

  it('goes in its turn when it is the last', () => {
    expect(later(scene(UPGRADE, undefined, 'cp-1'), aCluster().ledBy('cp-1'))).toBe(false);
  });

  it('is sent back only once', () => {
    const deferred = scene(UPGRADE, (plan) => [
      { kind: 'lane-deferred', lane: laneIn(plan, 'cp-2').id, why: '' },
    ]);
    expect(later(deferred, aCluster().ledBy('cp-2'))).toBe(false);
  });
});

describe('what keeps a node from counting as whole', () => {
  it.each([
    ['nothing', aCluster(), []],
    [
      'a stage with its unmet conditions',
      aCluster().machine('cp-1', { ready: false, unmet: [{ name: 'services', reason: 'x' }] }),
      ['is running, not ready (services)'],
    ],
    ['no node object', aCluster().notJoined('cp-1'), ['is not seen by Kubernetes']],
    [
      'silent static pods',
      aCluster().podsSilent('cp-1'),
      ['has static pods that could not be read (timed out)'],
    ],
  ] as const)('%s', (_what, cluster, whys) => {
    const node = cluster.build().nodes.find(({ name }) => name === 'cp-1');
    expect(node === undefined ? null : ailmentsOf(node)).toEqual(whys);
  });
});

describe('the machine at the planned address', () => {
  const moved = (snapshot: Snapshot, name: string, address: string): Snapshot => ({
    ...snapshot,
    nodes: snapshot.nodes.map((node) => (node.name === name ? { ...node, address } : node)),
  });

  it('is the node the plan means', () => {
    const { plan, lane } = scene(UPGRADE, undefined, 'worker-1');
    expect(identityTrouble(plan, lane, aCluster().build())).toEqual([]);
  });

  it('is not when the node has another address now', () => {
    const { plan, lane } = scene(UPGRADE, undefined, 'worker-1');
    expect(identityTrouble(plan, lane, moved(aCluster().build(), 'worker-1', '10.9.9.9'))[0]).toContain(
      '10.9.9.9',
    );
  });

  it('is not when Kubernetes knows the node in another boot than the machine is in', () => {
    const { plan, lane } = scene(UPGRADE, undefined, 'worker-1');
    const snapshot = aCluster().machine('worker-1', { bootId: 'that-of-another' }).build();
    expect(identityTrouble(plan, lane, snapshot)[0]).toContain('another boot');
  });

  it('may be in a boot that Kubernetes has not heard of when it is to be repaired', () => {
    const { plan, lane } = scene(ROLLBACK);
    expect(identityTrouble(plan, lane, aCluster().machine('cp-2', { bootId: 'unheard-of' }).build())).toEqual(
      [],
    );
  });

  it('voids an approval when any node of the plan moved', () => {
    expect(judge(scene(UPGRADE), moved(aCluster().build(), 'cp-3', '10.9.9.9'))).toContain(
      'drifted: cp-3 moved',
    );
  });
});

describe('the departure of a worker', () => {
  const gone = (plan: Plan): readonly RolloutEvent[] => {
    const lane = laneIn(plan, 'worker-1');
    const until = lane.steps.findIndex((step) => step.presence === 'departs');
    const done = lane.steps.slice(0, until + 1).flatMap((step): RolloutEvent[] => [
      { kind: 'step-begun', step: step.id, evidence: {}, by: 'w' },
      { kind: 'step-ended', step: step.id, result: {} },
    ]);
    return [...done, { kind: 'skipped', lane: lane.id, user: APPROVER, delivery: 's' }];
  };
  const trouble = (snapshot: Snapshot): readonly string[] => {
    const { rollout, plan, lane } = scene(UPGRADE, gone, 'worker-2');
    return workerTrouble(rollout, plan, lane, snapshot);
  };

  it('waits for one that was left behind and is not whole', () => {
    expect(trouble(aCluster().notReady('worker-1').build())).toEqual([
      'worker-1 is still away from its own upgrade',
    ]);
  });

  it('goes on when that one is whole again', () => {
    expect(trouble(aCluster().build())).toEqual([]);
  });

  it('goes on when that one was left behind and no API lists it any more', () => {
    expect(trouble(aCluster().without('worker-1').build())).toEqual([]);
  });
});
