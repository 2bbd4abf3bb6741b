// Where the copy of etcd stands in an upgrade's plan, from which node it comes, and what is said without one.
import { describe, expect, it } from 'vitest';
import type { Snapshot } from '../../../src/cluster/snapshot.ts';
import type { Goal } from '../../../src/rollout/goal.ts';
import { planFor } from '../../../src/rollout/plan/plan-for.ts';
import type { Proposal } from '../../../src/rollout/plan/proposal.ts';
import { aPolicy, limits } from '../../builders/plan.ts';
import { aCluster } from '../../builders/snapshot.ts';

const UPGRADE: Goal = { kind: 'upgrade-talos', version: 'v1.13.5' };
const LEGACY: Goal = { kind: 'upgrade-talos', version: 'v1.12.11' };

function proposed(
  snapshot: Snapshot,
  archived: boolean,
  goal = UPGRADE,
): Extract<Proposal, { kind: 'planned' }> {
  const policy = aPolicy({ limits: limits({ snapshotMs: 77_000 }) });
  const proposal = planFor(goal, {
    ...{ snapshot, policy, factory: 'factory.example', archived },
    previousOf: () => null,
  });
  if (proposal.kind !== 'planned') throw new Error(proposal.sentence);
  return proposal;
}

const finding = (proposal: Extract<Proposal, { kind: 'planned' }>) =>
  proposal.findings.filter(({ check }) => check === 'etcd-snapshot').map(({ level }) => level);

describe('the snapshot stage', () => {
  it.each([
    {
      how: 'a whole cluster',
      goal: UPGRADE,
      version: 'v1.13.4',
      stages: ['images', 'workers', 'snapshot', 'control-plane'],
    },
    {
      how: 'the legacy API',
      goal: LEGACY,
      version: 'v1.12.9',
      stages: ['workers', 'snapshot', 'control-plane'],
    },
  ])('stands right before the control plane: $how', ({ goal, version, stages }) => {
    const { plan } = proposed(aCluster({ version }).build(), true, goal);
    expect(plan.stages.map(({ id }) => id)).toEqual(stages);
  });

  it('is one lane of one step without a gate', () => {
    const { plan } = proposed(aCluster().build(), true);
    const [stage] = plan.stages.filter(({ id }) => id === 'snapshot');
    expect(stage).toMatchObject({ title: 'etcd snapshot', width: 1 });
    expect(stage?.lanes).toMatchObject([
      {
        gate: null,
        role: 'control-plane',
        steps: [{ kind: 'snapshot', repeat: 'freely', presence: 'stays', owes: null, limitMs: 77_000 }],
      },
    ]);
  });

  it.each([
    { leader: 'cp-1', from: 'cp-2' },
    { leader: 'cp-2', from: 'cp-1' },
    { leader: 'cp-3', from: 'cp-1' },
  ])('copies from $from while $leader leads', ({ leader, from }) => {
    const proposal = proposed(aCluster().ledBy(leader).build(), true);
    const [stage] = proposal.plan.stages.filter(({ id }) => id === 'snapshot');
    expect(stage?.lanes.map(({ node }) => node)).toEqual([from]);
    expect(finding(proposal)).toEqual(['ok']);
    expect(proposal.findings.at(-1)?.sentence).toContain(from);
  });

  it('copies from a node that is done already, when it does not lead', () => {
    const { plan } = proposed(aCluster().version('cp-1', 'v1.13.5').ledBy('cp-2').build(), true);
    const [stage] = plan.stages.filter(({ id }) => id === 'snapshot');
    expect(stage?.lanes.map(({ node }) => node)).toEqual(['cp-1']);
  });

  it('is left out, with nothing said, when no control-plane node is touched', () => {
    const cluster = ['cp-1', 'cp-2', 'cp-3'].reduce((one, name) => one.version(name, 'v1.13.5'), aCluster());
    for (const archived of [true, false]) {
      const proposal = proposed(cluster.build(), archived);
      expect(proposal.plan.stages.map(({ id }) => id)).toEqual(['images', 'workers']);
      expect(finding(proposal)).toEqual([]);
    }
  });

  it('is missing without an archive, and the plan warns of it', () => {
    const proposal = proposed(aCluster().build(), false);
    expect(proposal.plan.stages.map(({ id }) => id)).toEqual(['images', 'workers', 'control-plane']);
    expect(finding(proposal)).toEqual(['warning']);
    expect(proposal.findings.map(({ sentence }) => sentence)).toContain(
      'No etcd snapshot will be taken: no archive is configured.',
    );
  });

  it('is no part of a rollback', () => {
    const proposal = proposed(aCluster().build(), true, { kind: 'rollback-node', node: 'cp-2' });
    expect(proposal.plan.stages.map(({ id }) => id)).toEqual(['rollback']);
    expect(finding(proposal)).toEqual([]);
  });
});
