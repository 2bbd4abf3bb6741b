// What an earlier rollout left on a node stops the next one: an armed node is not installed again, one in doubt is not touched.
import { describe, expect, it } from 'vitest';
import { blocks } from '../../src/checks/finding.ts';
import { type Leftover, leftoverFindings, leftoversOf } from '../../src/rollout/leftover.ts';
import { planFor } from '../../src/rollout/plan/plan-for.ts';
import { aPolicy } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';
import { aCluster, type SnapshotBuilder } from '../builders/snapshot.ts';

const FLIGHT_MS = 120_000;
const installed = { exitCode: 0, bootId: 'boot-worker-1' };

/** An upgrade whose first worker was installed, and that was aborted before the restart. */
function armed(): RolloutStory {
  const story = aRollout().underWay().node('worker-1', 'install');
  const step = story.step('worker-1', 'install');
  return story.append({ kind: 'step-ended', step: step.id, result: installed }).aborted();
}

/** A later rollout that is about to restart the same node. */
function again(): RolloutStory {
  return aRollout({ id: 'r1111111111', staged: true, workers: ['worker-1'] })
    .underWay()
    .node('worker-1', 'reboot');
}

function withdrawn(story: RolloutStory): RolloutStory {
  const { id } = story.step('worker-1', 'reboot');
  return story.append({ kind: 'step-withdrawn', step: id, why: 'the connection broke before sending' });
}

const of = (...stories: readonly RolloutStory[]): readonly (Leftover | null)[] => [
  ...leftoversOf(
    stories.map((story) => story.rollout),
    FLIGHT_MS,
  ).values(),
];

describe('what is left on a node', () => {
  it('is armed when it was installed and did not restart', () => {
    const [left] = of(armed());
    expect(left).toMatchObject({
      kind: 'armed',
      node: 'worker-1',
      version: 'v1.13.5',
      bootId: 'boot-worker-1',
      until: null,
    });
  });

  it('is armed on every node of a staged upgrade that was given up before its restarts', () => {
    const story = aRollout({ staged: true, workers: ['worker-1'] })
      .underWay()
      .installed()
      .gate('worker-1');
    const left = of(story.aborted());
    expect(left.map((one) => `${one?.kind} ${one?.node}`).toSorted()).toEqual(
      ['cp-1', 'cp-2', 'cp-3', 'worker-1'].map((node) => `armed ${node}`),
    );
  });

  it('of a staged upgrade is away once it restarted and did not come back', () => {
    const story = aRollout({ staged: true, workers: ['worker-1'] })
      .underWay()
      .installed();
    story.gate('worker-1').approved('worker-1').passed('worker-1').node('worker-1', 'return');
    const left = of(story.failed('worker-1', 'return').aborted());
    expect(left.find((one) => one?.node === 'worker-1')).toMatchObject({ kind: 'away' });
  });

  it('is in doubt when nobody saw how its installation ended', () => {
    const story = aRollout().underWay().node('worker-1', 'install').doubted('worker-1', 'install').aborted();
    expect(of(story)).toMatchObject([{ kind: 'in-doubt', node: 'worker-1', bootId: 'b1' }]);
  });

  it('is armed once a restart after its installation can no longer arrive, and did not happen', () => {
    const story = aRollout().underWay().node('worker-1', 'reboot').doubted('worker-1', 'reboot').aborted();
    const [left] = of(story);
    expect(left).toMatchObject({ kind: 'in-doubt', armed: 'known' });
    const snapshot = aCluster().build();
    const at = (now: number) => leftoverFindings({ ...snapshot, at: now }, left ? [left] : [], null);
    const until = left?.until ?? 0;
    const here = { ...left, bootId: 'boot-worker-1' } as Leftover;
    expect(leftoverFindings({ ...snapshot, at: until }, [here], null)[0]?.sentence).toMatch(/is armed/);
    expect(leftoverFindings({ ...snapshot, at: until - 1 }, [here], null)[0]?.sentence).toMatch(
      /may still arrive/,
    );
    // It is in another boot than the call was sent in: that settled it.
    expect(at(until)).toEqual([]);
  });

  it('is a call that may still arrive when nobody saw how a restart ended', () => {
    const story = aRollout().underWay().node('worker-1', 'reboot').doubted('worker-1', 'reboot').aborted();
    const until = story.rollout.lastAt + FLIGHT_MS;
    expect(of(story)).toMatchObject([{ kind: 'in-doubt', node: 'worker-1', bootId: 'b1', until }]);
  });

  it('is away when it left and nobody saw it come back whole', () => {
    const story = aRollout().underWay().node('worker-1', 'return').failed('worker-1', 'return').aborted();
    expect(of(story)).toMatchObject([{ kind: 'away', node: 'worker-1' }]);
  });

  it('is nothing once it restarted', () => {
    expect(of(aRollout().underWay().node('worker-1', 'done'))).toEqual([null]);
  });

  it('is what the newest rollout that installed it says', () => {
    const later = aRollout({ id: 'r1111111111' }).underWay().node('worker-1', 'done');
    expect(of(later, armed())).toEqual([null]);
    expect(of(armed(), later)).toMatchObject([{ kind: 'armed' }]);
  });

  const back = aRollout().underWay().node('worker-1', 'return').failed('worker-1', 'return').aborted();

  it.each<[string, RolloutStory]>([
    ['was refused', again().failed('worker-1', 'reboot').aborted()],
    ['never left', withdrawn(again()).aborted()],
  ])('is what an earlier rollout says when the later call %s', (_how, later) => {
    expect(of(later, back)).toMatchObject([{ kind: 'away', node: 'worker-1' }]);
  });

  it('is nothing when the rollout never got so far', () => {
    expect(of(aRollout().underWay().aborted())).toEqual([]);
  });
});

describe('a node with something left on it', () => {
  const left: Leftover = {
    kind: 'armed',
    node: 'worker-1',
    version: 'v1.13.5',
    bootId: 'boot-worker-1',
    until: null,
  };

  it.each<[string, Leftover, boolean]>([
    ['blocks while it is in the same boot', left, true],
    ['is cleared by another boot', { ...left, bootId: 'boot-before' }, false],
    ['blocks without a record of its boot while it runs something else', { ...left, bootId: null }, true],
    [
      'is cleared without a record when it runs what was installed',
      { ...left, bootId: null, version: 'v1.13.4' },
      false,
    ],
    ['blocks when its installation is in doubt', { ...left, kind: 'in-doubt' }, true],
    ['is not judged when the node is gone', { ...left, node: 'worker-9' }, false],
  ])('%s', (_name, leftover, blocked) => {
    const findings = leftoverFindings(aCluster().build(), [leftover], null);
    expect(findings.some(blocks)).toBe(blocked);
  });

  it('blocks while our role is not told in which boot the node is', () => {
    const { nodes, ...rest } = aCluster().build();
    const untold = nodes.map((node) =>
      node.machine.kind === 'said'
        ? { ...node, machine: { ...node.machine, value: { ...node.machine.value, bootId: '' } } }
        : node,
    );
    expect(leftoverFindings({ ...rest, nodes: untold }, [left], null).some(blocks)).toBe(true);
  });

  const away: Leftover = { ...left, kind: 'away', bootId: null };

  it.each<[string, SnapshotBuilder, string | null, boolean]>([
    ['stops everybody else while it is not whole', aCluster().notReady('worker-1'), 'worker-2', true],
    ['stops an upgrade of all', aCluster().silent('worker-1'), null, true],
    ['does not stop its own repair', aCluster().notReady('worker-1'), 'worker-1', false],
    ['stops nobody once it is whole again', aCluster(), 'worker-2', false],
  ])('that is away %s', (_name, cluster, target, blocked) => {
    const findings = leftoverFindings(cluster.build(), [away], target);
    expect(findings.some(blocks)).toBe(blocked);
  });

  it('by a call in flight blocks until that can no longer arrive', () => {
    const snapshot = aCluster().build();
    const flying: Leftover = { ...left, kind: 'in-doubt', until: snapshot.at + 30_000 };
    expect(leftoverFindings(snapshot, [flying], 'worker-1')[0]?.advice).toContain('30 s');
    expect(leftoverFindings({ ...snapshot, at: snapshot.at + 30_000 }, [flying], 'worker-1')).toEqual([]);
  });

  it.each([
    ['an upgrade', { kind: 'upgrade-talos', version: 'v1.13.5' }],
    ['its rollback', { kind: 'rollback-node', node: 'worker-1' }],
  ] as const)('stops %s', (_name, goal) => {
    const around = {
      snapshot: aCluster().build(),
      policy: aPolicy(),
      factory: 'factory.example',
      previousOf: () => ({ version: 'v1.13.3', schematic: null }),
    };
    expect(planFor(goal, around).kind).toBe('planned');
    const proposal = planFor(goal, { ...around, leftovers: [left] });
    expect(proposal).toMatchObject({ kind: 'declined', outcome: 'blocked' });
    expect(proposal.findings.filter(blocks).map((finding) => finding.check)).toEqual(['machine-armed']);
  });

  it('does not stop the rollback of another node', () => {
    const goal = { kind: 'rollback-node', node: 'worker-2' } as const;
    const proposal = planFor(goal, {
      snapshot: aCluster().build(),
      policy: aPolicy(),
      factory: 'factory.example',
      previousOf: () => ({ version: 'v1.13.3', schematic: null }),
      leftovers: [left],
    });
    expect(proposal.kind).toBe('planned');
  });
});
