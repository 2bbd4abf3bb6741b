// The rollback's plan: what is asked of the survivors, what is left out for a sick node, and when there is none.
import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../../src/cluster/snapshot.ts';
import { planFor } from '../../../src/rollout/plan/plan-for.ts';
import { type Proposal, startsAtOnce } from '../../../src/rollout/plan/proposal.ts';
import { lanesOf, type Plan } from '../../../src/rollout/plan.ts';
import { aPolicy } from '../../builders/plan.ts';
import { aCluster, memberIdOf, SCHEMATIC } from '../../builders/snapshot.ts';

function propose(snapshot: Snapshot, node: string, previous: string | null = 'v1.13.3'): Proposal {
  const goal = { kind: 'rollback-node', node } as const;
  return planFor(goal, {
    snapshot,
    policy: aPolicy(),
    factory: 'factory.example',
    previousOf: () => (previous === null ? null : { version: previous, schematic: SCHEMATIC }),
  });
}

function plan(snapshot: Snapshot, node: string, previous?: string | null): Plan {
  const proposal = propose(snapshot, node, previous);
  if (proposal.kind !== 'planned') throw new Error(`declined: ${proposal.sentence}`);
  return proposal.plan;
}

const kinds = (planned: Plan): readonly string[] =>
  lanesOf(planned).flatMap((lane) => lane.steps.map((s) => s.kind));

describe('the plan of a rollback', () => {
  it('takes a control-plane node through a gate proved by its survivors, and starts at once', () => {
    const planned = plan(aCluster().build(), 'cp-2');
    expect(lanesOf(planned).map((lane) => lane.gate?.proof)).toEqual(['repair']);
    expect(kinds(planned)).toEqual(['cordon', 'drain', 'forfeit', 'rollback', 'return', 'uncordon']);
    expect(startsAtOnce(planned, [], aPolicy())).toBe(true);
    expect(planned.success).toBe('rolled-back');
  });

  it('takes a worker without a gate, so it asks before it starts', () => {
    const planned = plan(aCluster().build(), 'worker-1');
    expect(lanesOf(planned).map((lane) => lane.gate)).toEqual([null]);
    expect(kinds(planned)).toEqual(['cordon', 'drain', 'rollback', 'return', 'uncordon']);
    expect(startsAtOnce(planned, [], aPolicy())).toBe(false);
  });

  it('expects the recorded version, and says so in the steps', () => {
    const [lane] = lanesOf(plan(aCluster().build(), 'worker-1'));
    const params = Object.fromEntries(lane?.steps.map((step) => [step.kind, step.params]) ?? []);
    expect(params['rollback']).toEqual({ from: 'v1.13.4', version: 'v1.13.3' });
    expect(params['return']).toEqual({ version: 'v1.13.3', schematic: null, from: 'v1.13.4' });
  });

  it.each<[string, string | null, string, string]>([
    ['is believed by a node that runs what the last upgrade left', 'v1.13.4', 'ok', 'come back with v1.13.3'],
    ['is believed where nobody wrote down what that left', null, 'ok', 'come back with v1.13.3'],
    ['is no record of a node that somebody else upgraded since', 'v1.13.2', 'warning', 'There is no record'],
  ])('has a record that %s', (_what, left, level, says) => {
    const snapshot = aCluster().build();
    const proposal = planFor(
      { kind: 'rollback-node', node: 'worker-1' },
      {
        ...{ snapshot, policy: aPolicy(), factory: 'factory.example' },
        previousOf: () => ({ version: 'v1.13.3', schematic: SCHEMATIC, left }),
      },
    );
    const sentence: unknown = expect.stringContaining(says);
    expect(proposal.findings).toContainEqual(
      expect.objectContaining({ check: 'rollback-target', level, sentence }),
    );
  });

  it('warns, and goes on, without a record', () => {
    const proposal = propose(aCluster().build(), 'worker-1', null);
    expect(proposal.kind).toBe('planned');
    expect(proposal.findings).toContainEqual(
      expect.objectContaining({ check: 'rollback-target', level: 'warning' }),
    );
  });

  it.each([
    [
      'does not drain what is not Ready',
      aCluster().notReady('cp-2'),
      ['cordon', 'forfeit', 'rollback', 'return', 'uncordon'],
    ],
    [
      'does not hand over what does not answer',
      aCluster().etcdSilent('cp-2'),
      ['cordon', 'drain', 'rollback', 'return', 'uncordon'],
    ],
    ['does not cordon what never joined', aCluster().notJoined('cp-2'), ['forfeit', 'rollback', 'return']],
  ])('%s', (_what, cluster, steps) => {
    expect(kinds(plan(cluster.build(), 'cp-2'))).toEqual(steps);
  });

  it('takes the members from the survivors, not from the sick node', () => {
    const planned = plan(aCluster().seesOnly('cp-2', ['dead']).build(), 'cp-2');
    expect(planned.etcdMembers).toEqual(['cp-1', 'cp-2', 'cp-3'].map(memberIdOf));
  });
});

describe('no rollback', () => {
  it.each([
    ['of an unknown node', aCluster(), 'cp-9', undefined, 'refused', 'cp-1, cp-2, cp-3, worker-1, worker-2'],
    [
      'of a machine that does not answer',
      aCluster().silent('cp-2'),
      'cp-2',
      undefined,
      'blocked',
      'cannot be rolled back',
    ],
    [
      'while a survivor is silent',
      aCluster().etcdSilent('cp-3'),
      'cp-2',
      undefined,
      'blocked',
      'cannot be rolled back',
    ],
    [
      'of the only member',
      aCluster({ controlPlane: 1 }),
      'cp-1',
      undefined,
      'blocked',
      'cannot be rolled back',
    ],
    [
      'of one of two members',
      aCluster({ controlPlane: 2 }),
      'cp-2',
      undefined,
      'blocked',
      'cannot be rolled back',
    ],
    [
      'of a node that already fell back by itself',
      aCluster(),
      'cp-2',
      'v1.13.4',
      'unchanged',
      'already runs v1.13.4',
    ],
  ] as const)('%s', (_what, cluster, node, previous, outcome, says) => {
    expect(propose(cluster.build(), node, previous)).toMatchObject({
      kind: 'declined',
      outcome,
      sentence: expect.stringContaining(says),
    });
  });

  it('is caused by a silent survivor when the node is a worker', () => {
    expect(propose(aCluster().etcdSilent('cp-3').build(), 'worker-1').kind).toBe('planned');
  });
});
