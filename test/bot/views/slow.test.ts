// What people read of a step that takes longer than usual, and of what is being waited for.
import { describe, expect, it } from 'vitest';
import { threadOf } from '../../../src/bot/thread.ts';
import { whyMessage } from '../../../src/bot/views/why.ts';
import { APPROVER, aPolicy, REQUESTER } from '../../builders/plan.ts';
import { aRollout, type RolloutStory } from '../../builders/rollout.ts';
import { STORIES } from './stories.ts';

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
    expect(text).toContain('usually takes 1 min, and seldom more than 2 min (seen 12 times)');
    expect(text).toContain('worker-1 does not answer: no route');
    expect(text).toContain('log:show');
  });

  it('shows what a machine wrote as it is, and pings nobody with it', () => {
    expect(said(slow())).toContain('&lt;!channel&gt; &amp; more');
  });

  it('does not call usual what it knows nothing of', () => {
    const story = aRollout().underWay().node('worker-1', 'drain');
    const { id: step } = story.step('worker-1', 'drain');
    const text = said(story.append({ kind: 'step-slow', step, afterMs: 300_000, evidence: [] }));
    expect(text).toContain('*Half of its time is over*');
    expect(text).not.toContain('Longer than usual');
  });

  it('says that its limit is a hold, and no end', () => {
    expect(said(slow())).toContain('Held for a person to decide');
  });

  it('is over when the step is, and then says how long it took', () => {
    const story = slow();
    story.ended(story.step('worker-1', 'reboot'));
    const text = said(story);
    expect(text).toContain('*Reboot* of `worker-1` is over: it took 4 min, longer than usual');
    expect(text).not.toContain('log:show');
  });

  it.each([
    [
      'failed',
      (story: RolloutStory) => story.failed('worker-1', 'reboot', 'it said no'),
      '*Reboot* of `worker-1` failed after 4 min',
    ],
    [
      'is in doubt',
      (story: RolloutStory) => story.doubted('worker-1', 'reboot'),
      '*Reboot* of `worker-1` was not seen to end in 4 min: nobody could say whether it happened',
    ],
    [
      'is in doubt, and settled later',
      (story: RolloutStory) => story.doubted('worker-1', 'reboot').ended(story.step('worker-1', 'reboot')),
      'was not seen to end in 4 min: nobody could say whether it happened',
    ],
    [
      'was withdrawn',
      (story: RolloutStory) =>
        story.append({ kind: 'step-withdrawn', step: story.step('worker-1', 'reboot').id, why: 'stopped' }),
      '*Reboot* of `worker-1` was taken back after 4 min: nothing had been sent',
    ],
  ])('does not say that it took its time when the step %s', (_how, goesOn, words) => {
    const text = said(goesOn(slow()));
    expect(text).toContain(words);
    expect(text).not.toContain('is over');
    expect(text).not.toContain('log:show');
  });
});

function why(story: RolloutStory, notes = {}, policy = aPolicy()): string {
  return JSON.stringify(
    whyMessage({ rollout: story.rollout, policy, notes, now: story.now, report: null, trouble: null }).blocks,
  );
}

describe('lines of both logs of a machine', () => {
  const TASK = 'task upgrade (1/1): starting';
  const evidence = ['worker-1 says it is upgrading.'];
  const log = [
    `2026/11/21 04:05:12.123456 [talos] ${TASK}`,
    `user: warning: [2026-11-21T04:05:12.123456Z]: [talos] ${TASK}`,
    'user: warning: [2026-11-21T04:05:13.000000Z]: [talos] said by the kernel log alone',
    'kern:    info: [2026-11-21T04:05:14.000000Z]: [talos] of a device',
    '2026/11/21 04:05:15.000000 [talos] phase cleanup (2/7): done',
    '2026/11/21 04:05:16.000000 [talos] phase cleanup (2/7): done',
  ];

  const counted = (text: string, words: string): number => text.split(words).length - 1;

  it.each([
    [
      'asked for',
      () => {
        const story = aRollout().underWay().node('worker-1', 'reboot');
        const { id: step } = story.step('worker-1', 'reboot');
        const told = { step, node: 'worker-1', forMs: 60_000, usual: null, evidence, log };
        const report = { kind: 'why', steps: [told] } as const;
        const asked = {
          rollout: story.rollout,
          policy: aPolicy(),
          notes: {},
          now: story.now,
          report,
          trouble: null,
        };
        return JSON.stringify(whyMessage(asked).blocks);
      },
    ],
    [
      'told unasked',
      () => {
        const story = aRollout().underWay().node('worker-1', 'reboot');
        const { id: step } = story.step('worker-1', 'reboot');
        const lines = [...evidence, ...log];
        return said(story.append({ kind: 'step-slow', step, afterMs: 240_000, evidence: lines }));
      },
    ],
  ])('are shown once when both have them: %s', (_what, told) => {
    const text = told();
    expect(text).toContain('worker-1 says it is upgrading.');
    expect(counted(text, TASK)).toBe(1);
    expect(text).toContain('said by the kernel log alone');
    expect(text).toContain('of a device');
    // One log that says the same thing twice means it.
    expect(counted(text, 'phase cleanup (2/7): done')).toBe(2);
  });
});

describe('the answer to /talos why', () => {
  it.each([
    ['a plan', aRollout().planned(), /operator to press Start \(.*<@/],
    [
      'a gate',
      aRollout().underWay().gate('cp-1'),
      new RegExp(`1 approval for \`cp-1\`, by .*<@${APPROVER}>`),
    ],
    ['a pause', aRollout().underWay().paused(), /waits for an operator to resume it .*paused it/],
    [
      'a hold',
      aRollout().underWay().node('worker-1', 'install').failed('worker-1', 'install', 'exit code 4'),
      /waits for an operator .* Held at `worker-1` because a step failed: exit code 4\./,
    ],
  ])('names who can end %s', (_what, story, words) => {
    expect(why(story)).toMatch(words);
  });

  it.each([
    ['a plan that is stopped', 'stopped', /for an approver to override what stops it \(.*<@U0SAM00002>/],
    [
      'a drain that is blocked',
      'drain blocked',
      /pods that stay: `shop\/web-1`\. It keeps trying; an operator/,
    ],
    [
      'what one person asked for about it',
      'drain blocked, and somebody wants it forced',
      /<@U0SAM00002> asked for Force, which an approver has to confirm: .*<@U0MEI00003>/,
    ],
    [
      'what is put back at the end',
      'aborted while held',
      /puts back what it changed.*`worker-1` \(uncordon\)/,
    ],
  ])('names who or what ends %s', (_what, name, words) => {
    const story = STORIES[name]?.() ?? aRollout();
    expect(why(story)).toMatch(words);
  });

  it('goes on after the colon in the sentence for screen readers', () => {
    const { rollout } = aRollout().planned();
    const { text } = whyMessage({
      rollout,
      policy: aPolicy(),
      notes: {},
      now: rollout.lastAt,
      report: null,
      trouble: null,
    });
    expect(text).toMatch(/^The upgrade of prod to Talos v1.13.5: it waits for an operator/);
  });

  it('does not name the requester as an approver of their own rollout', () => {
    const policy = { ...aPolicy(), approvers: [REQUESTER, APPROVER] };
    const text = why(aRollout().underWay().gate('cp-1'), {}, policy);
    expect(text).not.toContain(`by <@${REQUESTER}>`);
  });

  it('repeats what a node waits for before its step begins', () => {
    const story = aRollout({ workers: [] }).underWay();
    const notes = { 'cp-1': { sentence: 'waiting to be proved: cp-2 lags 900 entries', at: story.now } };
    expect(why(story, notes)).toContain('`cp-1`: waiting to be proved: cp-2 lags 900 entries');
  });

  it('shows what a worker found of the step in hand', () => {
    const { rollout } = slow();
    const report = {
      kind: 'why',
      steps: [{ step: 's1', node: 'worker-1', forMs: 90_000, usual: null, evidence: ['it says rebooting'] }],
    } as const;
    const { blocks } = whyMessage({
      rollout,
      policy: aPolicy(),
      notes: {},
      now: rollout.lastAt,
      report,
      trouble: null,
    });
    const text = JSON.stringify(blocks);
    expect(text).toContain('`s1` has been in hand for 2 min');
    expect(text).toContain('it says rebooting');
    expect(text).toContain('Show log: worker-1');
  });
});
