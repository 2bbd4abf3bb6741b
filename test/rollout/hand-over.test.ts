// Who is called when a person has to decide, and who may take that over.
import { describe, expect, it } from 'vitest';
import { decide } from '../../src/rollout/decide.ts';
import { APPROVER, aPolicy, REQUESTER } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';

const policy = { ...aPolicy(), operators: [REQUESTER, APPROVER] };

function handing(story: RolloutStory, to: string | null, user = APPROVER) {
  const asked = { intent: { kind: 'hand-over', to } as const, user, delivery: 'd9' };
  return decide(story.rollout, asked, { policy, now: story.now });
}

describe('handing a rollout over', () => {
  it.each([
    ['to whoever says it', null, APPROVER],
    ['to a named operator', APPROVER, APPROVER],
  ])('%s is a fact, and changes whose it is', (_how, to, next) => {
    const story = aRollout().underWay();
    const decided = handing(story, to);
    if (decided.kind !== 'decided') throw new Error(decided.sentence);
    expect(decided.events).toEqual([{ kind: 'handed-over', to: next, user: APPROVER, delivery: 'd9' }]);
    for (const event of decided.events) story.append(event);
    expect([story.rollout.user, story.rollout.keeper]).toEqual([REQUESTER, APPROVER]);
  });

  it('to whom it belongs already changes nothing', () => {
    expect(handing(aRollout().underWay(), REQUESTER)).toEqual({ kind: 'decided', events: [] });
  });

  it.each([
    ['to somebody who could decide nothing', aRollout().underWay(), 'U0STRANGER', 'not-operator'],
    ['of a rollout that is over', aRollout().underWay().aborted().finished('aborted'), null, 'wrong-phase'],
  ] as const)('%s is refused', (_what, story, to, code) => {
    expect(handing(story, to)).toMatchObject({ kind: 'refusal', code });
  });

  it('by somebody who is no operator is refused', () => {
    expect(handing(aRollout().underWay(), null, 'U0STRANGER')).toMatchObject({ code: 'not-operator' });
  });
});
