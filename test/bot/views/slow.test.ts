// What people read of a step that takes longer than usual, and of what is being waited for.
import { describe, expect, it } from 'vitest';
import { threadOf } from '../../../src/bot/thread.ts';
import { whyMessage } from '../../../src/bot/views/why.ts';
import { APPROVER, aPolicy, REQUESTER } from '../../builders/plan.ts';
import { aRollout, type RolloutStory } from '../../builders/rollout.ts';

const slow = (): RolloutStory => {
  const story = aRollout().underWay().node('worker-1', 'reboot');
  return story.append({
    kind: 'step-slow',
    step: story.step('worker-1', 'reboot').id,
    afterMs: 240_000,
    evidence: ['worker-1 does not answer: no route', '[talos] `waiting` <!channel> & more'],
    usual: { medianMs: 60_000, p95Ms: 120_000, seen: 12 },
  });
};

function said(story: RolloutStory): string {
  const thread = threadOf({ entries: story.entries, policy: aPolicy(), notes: {}, now: story.now });
  return JSON.stringify(thread?.slots.find(({ name }) => name.startsWith('slow:'))?.message);
}

describe('a slow step in the thread', () => {
  it('says for how long, what is usual, what was seen, and offers the log', () => {
    const text = said(slow());
    expect(text).toContain('`worker-1`, *reboot*, for 4 min');
    expect(text).toContain('usually takes 60 s, and seldom more than 2 min (seen 12 times)');
    expect(text).toContain('worker-1 does not answer: no route');
    expect(text).toContain('log:show');
  });

  it('shows what a machine wrote as it is, and pings nobody with it', () => {
    expect(said(slow())).toContain('&lt;!channel&gt; &amp; more');
  });

  it('is over when the step is, and then says how long it took', () => {
    const story = slow();
    story.ended(story.step('worker-1', 'reboot'));
    const text = said(story);
    expect(text).toContain('took longer than usual: 4 min');
    expect(text).not.toContain('log:show');
  });
});

function why(story: RolloutStory, notes = {}, policy = aPolicy()): string {
  return JSON.stringify(
    whyMessage({ rollout: story.rollout, policy, notes, report: null, trouble: null }).blocks,
  );
}

describe('the answer to /talos why', () => {
  it.each([
    ['a plan', aRollout().planned(), /operator to press Start \(.*<@/],
    [
      'a gate',
      aRollout().underWay().gate('cp-1'),
      new RegExp(`1 approval for \`cp-1\`, by .*<@${APPROVER}>`),
    ],
    ['a pause', aRollout().underWay().paused(), /paused it: an operator resumes it/],
    [
      'a hold',
      aRollout().underWay().node('worker-1', 'install').failed('worker-1', 'install', 'exit code 4'),
      /held at `worker-1` because a step failed: exit code 4/,
    ],
  ])('names who can end %s', (_what, story, words) => {
    expect(why(story)).toMatch(words);
  });

  it('does not name the requester as an approver of their own rollout', () => {
    const policy = { ...aPolicy(), approvers: [REQUESTER, APPROVER] };
    const text = why(aRollout().underWay().gate('cp-1'), {}, policy);
    expect(text).not.toContain(`by <@${REQUESTER}>`);
  });

  it('repeats what a node waits for before its step begins', () => {
    const notes = { 'cp-1': { sentence: 'waiting to be proved: cp-2 lags 900 entries', at: 0 } };
    expect(why(aRollout().underWay(), notes)).toContain(
      '`cp-1`: waiting to be proved: cp-2 lags 900 entries',
    );
  });

  it('shows what a worker found of the step in hand', () => {
    const { rollout } = slow();
    const report = {
      kind: 'why',
      steps: [{ step: 's1', node: 'worker-1', forMs: 90_000, usual: null, evidence: ['it says rebooting'] }],
    } as const;
    const { blocks } = whyMessage({ rollout, policy: aPolicy(), notes: {}, report, trouble: null });
    const text = JSON.stringify(blocks);
    expect(text).toContain('`s1` has been in hand for 2 min');
    expect(text).toContain('it says rebooting');
    expect(text).toContain('Show log: worker-1');
  });
});
