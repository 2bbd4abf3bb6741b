// The upgrade's plan: its order, its steps by generation of the API, and when there is none.
import { describe, expect, it } from 'vitest';
import { blocks } from '../../../src/checks/finding.ts';
import type { Snapshot } from '../../../src/cluster/snapshot.ts';
import { planFor } from '../../../src/rollout/plan/plan-for.ts';
import { type Proposal, startsAtOnce } from '../../../src/rollout/plan/proposal.ts';
import { type Lane, lanesOf, type Plan, type Stage, stepById, stepsOf } from '../../../src/rollout/plan.ts';
import type { Policy } from '../../../src/rollout/policy.ts';
import { aPolicy, limits } from '../../builders/plan.ts';
import { aCluster, SCHEMATIC } from '../../builders/snapshot.ts';

const TARGET = 'v1.13.5';

function propose(snapshot: Snapshot, policy: Policy = aPolicy(), version = TARGET): Proposal {
  const goal = { kind: 'upgrade-talos', version } as const;
  return planFor(goal, { snapshot, policy, factory: 'factory.example', previousOf: () => null });
}

function plan(snapshot: Snapshot, policy?: Policy, version?: string): Plan {
  const proposal = propose(snapshot, policy, version);
  if (proposal.kind !== 'planned') throw new Error(`declined: ${proposal.sentence}`);
  return proposal.plan;
}

function stage(planned: Plan, id: string): Stage {
  const found = planned.stages.find((one) => one.id === id);
  if (found === undefined) throw new Error(`no stage ${id}`);
  return found;
}

const nodesIn = (one: Stage): readonly string[] => one.lanes.map((lane) => lane.node);
const kindsOf = (lane: Lane | undefined): readonly string[] => lane?.steps.map((step) => step.kind) ?? [];

describe('the order', () => {
  it('is images, workers, control plane, and the etcd leader last', () => {
    const planned = plan(aCluster().ledBy('cp-2').build());
    expect(planned.stages.map((one) => one.id)).toEqual(['images', 'workers', 'control-plane']);
    expect(nodesIn(stage(planned, 'workers'))).toEqual(['worker-1', 'worker-2']);
    expect(nodesIn(stage(planned, 'control-plane'))).toEqual(['cp-1', 'cp-3', 'cp-2']);
  });

  it('counts numbers in names as numbers', () => {
    const planned = plan(aCluster({ workers: 11 }).build());
    expect(nodesIn(stage(planned, 'workers')).slice(0, 3)).toEqual(['worker-1', 'worker-2', 'worker-3']);
    expect(nodesIn(stage(planned, 'workers')).at(-1)).toBe('worker-11');
  });

  it('gates every control-plane lane and no other, at width 1 whatever the policy says', () => {
    const planned = plan(aCluster({ workers: 6 }).build(), aPolicy({ parallelWorkers: 3 }));
    expect(stage(planned, 'workers').width).toBe(3);
    expect(stage(planned, 'control-plane').width).toBe(1);
    expect(lanesOf(planned).filter((lane) => lane.gate !== null)).toEqual(
      stage(planned, 'control-plane').lanes,
    );
    expect(stage(planned, 'control-plane').lanes.map((lane) => lane.gate?.proof)).toEqual(
      Array(3).fill('healthy'),
    );
  });

  it('gives every lane, step and gate an id of its own', () => {
    const planned = plan(aCluster({ workers: 4 }).build());
    const ids = [...lanesOf(planned).map((lane) => lane.id), ...stepsOf(planned).map((step) => step.id)];
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toContain('14-cp-1');
    expect(ids).toContain('14-cp-1-reboot');
  });
});

describe('the steps of a node', () => {
  it('are separate calls from 1.13 on', () => {
    const planned = plan(aCluster().build());
    expect(kindsOf(stage(planned, 'workers').lanes[0])).toEqual([
      ...['pull', 'cordon', 'drain', 'install', 'reboot', 'return', 'uncordon'],
    ]);
    expect(kindsOf(stage(planned, 'control-plane').lanes[0])).toEqual([
      ...['pull', 'cordon', 'drain', 'install', 'forfeit', 'reboot', 'return', 'uncordon'],
    ]);
    expect(stage(planned, 'images').lanes.map(kindsOf)).toEqual(Array(5).fill(['pull']));
  });

  it('are one call up to 1.12, and nothing is pulled before', () => {
    const planned = plan(aCluster({ version: 'v1.12.9' }).build(), aPolicy(), 'v1.12.11');
    expect(planned.stages.map((one) => one.id)).toEqual(['workers', 'control-plane']);
    expect(kindsOf(stage(planned, 'workers').lanes[0])).toEqual([
      ...['cordon', 'drain', 'upgrade-legacy', 'return', 'uncordon'],
    ]);
    expect(kindsOf(stage(planned, 'control-plane').lanes[0])).toEqual([
      ...['cordon', 'drain', 'forfeit', 'upgrade-legacy', 'return', 'uncordon'],
    ]);
  });

  it('follow what each machine runs, not what is asked for', () => {
    const planned = plan(aCluster({ version: 'v1.12.11' }).version('worker-2', 'v1.13.4').build());
    const [first, second] = stage(planned, 'workers').lanes;
    expect(kindsOf(first)).toContain('upgrade-legacy');
    expect(kindsOf(second)).toContain('install');
    expect(nodesIn(stage(planned, 'images'))).toEqual(['worker-2']);
  });

  it('say what they are about', () => {
    const planned = plan(aCluster().build());
    const image = `factory.example/metal-installer/${SCHEMATIC}:${TARGET}`;
    expect(stepById(planned, '06-worker-1-pull')?.params).toEqual({ image });
    expect(stepById(planned, '06-worker-1-install')?.params).toEqual({ image, version: TARGET });
    expect(stepById(planned, '06-worker-1-reboot')?.params).toEqual({ version: TARGET });
    expect(stepById(planned, '06-worker-1-return')?.params).toEqual({
      version: TARGET,
      schematic: SCHEMATIC,
      from: 'v1.13.4',
    });
  });

  it.each([
    ['v1.7.6', 'v1.8.4', true],
    ['v1.12.9', 'v1.12.11', false],
  ])('ask %s to preserve its data: %s → %s', (version, target, preserve) => {
    const planned = plan(aCluster({ version }).build(), aPolicy(), target);
    expect(stepById(planned, '01-worker-1-upgrade-legacy')?.params['preserve']).toBe(preserve);
  });

  it('repeat, depart and owe as their kind promises', () => {
    const lifecycle = stepsOf(plan(aCluster().build()));
    const legacy = stepsOf(plan(aCluster({ version: 'v1.12.9' }).build(), aPolicy(), 'v1.12.11'));
    for (const step of [...lifecycle, ...legacy]) {
      const once = ['install', 'reboot', 'upgrade-legacy'].includes(step.kind);
      expect(step.repeat, step.id).toBe(once ? 'never' : 'freely');
      expect(step.presence, step.id).toBe(once && step.kind !== 'install' ? 'departs' : 'stays');
      expect(step.owes, step.id).toBe(step.kind === 'cordon' ? step.id.replace('cordon', 'uncordon') : null);
    }
  });

  it('have the limits of the policy; the one call of old has those of all it does', () => {
    const policy = aPolicy({ limits: limits({ pullMs: 1, installMs: 20, rebootMs: 300, drainMs: 4_000 }) });
    const lifecycle = plan(aCluster().build(), policy);
    expect(stepById(lifecycle, '06-worker-1-drain')?.limitMs).toBe(4_000);
    const legacy = plan(aCluster({ version: 'v1.12.9' }).build(), policy, 'v1.12.11');
    expect(stepById(legacy, '01-worker-1-upgrade-legacy')?.limitMs).toBe(321);
  });
});

describe('nodes that already are what was asked', () => {
  it('are left alone, and stay in the plan as untouched', () => {
    const planned = plan(aCluster().version('worker-1', TARGET).version('cp-1', TARGET).build());
    expect(lanesOf(planned).map((lane) => lane.node)).not.toContain('worker-1');
    expect(nodesIn(stage(planned, 'control-plane'))).toEqual(['cp-2', 'cp-3']);
    expect(planned.nodes.filter((node) => !node.touched).map((node) => node.name)).toEqual([
      'cp-1',
      'worker-1',
    ]);
  });

  it('leave out the stages they would have filled', () => {
    const planned = plan(aCluster().version('worker-1', TARGET).version('worker-2', TARGET).build());
    expect(planned.stages.map((one) => one.id)).toEqual(['images', 'control-plane']);
  });

  it('make the rollout unchanged when they are all of them', () => {
    const proposal = propose(aCluster({ version: TARGET }).build());
    expect(proposal).toMatchObject({ kind: 'declined', outcome: 'unchanged' });
  });

  it('do not make it unchanged while one does not answer', () => {
    const proposal = propose(aCluster({ version: TARGET }).silent('cp-3').build());
    expect(proposal).toMatchObject({ kind: 'declined', outcome: 'blocked' });
  });
});

describe('a blocked upgrade', () => {
  it.each([
    ['a silent machine', aCluster().silent('worker-1')],
    [
      'a cluster that does not answer at all',
      aCluster({ controlPlane: 0, workers: 0 }).incomplete('no route'),
    ],
    ['a learner', aCluster().withLearner('cp-2')],
    ['two members', aCluster({ controlPlane: 2 })],
    ['a machine without a version', aCluster().version('cp-1', 'dev-build')],
    ['extensions that would be lost', aCluster().machine('worker-1', { schematic: null })],
  ])('by %s has findings and no plan', (_what, cluster) => {
    const proposal = propose(cluster.build());
    expect(proposal).toMatchObject({ kind: 'declined', outcome: 'blocked' });
    expect(proposal.findings.length).toBeGreaterThan(0);
  });

  it('is proposed with what stops it when that is advice', () => {
    const policy = aPolicy({ checks: { 'node-schedulable': 'block', 'etcd-snapshot': 'block' } });
    const proposal = propose(aCluster().workload('worker-1', { unschedulable: true }).build(), policy);
    expect(proposal.kind).toBe('planned');
    expect(proposal.findings.filter(blocks).map(({ check }) => check)).toEqual([
      'node-schedulable',
      'etcd-snapshot',
    ]);
  });

  it('stays declined when a promise stands beside the advice, and shows both', () => {
    const cluster = aCluster().withLearner('cp-2').workload('worker-1', { unschedulable: true });
    const proposal = propose(cluster.build(), aPolicy({ checks: { 'node-schedulable': 'block' } }));
    expect(proposal).toMatchObject({ kind: 'declined', outcome: 'blocked' });
    const checks = proposal.findings.filter(blocks).map(({ check }) => check);
    expect(checks).toContain('node-schedulable');
    expect(checks).toContain('etcd-quorum');
  });

  it('is not caused by a warning', () => {
    expect(propose(aCluster().workload('worker-1', { unschedulable: true }).build()).kind).toBe('planned');
  });
});

describe('starting', () => {
  it.each([
    ['asks first when workers go without a gate', aCluster(), 'ask', false],
    ['is at once when every act waits at a gate', aCluster({ workers: 0, version: 'v1.12.9' }), 'ask', true],
    ['is at once when the policy says so', aCluster(), 'at-once', true],
  ] as const)('%s', (_what, cluster, start, atOnce) => {
    const snapshot = cluster.build();
    const version = snapshot.nodes.length === 3 ? 'v1.12.11' : TARGET;
    expect(startsAtOnce(plan(snapshot, aPolicy({ start }), version), [], aPolicy({ start }))).toBe(atOnce);
  });
});
