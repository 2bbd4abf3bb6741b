// What the next person on call reads: as it stood when it was handed over, whatever happens afterwards.
import { describe, expect, it } from 'vitest';
import { threadOf } from '../../../src/bot/thread.ts';
import { APPROVER, aPolicy } from '../../builders/plan.ts';
import { aRollout, type RolloutStory } from '../../builders/rollout.ts';

function said(story: RolloutStory, slot: RegExp): string {
  const thread = threadOf({ entries: story.entries, policy: aPolicy(), notes: {}, now: story.now + 5_000 });
  return JSON.stringify(thread?.slots.filter(({ name }) => slot.test(name)).map(({ message }) => message));
}

const handed = (story: RolloutStory): RolloutStory =>
  story.append({ kind: 'handed-over', to: APPROVER, user: APPROVER, delivery: 'd7' });

describe('a hand-over', () => {
  it('says what is in hand, what is away and what must be put back', () => {
    const text = said(handed(aRollout().underWay().node('worker-1', 'return')), /^hand-over:/);
    expect(text).toContain(`<@${APPROVER}> takes over`);
    expect(text).toMatch(/Away by our hand: `worker-1`/);
    expect(text).toMatch(/Still to be put back: `worker-1: uncordon`/);
    expect(text).toMatch(/To come: .*`cp-1`/);
  });

  it('names what it is held by', () => {
    const story = aRollout()
      .underWay()
      .node('worker-1', 'install')
      .failed('worker-1', 'install', 'exit code 9');
    const text = said(handed(story), /^hand-over:/);
    expect(text).toContain('exit code 9');
  });

  it('stays as it was when the rollout goes on', () => {
    const story = handed(aRollout().underWay().node('worker-1', 'return'));
    const before = said(story, /^hand-over:/);
    story.aborted();
    expect(said(story, /^hand-over:/)).toBe(before);
  });

  it('makes the next hold call the one who has it now', () => {
    const story = handed(aRollout().underWay().node('worker-1', 'install'));
    const text = said(story.failed('worker-1', 'install'), /^held:/);
    expect(text).toContain(`<@${APPROVER}>, an operator has to decide`);
  });
});
