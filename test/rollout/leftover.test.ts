// What an earlier rollout left on a node stops the next one: an armed node is not installed again, one in doubt is not touched.
import { describe, expect, it } from 'vitest';
import { blocks } from '../../src/checks/finding.ts';
import { type Leftover, leftoverFindings, leftoversOf } from '../../src/rollout/leftover.ts';
import { planFor } from '../../src/rollout/plan/plan-for.ts';
import { aPolicy } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';
import { aCluster } from '../builders/snapshot.ts';

const installed = { exitCode: 0, bootId: 'boot-worker-1' };

/** An upgrade whose first worker was installed, and that was aborted before the restart. */
function armed(): RolloutStory {
  const story = aRollout().underWay().node('worker-1', 'install');
  const step = story.step('worker-1', 'install');
  return story.append({ kind: 'step-ended', step: step.id, result: installed }).aborted();
}

const of = (...stories: readonly RolloutStory[]): readonly (Leftover | null)[] => [
  ...leftoversOf(stories.map((story) => story.rollout)).values(),
];

describe('what is left on a node', () => {
  it('is armed when it was installed and did not restart', () => {
    const [left] = of(armed());
    expect(left).toEqual({ kind: 'armed', node: 'worker-1', version: 'v1.13.5', bootId: 'boot-worker-1' });
  });

  it('is in doubt when nobody saw how its installation ended', () => {
    const story = aRollout().underWay().node('worker-1', 'install').doubted('worker-1', 'install').aborted();
    expect(of(story)).toMatchObject([{ kind: 'in-doubt', node: 'worker-1', bootId: 'b1' }]);
  });

  it('is nothing once it restarted', () => {
    expect(of(aRollout().underWay().node('worker-1', 'done'))).toEqual([null]);
  });

  it('is what the newest rollout that installed it says', () => {
    const later = aRollout({ id: 'r1111111111' }).underWay().node('worker-1', 'done');
    expect(of(later, armed())).toEqual([null]);
    expect(of(armed(), later)).toMatchObject([{ kind: 'armed' }]);
  });

  it('is nothing when the rollout never got so far', () => {
    expect(of(aRollout().underWay().aborted())).toEqual([]);
  });
});

describe('a node with something left on it', () => {
  const left: Leftover = { kind: 'armed', node: 'worker-1', version: 'v1.13.5', bootId: 'boot-worker-1' };

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
    const findings = leftoverFindings(aCluster().build(), [leftover]);
    expect(findings.some(blocks)).toBe(blocked);
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
