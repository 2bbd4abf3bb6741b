// What becomes of a drain that is blocked: who may say so, about which pods, and when their word is out of date.
import { describe, expect, it } from 'vitest';
import {
  asking,
  type Blocker,
  blockedDrains,
  type DrainChoice,
  grantedUntil,
  questionOf,
  questionSubject,
} from '../../src/rollout/blockade.ts';
import { occasionOf } from '../../src/rollout/occasion.ts';
import { stepById } from '../../src/rollout/plan.ts';
import type { Policy } from '../../src/rollout/policy.ts';
import { aBlocker } from '../builders/drain.ts';
import { APPROVER } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';
import { blocked, CACHE, OPERATOR, policy, SECOND, say, stateOf, stepOf, WEB } from './blocked-drain.ts';

const NOBODY = 'U0T0M00004';

const STUCK = aBlocker({
  name: 'old-1',
  uid: 'old-1',
  cause: 'stuck',
  budgets: [],
  why: 'its finalizers still stand: x',
});

describe('who may decide about a blocked drain', () => {
  it.each<readonly [DrainChoice, string, string]>([
    ['wait', OPERATOR, 'decided'],
    ['wait', APPROVER, 'decided'],
    ['wait', NOBODY, 'not-operator'],
    ['leave', OPERATOR, 'decided'],
    ['force', APPROVER, 'decided'],
    ['leave', NOBODY, 'not-operator'],
  ])('%s by %s: %s', (choice, user, answer) => {
    const said = say(blocked(), { choice, user });
    expect(said.kind === 'refusal' ? said.code : said.kind).toBe(answer);
  });

  it.each<Exclude<DrainChoice, 'wait'>>(['leave', 'force'])(
    '%s does nothing by one person alone',
    (choice) => {
      const story = blocked();
      say(story, { choice, user: APPROVER });
      expect(stateOf(story)).toMatchObject({
        left: [],
        forced: [],
        question: { proposal: { choice, user: APPROVER } },
      });
      expect(say(story, { choice, user: APPROVER })).toMatchObject({
        code: 'own-request',
        sentence: expect.stringContaining(`<@${SECOND}>`),
      });
      expect(say(story, { choice, user: OPERATOR })).toMatchObject({ code: 'not-approver' });
      expect(stateOf(story)).toMatchObject({ left: [], forced: [] });
    },
  );

  it.each([
    ['leave', 'left'],
    ['force', 'forced'],
  ] as const)('%s is done by two different people, both in the journal', (choice, key) => {
    const story = blocked([WEB, CACHE]);
    say(story, { choice, user: OPERATOR });
    expect(say(story, { choice, user: SECOND })).toMatchObject({
      events: [
        { kind: 'drain-decided', choice, pods: [WEB.uid, CACHE.uid], askedBy: OPERATOR, user: SECOND },
      ],
    });
    expect(stateOf(story)).toMatchObject({ [key]: [WEB.uid, CACHE.uid], question: null });
  });

  it('two people may want different things: the later wish stands, and is confirmed by neither', () => {
    const story = blocked();
    say(story, { choice: 'leave', user: APPROVER });
    say(story, { choice: 'force', user: SECOND });
    expect(stateOf(story)).toMatchObject({
      left: [],
      forced: [],
      question: { proposal: { choice: 'force', user: SECOND } },
    });
  });

  it.each<readonly [string, Partial<Policy>, boolean]>([
    ['two approvers, self-approval allowed', { selfApproval: 'allowed' }, false],
    ['one approver, self-approval refused', { approvers: [APPROVER] }, false],
    ['one approver, self-approval allowed', { approvers: [APPROVER], selfApproval: 'allowed' }, true],
    ['another is the only approver', { approvers: [SECOND], selfApproval: 'allowed' }, false],
  ])('alone with a second click where %s', (_what, changed, may) => {
    const rules = { ...policy, ...changed };
    const story = blocked();
    say(story, { choice: 'leave', user: APPROVER, rules: { ...rules, operators: [APPROVER] } });
    const said = say(story, { choice: 'leave', user: APPROVER, rules: { ...rules, operators: [APPROVER] } });
    expect(said.kind === 'decided').toBe(may);
    expect(stateOf(story).left).toEqual(may ? [WEB.uid] : []);
  });
});

describe('a decision about a blocked drain', () => {
  it('is refused when nothing is asked', () => {
    const story = aRollout().underWay().node('worker-1', 'drain');
    expect(say(story, { choice: 'wait', user: OPERATOR })).toMatchObject({ code: 'wrong-phase' });
  });

  it('is refused once it went on by itself, was decided, is held or ends', () => {
    const cleared = blocked();
    cleared.append({ kind: 'drain-cleared', step: stepOf(cleared) });
    const decided = blocked();
    say(decided, { choice: 'leave', user: OPERATOR });
    say(decided, { choice: 'leave', user: APPROVER });
    const held = blocked();
    held.append({ kind: 'step-failed', step: stepOf(held), why: 'its time is over' });
    for (const [story, sentence] of [
      [cleared, 'went on by itself'],
      [decided, 'Somebody was quicker'],
      [held, 'is over'],
      [blocked().aborted(), 'is over'],
    ] as const) {
      expect(say(story, { choice: 'force', user: APPROVER })).toMatchObject({
        code: 'wrong-phase',
        sentence: expect.stringContaining(sentence),
      });
    }
  });

  it('counts while the rollout finishes what is in hand for a pause', () => {
    expect(say(blocked().paused(), { choice: 'wait', user: OPERATOR }).kind).toBe('decided');
  });

  it('for more time is refused when another node has failed: the card about that waits for this drain', () => {
    const halted = blocked().node('worker-2', 'drain').failed('worker-2', 'drain');
    expect(say(halted, { choice: 'wait', user: OPERATOR })).toMatchObject({
      code: 'wrong-phase',
      sentence: expect.stringContaining('Another node has failed'),
    });
    expect(say(halted, { choice: 'leave', user: APPROVER }).kind).toBe('decided');
  });

  it('of force is refused for pods that are being deleted already, and leaves them out beside others', () => {
    expect(say(blocked([STUCK]), { choice: 'force', user: APPROVER })).toMatchObject({
      sentence: expect.stringContaining('being deleted already'),
    });
    const story = blocked([STUCK, WEB]);
    say(story, { choice: 'force', user: OPERATOR });
    say(story, { choice: 'force', user: APPROVER });
    expect(stateOf(story).forced).toEqual([WEB.uid]);
  });

  it('of wait gives the whole time again and takes a wish back', () => {
    const story = blocked();
    say(story, { choice: 'leave', user: APPROVER });
    say(story, { choice: 'wait', user: OPERATOR });
    const { rollout } = story;
    const step = stepById(story.plan, stepOf(story));
    expect(questionOf(rollout, stepOf(story))).toMatchObject({ proposal: null, blockers: [WEB] });
    expect(step === null ? 0 : grantedUntil(rollout, step)).toBe(story.now + (step?.limitMs ?? 0));
  });
});

describe('a click on a drain’s card', () => {
  const occasion = (story: RolloutStory): number =>
    occasionOf(story.rollout, questionSubject(stepOf(story))) ?? 0;

  it('counts for the pods that were shown and for no others', () => {
    const story = blocked();
    const shown = occasion(story);
    story.append({ kind: 'drain-blocked', step: stepOf(story), blockers: [WEB, CACHE] });
    expect(say(story, { choice: 'leave', user: APPROVER, occasion: shown })).toMatchObject({
      sentence: expect.stringContaining('out of date'),
    });
    expect(say(story, { choice: 'leave', user: APPROVER, occasion: occasion(story) }).kind).toBe('decided');
  });

  it('still counts after somebody gave it more time, unless a wish was taken back with it', () => {
    const story = blocked();
    const shown = occasion(story);
    say(story, { choice: 'wait', user: OPERATOR, occasion: shown });
    expect(say(story, { choice: 'leave', user: APPROVER, occasion: shown }).kind).toBe('decided');
    const wished = occasion(story);
    say(story, { choice: 'wait', user: OPERATOR, occasion: wished });
    expect(say(story, { choice: 'leave', user: SECOND, occasion: wished }).kind).toBe('refusal');
  });

  it('asks, and does not confirm, when somebody else asked at the same time', () => {
    const story = blocked();
    const shown = occasion(story);
    say(story, { choice: 'force', user: APPROVER, occasion: shown });
    expect(say(story, { choice: 'force', user: SECOND, occasion: shown }).kind).toBe('refusal');
    expect(stateOf(story).forced).toEqual([]);
    say(story, { choice: 'force', user: SECOND, occasion: occasion(story) });
    expect(stateOf(story).forced).toEqual([WEB.uid]);
  });

  it('confirms nothing that was asked for about other pods', () => {
    const story = blocked();
    say(story, { choice: 'leave', user: OPERATOR, occasion: occasion(story) });
    const wished = occasion(story);
    story.append({ kind: 'drain-blocked', step: stepOf(story), blockers: [CACHE] });
    expect(say(story, { choice: 'leave', user: APPROVER, occasion: wished }).kind).toBe('refusal');
    say(story, { choice: 'leave', user: APPROVER, occasion: occasion(story) });
    expect(stateOf(story)).toMatchObject({ left: [], question: { proposal: { user: APPROVER } } });
  });
});

describe('people are asked', () => {
  const asked = (story: RolloutStory, blockers: readonly Blocker[]) =>
    asking(story.rollout, stepOf(story), blockers)?.map(({ kind }) => kind) ?? null;

  it.each<readonly [string, readonly Blocker[], readonly string[] | null]>([
    ['not again about the same pods', [WEB, CACHE], null],
    ['not again when fewer stay', [CACHE], null],
    ['not again when only the counts or the words changed', [aBlocker({ why: 'in other words' })], null],
    ['not again when the budgets could not be read this time', [aBlocker({ budgets: [] })], null],
    ['anew when another pod stays', [WEB, STUCK], ['drain-blocked']],
    ['anew when it stays for another reason', [aBlocker({ cause: 'refused' })], ['drain-blocked']],
    [
      'anew when another budget guards it',
      [aBlocker({ budgets: [{ ...(WEB.budgets[0] ?? fails()), name: 'other' }] })],
      ['drain-blocked'],
    ],
    ['nothing any more when all of it is gone', [], ['drain-cleared']],
  ])('%s', (_what, blockers, facts) => {
    expect(asked(blocked([WEB, CACHE]), blockers)).toEqual(facts);
  });

  it('about nothing when nothing is blocked', () => {
    expect(asked(aRollout().underWay().node('worker-1', 'drain'), [])).toBeNull();
  });

  it('about so many pods as one card holds', () => {
    const many = Array.from({ length: 60 }, (_, index) => aBlocker({ uid: `u${index}` }));
    const [event] =
      asking(aRollout().underWay().node('worker-1', 'drain').rollout, '03-worker-1-drain', many) ?? [];
    expect(event?.kind === 'drain-blocked' ? event.blockers.length : 0).toBe(12);
  });

  it('anew when the drain is begun anew', () => {
    const story = blocked();
    const step = stepOf(story);
    story.append({ kind: 'step-failed', step, why: 'its time is over' });
    expect(blockedDrains(story.rollout)).toEqual([]);
    story.append({ kind: 'retried', subject: step, user: OPERATOR, notBefore: 0, delivery: 'again' });
    story.append({ kind: 'step-begun', step, evidence: {}, by: 'w1' });
    expect(blockedDrains(story.rollout)).toEqual([]);
    expect(asked(story, [WEB])).toEqual(['drain-blocked']);
  });
});

describe('a wish of somebody who may decide nothing any more', () => {
  it.each(['leave', 'force'] as const)('to %s is no half of two people’s word', (choice) => {
    const story = blocked([WEB]);
    say(story, { choice, user: SECOND });
    const rules = { ...policy, approvers: [APPROVER, 'U0THIRD'], operators: [OPERATOR] };
    expect(say(story, { choice, user: APPROVER, rules })).toMatchObject({
      events: [{ kind: 'drain-proposed', choice, user: APPROVER }],
    });
    expect(stateOf(story)).toMatchObject({ left: [], forced: [] });
    expect(say(story, { choice, user: 'U0THIRD', rules })).toMatchObject({
      events: [{ kind: 'drain-decided', choice, askedBy: APPROVER, user: 'U0THIRD' }],
    });
  });
});

function fails(): never {
  throw new Error('the usual blocker has a budget');
}
