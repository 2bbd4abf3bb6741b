// A step that ended and grew too old to count: the fact that opens it again.
import { describe, expect, it } from 'vitest';
import { stepState } from '../../src/rollout/rollout.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';

describe('a copy that grew too old', () => {
  const copied = (): RolloutStory => aRollout({ workers: [], archived: true }).underWay().copied();
  const outdated = (story: RolloutStory): RolloutStory =>
    story.append({ kind: 'step-outdated', step: story.copying.id, why: 'it is 61 min old' });

  it('is open again, and counted when it is taken again', () => {
    const story = outdated(copied());
    expect(stepState(story.rollout, story.copying.id)).toEqual({ state: 'open', notBefore: 0 });
    story.copied();
    expect(stepState(story.rollout, story.copying.id).state).toBe('ended');
    expect(story.rollout.begins.get(story.copying.id)).toBe(2);
  });

  it('was there: what never ended cannot grow old', () => {
    const story = aRollout({ workers: [], archived: true }).underWay();
    expect(() => outdated(story).rollout).toThrow('outdated while open');
  });
});
