// Whose time it is while a drain is blocked: people's from the question to an answer, and else the machine's.
import { describe, expect, it } from 'vitest';
import { APPROVER } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';
import { blocked, CACHE, OPERATOR, say, stepOf } from './blocked-drain.ts';

describe('the time of a blocked drain', () => {
  /** How much of the hour that follows is people's, in minutes. */
  const theirs = (story: RolloutStory): number => {
    const { peopleMs } = story.rollout;
    story.append({ kind: 'step-slow', step: stepOf(story), afterMs: 1, evidence: [] }, 3_600_000);
    return (story.rollout.peopleMs - peopleMs) / 60_000;
  };
  const wished = (story: RolloutStory): RolloutStory => {
    say(story, { choice: 'leave', user: OPERATOR });
    return story;
  };
  const waited = (story: RolloutStory): RolloutStory => {
    say(story, { choice: 'wait', user: OPERATOR });
    return story;
  };
  const left = (story: RolloutStory): RolloutStory => {
    say(wished(story), { choice: 'leave', user: APPROVER });
    return story;
  };
  const cleared = (story: RolloutStory): RolloutStory =>
    story.append({ kind: 'drain-cleared', step: stepOf(story) });

  it.each<readonly [string, () => RolloutStory, number]>([
    ['is people’s while nobody answers', () => blocked(), 60],
    ['is people’s while somebody has to confirm', () => wished(blocked()), 60],
    ['is the machine’s again after Wait', () => waited(blocked()), 0],
    ['is people’s again when something is asked for after Wait', () => wished(waited(blocked())), 60],
    [
      'is people’s again when another pod is asked about after Wait',
      () => {
        const story = waited(blocked());
        return story.append({ kind: 'drain-blocked', step: stepOf(story), blockers: [CACHE] });
      },
      60,
    ],
    ['is the machine’s once it is decided', () => left(blocked()), 0],
    ['is the machine’s once nothing is in the way', () => cleared(blocked()), 0],
    ['is the machine’s before anybody is asked', () => aRollout().underWay().node('worker-1', 'drain'), 0],
    ['is the machine’s while another node is at work', () => blocked().node('worker-2', 'install'), 0],
    ['is the machine’s when the rollout ends', () => blocked().aborted(), 0],
  ])('%s', (_what, story, minutes) => {
    expect(theirs(story())).toBe(minutes);
  });
});
