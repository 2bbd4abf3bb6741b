// Whose word is still missing: at a gate that has one of two, and at a blocked drain where one person does it all.
import { describe, expect, it } from 'vitest';
import { type Slot, threadOf } from '../../../src/bot/thread.ts';
import { blockedSentence } from '../../../src/bot/views/why-running.ts';
import { questionOf } from '../../../src/rollout/blockade.ts';
import type { Policy } from '../../../src/rollout/policy.ts';
import { aBlocker } from '../../builders/drain.ts';
import { APPROVER, aPolicy, REQUESTER, SECOND_APPROVER } from '../../builders/plan.ts';
import { aRollout, type RolloutStory } from '../../builders/rollout.ts';

function slotOf(story: RolloutStory, name: RegExp, policy: Policy): Slot['message'] {
  const thread = threadOf({ entries: story.entries, policy, notes: {}, now: story.now });
  const found = thread?.slots.find((slot) => name.test(slot.name));
  if (found === undefined) throw new Error(`nothing in the thread is called ${name.source}`);
  return found.message;
}

describe('a gate that takes two approvals', () => {
  const policy = aPolicy({ approvers: [APPROVER, SECOND_APPROVER] });
  const open = (): RolloutStory => aRollout({ workers: [] }).underWay().gate('cp-1', { needs: 2 });

  it.each([
    ['none', open(), '2 approvals', [APPROVER, SECOND_APPROVER], []],
    ['one', open().approved('cp-1'), '1 approval more', [SECOND_APPROVER], [APPROVER]],
  ])('and has %s says how many are missing, and of whom', (_given, story, missing, asked, given) => {
    const { text, blocks } = slotOf(story, /^gate:/, policy);
    expect(text).toContain(`cp-1 in prod waits for ${missing} before it is taken down`);
    const [, line = ''] = /Needs (.*?)\\n/.exec(JSON.stringify(blocks)) ?? [];
    expect(line.startsWith(`${missing}, not the requester’s: `)).toBe(true);
    for (const user of asked) expect(line).toContain(user);
    for (const user of given) expect(line).not.toContain(user);
  });

  it('and has one says when nobody else is there to give the other', () => {
    const few = aPolicy({ approvers: [APPROVER] });
    const text = JSON.stringify(slotOf(open().approved('cp-1'), /^gate:/, few).blocks);
    expect(text).toContain(
      '1 approval more, not the requester’s: nobody else is configured who may approve it',
    );
  });
});

describe('a blocked drain', () => {
  const TWO = aPolicy({ operators: [REQUESTER], approvers: [APPROVER, SECOND_APPROVER] });
  const ALONE = aPolicy({ operators: [REQUESTER], approvers: [REQUESTER], selfApproval: 'allowed' });

  function blocked(): RolloutStory {
    const story = aRollout().underWay().node('worker-1', 'drain');
    const { id: step } = story.step('worker-1', 'drain');
    return story.append({ kind: 'drain-blocked', step, blockers: [aBlocker()] });
  }

  const wished = (): RolloutStory => {
    const story = blocked();
    const { id: step } = story.step('worker-1', 'drain');
    return story.append({ kind: 'drain-proposed', step, choice: 'force', user: REQUESTER, delivery: 'p' });
  };

  it.each([
    [
      'two people',
      TWO,
      ['Two people have to agree', 'Nothing is done before another approver confirms it.'],
      ['second click'],
    ],
    [
      'one person, twice',
      ALONE,
      [
        `It takes a second click, by <@${REQUESTER}>`,
        'Nothing is done before it is confirmed with a second click.',
      ],
      ['another approver', 'Two people'],
    ],
  ])('says before anybody asked that it takes %s', (_who, policy, says, never) => {
    const text = JSON.stringify(slotOf(blocked(), /^drain:/, policy));
    for (const words of says) expect(text).toContain(words);
    for (const words of never) expect(text).not.toContain(words);
  });

  it('tells who is alone that a second click of theirs confirms it, and calls nobody else', () => {
    const story = wished();
    const card = JSON.stringify(slotOf(story, /^drain:/, ALONE));
    expect(card).toContain(
      `No other approver is configured, so <@${REQUESTER}> may confirm it with a second click`,
    );
    const { text } = slotOf(story, /^drain-proposed:/, ALONE);
    expect(text).toMatch(/no other approver is configured, so a second click on its card confirms it\.$/);
    for (const said of [card, text]) expect(said).not.toMatch(/another approver|Two people/);
  });

  it.each([
    [
      'an operator asked who approves nothing',
      aPolicy({ ...ALONE, operators: [REQUESTER], approvers: [APPROVER] }),
    ],
    ['nobody may confirm what they asked for themselves', aPolicy({ ...ALONE, selfApproval: 'refused' })],
  ])('asks for another approver where %s', (_what, policy) => {
    const card = JSON.stringify(slotOf(wished(), /^drain:/, policy));
    expect(card).toContain('It needs the word of another approver');
  });

  it('is told by /talos why with the same people', () => {
    const { rollout } = wished();
    const question = questionOf(rollout, aRollout().step('worker-1', 'drain').id);
    if (question === null) throw new Error('nobody is asked');
    expect(blockedSentence('worker-1', question, ALONE).mrkdwn).toContain(
      `which an approver has to confirm: <@${REQUESTER}>`,
    );
  });
});
