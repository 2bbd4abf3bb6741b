// A drain that is blocked, and people who say something about it: blocked([WEB]), say(story, { choice: 'leave', user: OPERATOR }).
import { type Blocker, type DrainChoice, drainOf } from '../../src/rollout/blockade.ts';
import { decide } from '../../src/rollout/decide.ts';
import type { Intent } from '../../src/rollout/intent.ts';
import type { Policy } from '../../src/rollout/policy.ts';
import { aBlocker } from '../builders/drain.ts';
import { APPROVER, aPolicy, REQUESTER } from '../builders/plan.ts';
import { aRollout, type RolloutStory } from '../builders/rollout.ts';

export const OPERATOR = REQUESTER;
export const SECOND = 'U0MEI00003';
export const policy = aPolicy({ operators: [OPERATOR], approvers: [APPROVER, SECOND] });

export const WEB = aBlocker();
export const CACHE = aBlocker({ name: 'cache-1', uid: 'cache-1', workload: 'shop/ReplicaSet cache' });

export const stepOf = (story: RolloutStory): string => story.step('worker-1', 'drain').id;

export function blocked(blockers: readonly Blocker[] = [WEB]): RolloutStory {
  const story = aRollout().underWay().node('worker-1', 'drain');
  return story.append({ kind: 'drain-blocked', step: stepOf(story), blockers });
}

export interface Said {
  readonly choice: DrainChoice;
  readonly user: string;
  readonly rules?: Policy;
  readonly occasion?: number;
}

/** Judges it, and when it is taken appends what it comes to. */
export function say(story: RolloutStory, { choice, user, rules = policy, occasion }: Said) {
  const intent: Intent = {
    kind: 'drain',
    step: stepOf(story),
    choice,
    ...(occasion === undefined ? {} : { occasion }),
  };
  const decided = decide(
    story.rollout,
    { intent, user, delivery: `d${story.entries.length}` },
    { policy: rules, now: story.now },
  );
  if (decided.kind === 'decided') for (const event of decided.events) story.append(event);
  return decided;
}

export const stateOf = (story: RolloutStory) => drainOf(story.rollout, stepOf(story));
