// Which of what was said of a node beside the facts still holds: nobody takes a note back.
import { describe, expect, it, test } from 'vitest';
import { isSinceItsFacts, standingNotes } from '../../src/rollout/note.ts';
import { aPolicy } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';

const WAITS = 'waiting: shop/web is not healthy';

/** Nodes of which something still holds, where it was said of every node as late as can be. */
function stands({ rollout, now }: RolloutStory): readonly string[] {
  const said = ['worker-1', 'worker-2', 'cp-1', 'cp-2', 'namespace shop'];
  const notes = Object.fromEntries(said.map((node) => [node, { sentence: WAITS, at: now }]));
  return Object.keys(standingNotes(rollout, notes, now));
}

const SMALL = { workers: ['worker-1', 'worker-2'], controlPlane: ['cp-1', 'cp-2'] };
const running = (): RolloutStory => aRollout(SMALL).underWay();
const bothWorkers = (): RolloutStory =>
  aRollout({ ...SMALL, policy: aPolicy({ parallelWorkers: 2 }) }).underWay();
const atControlPlane = (): RolloutStory => running().node('worker-1', 'done').node('worker-2', 'done');

describe('a note stands', () => {
  it.each<readonly [string, RolloutStory, readonly string[]]>([
    ['of the node whose step is next', running(), ['worker-1']],
    ['of the nodes whose steps are next', bothWorkers(), ['worker-1', 'worker-2']],
    ['of the node whose step is in hand', running().node('worker-1', 'install'), ['worker-1']],
    ['of the node whose gate is to be opened', atControlPlane(), ['cp-1']],
    ['of the node whose gate is proved again', atControlPlane().gate('cp-1').approved('cp-1'), ['cp-1']],
    ['of what is put back at the end', aborted('drain'), ['worker-1']],
    [
      'of what a node is owed that was left behind',
      running().node('worker-1', 'install').failed('worker-1', 'install').skipped('worker-1'),
      ['worker-1'],
    ],
    [
      'of what is in hand while it pauses, and of nothing else',
      bothWorkers().node('worker-1', 'install').paused(),
      ['worker-1'],
    ],
    ['of what is still put back when another node could not be, and it is held', oneLeft(), ['worker-2']],
  ])('%s', (_what, story, nodes) => {
    expect(stands(story)).toEqual(nodes);
  });

  it.each<readonly [string, RolloutStory]>([
    ['before a plan is started', aRollout(SMALL).planned()],
    ['while it is paused', running().paused()],
    ['while it is held', running().failed('worker-1', 'cordon')],
    ['while people are asked about a gate', atControlPlane().gate('cp-1')],
    ['when it is over', running().aborted().finished('aborted')],
  ])('of nothing %s', (_when, story) => {
    expect(stands(story)).toEqual([]);
  });

  it('no more of a node that was left behind, or sent to the end of its stage', () => {
    expect(stands(running().failed('worker-1', 'cordon').skipped('worker-1'))).toEqual(['worker-2']);
    const lane = atControlPlane()
      .plan.stages.flatMap(({ lanes }) => lanes)
      .find(({ gate }) => gate !== null);
    const deferred = atControlPlane().append({
      kind: 'lane-deferred',
      lane: lane?.id ?? '',
      why: 'it leads',
    });
    expect(stands(deferred)).toEqual(['cp-2']);
  });
});

function aborted(kind: 'drain'): RolloutStory {
  const story = running().node('worker-1', kind).aborted();
  return story.ended(story.step('worker-1', kind));
}

/** Both workers are owed something; one of them cannot be paid. */
function oneLeft(): RolloutStory {
  const story = bothWorkers().node('worker-1', 'drain').node('worker-2', 'drain').aborted();
  for (const node of ['worker-1', 'worker-2']) story.ended(story.step(node, 'drain'));
  return story.begun(story.step('worker-2', 'uncordon')).failed('worker-1', 'uncordon');
}

describe('a fact about its node', () => {
  test.each<readonly [string, string, (story: RolloutStory) => unknown]>([
    ['a step that began', 'worker-1', (story) => story.begun(story.step('worker-1', 'cordon'))],
    ['a step that ended', 'worker-1', (story) => story.did(story.step('worker-1', 'cordon'))],
    ['a step that failed', 'worker-1', (story) => story.failed('worker-1', 'cordon')],
    ['a gate that opened', 'cp-1', (story) => story.gate('cp-1')],
    ['an approval', 'cp-1', (story) => story.gate('cp-1', { needs: 2 }).approved('cp-1')],
    ['a gate that was passed', 'cp-1', (story) => story.gate('cp-1').approved('cp-1').passed('cp-1')],
    ['a denial', 'cp-1', (story) => story.gate('cp-1').denied('cp-1')],
  ])('ends what was said before it: %s', (_what, node, happens) => {
    const story = node === 'cp-1' ? atControlPlane() : running();
    const { now: before } = story;
    happens(story);
    const { rollout, now } = story;
    expect(isSinceItsFacts(rollout, node, { sentence: WAITS, at: now - 1 })).toBe(false);
    expect(isSinceItsFacts(rollout, node, { sentence: WAITS, at: now })).toBe(true);
    expect(isSinceItsFacts(rollout, 'worker-2', { sentence: WAITS, at: before })).toBe(true);
  });
});
