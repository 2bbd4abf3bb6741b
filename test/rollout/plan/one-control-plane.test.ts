// Plans of clusters with one control-plane node: what goes away with it, what is copied before, and what is not drained.
import { describe, expect, it } from 'vitest';
import type { Goal } from '../../../src/rollout/goal.ts';
import { planFor, type Sources } from '../../../src/rollout/plan/plan-for.ts';
import type { Proposal } from '../../../src/rollout/plan/proposal.ts';
import { type Lane, lanesOf } from '../../../src/rollout/plan.ts';
import { aNodeDetail, anEstate } from '../../builders/estate.ts';
import { aPolicy } from '../../builders/plan.ts';
import { aCluster, type SnapshotBuilder } from '../../builders/snapshot.ts';

const PREVIOUS = { version: 'v1.13.3', schematic: null };
const ROLLBACK: Goal = { kind: 'rollback-node', node: 'cp-1' };

function upgrade(version = 'v1.13.5', staged = false): Goal {
  return { kind: 'upgrade-talos', version, ...(staged ? { staged: true } : {}) };
}

function planned(goal: Goal, cluster: SnapshotBuilder, changed: Partial<Sources> = {}): Proposal {
  return planFor(goal, {
    snapshot: cluster.build(),
    policy: aPolicy(),
    factory: 'factory.example',
    archived: true,
    previousOf: () => PREVIOUS,
    ...changed,
  });
}

/** The last lane of the node: the one that takes it away. */
function laneOn(proposal: Proposal, node: string): Lane {
  if (proposal.kind !== 'planned')
    throw new Error(`${proposal.sentence} ${JSON.stringify(proposal.findings)}`);
  const lane = lanesOf(proposal.plan).findLast((one) => one.node === node);
  if (lane === undefined) throw new Error(`no lane for ${node}`);
  return lane;
}

const stepsOf = (lane: Lane): string => lane.steps.map(({ kind }) => kind).join(' ');
const found = (proposal: Proposal, check: string) =>
  proposal.findings.filter((finding) => finding.check === check);

describe('the lane of the only control-plane node', () => {
  it.each([
    ['with workers', 2, 'v1.13.4', upgrade(), 'pull snapshot cordon drain install reboot return uncordon'],
    ['alone', 0, 'v1.13.4', upgrade(), 'pull snapshot install reboot return'],
    ['up to 1.12', 2, 'v1.12.4', upgrade('v1.12.6'), 'snapshot cordon drain upgrade-legacy return uncordon'],
    ['alone up to 1.12', 0, 'v1.12.4', upgrade('v1.12.6'), 'snapshot upgrade-legacy return'],
    ['staged', 2, 'v1.13.4', upgrade('v1.13.5', true), 'snapshot cordon drain reboot return uncordon'],
    ['staged and alone', 0, 'v1.13.4', upgrade('v1.13.5', true), 'snapshot reboot return'],
  ])('%s', (_what, workers, version, goal, steps) => {
    const proposal = planned(goal, aCluster({ controlPlane: 1, workers, version }));
    const lane = laneOn(proposal, 'cp-1');
    expect(stepsOf(lane)).toBe(steps);
    expect(lane.gate?.proof).toBe('outage');
  });

  it('replaces the stage of the copy', () => {
    const proposal = planned(upgrade(), aCluster({ controlPlane: 1 }));
    expect(proposal.kind === 'planned' && proposal.plan.stages.map(({ id }) => id)).toEqual([
      ...['images', 'workers', 'control-plane'],
    ]);
  });

  it('asks Talos up to 1.7 to preserve its data, or its etcd would be gone', () => {
    const proposal = planned(upgrade('v1.7.6'), aCluster({ controlPlane: 1, workers: 0, version: 'v1.7.4' }));
    const step = laneOn(proposal, 'cp-1').steps.find(({ kind }) => kind === 'upgrade-legacy');
    expect(step?.params['preserve']).toBe(true);
  });

  it('is announced before anybody starts it', () => {
    const proposal = planned(upgrade(), aCluster({ controlPlane: 1 }));
    expect(found(proposal, 'etcd-quorum')).toMatchObject([
      { level: 'warning', sentence: expect.stringContaining('etcd and the Kubernetes API are away') },
    ]);
    expect(found(proposal, 'etcd-copy')).toMatchObject([{ level: 'ok' }]);
  });

  it('leaves workers their usual lanes', () => {
    const lane = laneOn(planned(upgrade(), aCluster({ controlPlane: 1 })), 'worker-1');
    expect(stepsOf(lane)).toBe('pull cordon drain install reboot return uncordon');
    expect(lane.gate).toBeNull();
  });

  it('gives the workers of a staged upgrade the usual proof', () => {
    const lane = laneOn(planned(upgrade('v1.13.5', true), aCluster({ controlPlane: 1 })), 'worker-1');
    expect(lane.gate?.proof).toBe('healthy');
  });
});

describe('a worker beside one control-plane node that keeps pods away', () => {
  it('is not drained, because nobody would take its pods', () => {
    const estate = anEstate({ nodes: [aNodeDetail('cp-1'), aNodeDetail('worker-1')], pods: [] });
    const cluster = aCluster({ controlPlane: 1, workers: 1 }).withEstate(estate);
    const proposal = planned(upgrade(), cluster);
    expect(stepsOf(laneOn(proposal, 'worker-1'))).toBe('pull install reboot return');
    expect(stepsOf(laneOn(proposal, 'cp-1'))).toContain('cordon drain');
    expect(found(proposal, 'capacity')).toMatchObject([{ level: 'warning', subject: 'worker-1' }]);
  });
});

describe('without an archive', () => {
  it.each([
    ['an upgrade', upgrade()],
    ['a rollback', ROLLBACK],
  ])('%s of the only control-plane node is refused, and no policy sets that aside', (_what, goal) => {
    const policy = aPolicy({ checks: { 'etcd-snapshot': 'off', 'etcd-quorum': 'off' } as never });
    const proposal = planned(goal, aCluster({ controlPlane: 1 }), { archived: false, policy });
    expect(proposal).toMatchObject({ kind: 'declined', outcome: 'blocked' });
    expect(found(proposal, 'etcd-copy')).toMatchObject([
      { level: 'blocker', advice: expect.stringContaining('Configure `archive`') },
    ]);
  });

  it('a plan that leaves the control plane alone needs none', () => {
    const cluster = aCluster({ controlPlane: 1 }).version('cp-1', 'v1.13.5');
    expect(planned(upgrade(), cluster, { archived: false }).kind).toBe('planned');
  });
});

describe('two control-plane nodes', () => {
  it('are refused, with what would help', () => {
    const proposal = planned(upgrade(), aCluster({ controlPlane: 2 }));
    expect(proposal.kind).toBe('declined');
    expect(found(proposal, 'etcd-quorum')).toMatchObject([
      {
        level: 'blocker',
        sentence: expect.stringContaining(
          'add a third control-plane node first, or take one of the two away',
        ),
        advice: expect.stringContaining('Three members can lose one'),
      },
    ]);
  });

  it('are refused a rollback as well: one survivor is no quorum of two', () => {
    const proposal = planned(ROLLBACK, aCluster({ controlPlane: 2 }));
    expect(proposal).toMatchObject({ kind: 'declined', outcome: 'blocked' });
  });
});

describe('a rollback of the only control-plane node', () => {
  it('copies etcd first while it lives', () => {
    const lane = laneOn(planned(ROLLBACK, aCluster({ controlPlane: 1 })), 'cp-1');
    expect(stepsOf(lane)).toBe('snapshot cordon drain rollback return uncordon');
    expect(lane.gate?.proof).toBe('outage');
  });

  it('drains nothing where nothing can go', () => {
    const lane = laneOn(planned(ROLLBACK, aCluster({ controlPlane: 1, workers: 0 })), 'cp-1');
    expect(stepsOf(lane)).toBe('snapshot rollback return');
  });

  const dead = (): SnapshotBuilder =>
    aCluster({ controlPlane: 1 }).etcdSilent('cp-1').workloadSilent().podsSilent('cp-1');

  it('goes without a copy when nothing serves any more, and says so', () => {
    const proposal = planned(ROLLBACK, dead(), { archived: false });
    const lane = laneOn(proposal, 'cp-1');
    expect(stepsOf(lane)).toBe('rollback return');
    expect(lane.gate?.proof).toBe('dead');
    expect(found(proposal, 'etcd-quorum')).toMatchObject([
      { level: 'warning', sentence: expect.stringContaining('nothing can be copied before') },
    ]);
  });

  it('hands nothing over when etcd answers without a leader', () => {
    const cluster = aCluster({ controlPlane: 1 }).ledBy(null).workloadSilent();
    expect(stepsOf(laneOn(planned(ROLLBACK, cluster), 'cp-1'))).toBe('rollback return');
  });

  it.each([
    ['etcd is silent but Kubernetes answers', aCluster({ controlPlane: 1 }).etcdSilent('cp-1')],
    ['etcd lives with an alarm', aCluster({ controlPlane: 1 }).withAlarm('cp-1', 'nospace')],
    ['etcd lives and is far behind', aCluster({ controlPlane: 1 }).lagging('cp-1', 9_999)],
    ['two more members are not to be seen', aCluster({ controlPlane: 3 }).without('cp-2').without('cp-3')],
    ['the machine itself is silent', dead().silent('cp-1')],
  ])('is refused when %s', (_what, cluster) => {
    expect(planned(ROLLBACK, cluster)).toMatchObject({ kind: 'declined', outcome: 'blocked' });
  });
});
