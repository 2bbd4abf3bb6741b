// Figures people go by: what is in hand while nothing is, how many nodes are done, and whom a plan does not touch.
import { describe, expect, it } from 'vitest';
import { threadOf } from '../../../src/bot/thread.ts';
import { planMessage } from '../../../src/bot/views/plan.ts';
import { statusMessage } from '../../../src/bot/views/status.ts';
import type { Goal } from '../../../src/rollout/goal.ts';
import type { StepKind } from '../../../src/rollout/step.ts';
import { APPROVER, aPolicy, REQUESTER } from '../../builders/plan.ts';
import { aRollout, type RolloutStory } from '../../builders/rollout.ts';

function said(story: RolloutStory, name: string): string {
  const thread = threadOf({ entries: story.entries, policy: aPolicy(), notes: {}, now: story.now });
  return JSON.stringify(thread?.slots.find((slot) => slot.name.startsWith(name))?.message);
}

function statusOf({ rollout, now }: RolloutStory): string {
  const running = { rollout, url: null };
  return JSON.stringify(statusMessage([{ cluster: 'prod', channel: 'C1', running, last: null }], now));
}

/** Its worker was as far as this when somebody paused it. */
function pausedBehind(kind: StepKind): RolloutStory {
  const story = aRollout().underWay().node('worker-1', kind).paused();
  return story.ended(story.step('worker-1', kind));
}

describe('with empty hands', () => {
  it.each([
    ['cordon', '· `worker-1` cordoned'],
    ['drain', '· `worker-1` drained'],
    ['install', '· `worker-1` armed'],
    ['reboot', ':warning: `worker-1` *away*'],
    ['return', '· `worker-1` back'],
  ] as const)('behind its %s, nothing is shown to be going on', (kind, row) => {
    const story = pausedBehind(kind);
    expect(story.rollout.phase.phase).toBe('paused');
    expect(said(story, 'card')).toContain(row);
    expect(said(story, 'card')).not.toContain('▸');
    expect(statusOf(story)).not.toContain('▸');
    story.append({ kind: 'handed-over', to: APPROVER, user: REQUESTER, delivery: 'h' });
    expect(said(story, 'hand-over:')).toContain('nothing is in hand');
    expect(said(story, 'hand-over:')).not.toContain('In hand:');
  });

  it('another node of a held batch is not shown at work either', () => {
    const story = aRollout({ policy: aPolicy({ parallelWorkers: 2 }) }).underWay();
    story.node('worker-1', 'drain').node('worker-2', 'install');
    story.failed('worker-2', 'install').ended(story.step('worker-1', 'drain'));
    expect(story.rollout.phase.phase).toBe('held');
    expect(said(story, 'card')).toContain('· `worker-1` drained');
    expect(said(story, 'card')).not.toContain('▸');
  });
});

describe('with a step in hand, or the next one about to begin', () => {
  it.each<readonly [string, RolloutStory]>([
    ['a step is in hand', aRollout().underWay().node('worker-1', 'drain')],
    ['a pause waits for it', aRollout().underWay().node('worker-1', 'drain').paused()],
    ['the next one follows', aRollout().underWay().node('worker-1', 'drain')],
  ])('its node is busy: %s', (what, story) => {
    if (what === 'the next one follows') story.ended(story.step('worker-1', 'drain'));
    expect(said(story, 'card')).toContain('▸ `worker-1` *draining*');
    expect(statusOf(story)).toContain('▸ `worker-1` draining');
  });
});

describe('a node that people left behind', () => {
  const SMALL = { workers: ['worker-1', 'worker-2'], controlPlane: [] };
  const left = (): RolloutStory => {
    const story = aRollout(SMALL).underWay();
    return story.node('worker-1', 'install').failed('worker-1', 'install').skipped('worker-1');
  };

  it('is not counted as done, and named beside the count', () => {
    const story = left().node('worker-2', 'done');
    expect(statusOf(story)).toContain('1 of 2 nodes done, `worker-1` left behind');
    const card = said(story.finished('upgraded'), 'card');
    expect(card).toContain('1 of 2 nodes done, worker-1 left behind. Upgraded.');
    expect(card).toContain('1 of 2 nodes, `worker-1` left behind');
    expect(card).toContain('*Workers* · 1 of 2, 1 skipped');
    expect(card).not.toContain('2 of 2 nodes');
  });

  it('is not counted as done in a hand-over, which names it', () => {
    const story = left().append({ kind: 'handed-over', to: APPROVER, user: REQUESTER, delivery: 'h' });
    expect(said(story, 'hand-over:')).toContain('0 of 2 nodes done');
    expect(said(story, 'hand-over:')).toContain('Left behind: `worker-1`');
  });

  it('is one of a few that are named, where they are many', () => {
    const workers = Array.from({ length: 5 }, (_, at) => `worker-${at + 1}`);
    const story = aRollout({ workers, controlPlane: [] }).underWay();
    for (const node of workers) story.node(node, 'install').failed(node, 'install').skipped(node);
    expect(statusOf(story)).toContain(
      '0 of 5 nodes done, `worker-1`, `worker-2`, `worker-3` and 2 more left behind',
    );
  });
});

describe('a plan', () => {
  const head = (goal: Goal | undefined, controlPlane: readonly string[]): string => {
    const { plan } = aRollout({ ...(goal === undefined ? {} : { goal }), controlPlane, workers: [] });
    return JSON.stringify(planMessage({ cluster: 'prod', plan, findings: [], use: 'thread' }));
  };

  it.each([
    [['cp-1', 'cp-2', 'cp-3'], '1 node will be changed, the 2 others are not touched'],
    [['cp-1', 'cp-2'], '1 node will be changed, the other one is not touched'],
  ])('for one node of %j does not say that others are as asked', (controlPlane, says) => {
    const text = head({ kind: 'rollback-node', node: 'cp-2' }, controlPlane);
    expect(text).toContain(says);
    expect(text).not.toContain('already as asked');
  });
});
