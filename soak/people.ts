// The people of a walk: what a wish means on the rollout as it stands, and those who want it to end.
import { blockedDrains, type DrainChoice, questionOf, questionSubject } from '../src/rollout/blockade.ts';
import type { Intent } from '../src/rollout/intent.ts';
import { occasionOf } from '../src/rollout/occasion.ts';
import { checksOf, standing } from '../src/rollout/override.ts';
import type { Rollout } from '../src/rollout/rollout.ts';
import { overriding } from '../test/engine/overriding.ts';
import {
  APPROVER,
  BYSTANDER,
  type People,
  REQUESTER,
  SECOND_APPROVER,
  willing,
} from '../test/engine/scene.ts';
import type { Wish } from './move.ts';

/** Everybody who presses something, the last one without any right to. */
export const USERS = [REQUESTER, APPROVER, SECOND_APPROVER, BYSTANDER] as const;

export interface Pressed {
  readonly intent: Intent;
  readonly user: string;
  /** The rollout it is said to; null = this one. */
  readonly rollout: string | null;
}

/** What stands in the way is asked for again. */
const going: People = (rollout) => {
  const { phase } = rollout;
  if (phase.phase === 'held') return { intent: { kind: 'retry' }, user: REQUESTER };
  if (phase.phase === 'paused') return { intent: { kind: 'resume' }, user: REQUESTER };
  return overriding(willing)(rollout);
};

/** Null when such a wish says nothing now. */
export function pressedBy(wish: Wish, user: string, rollout: Rollout): Pressed | null {
  if (wish === 'go') {
    const pressed = going(rollout);
    return pressed === null ? null : { ...pressed, rollout: null };
  }
  const intent = intentOf(wish, rollout);
  if (intent === null) return null;
  return { intent, user, rollout: wish === 'ask-rollback' ? OTHER : null };
}

/** The id of what somebody else asks for meanwhile. */
const OTHER = 'r2';

function intentOf(wish: Exclude<Wish, 'go'>, rollout: Rollout): Intent | null {
  const gate = rollout.phase.phase === 'at-gate' ? rollout.phase.gate : 'gate:cp-1';
  switch (wish) {
    case 'approve':
      return { kind: 'approve', gate };
    case 'deny':
      return { kind: 'deny', gate, reason: 'Not now.' };
    case 'override':
      return { kind: 'override', checks: checksOf(standing(rollout)), reason: 'because' };
    case 'ask-rollback': {
      const { cluster, channel } = rollout;
      return { kind: 'ask', rollout: OTHER, cluster, channel, goal: { kind: 'rollback-node', node: 'cp-1' } };
    }
    case 'drain-wait':
      return drainIntent(rollout, 'wait');
    case 'drain-leave':
      return drainIntent(rollout, 'leave');
    case 'drain-force':
      return drainIntent(rollout, 'force');
    case 'take-over':
      return { kind: 'hand-over', to: null };
    case 'hand-over':
      return { kind: 'hand-over', to: rollout.keeper === REQUESTER ? APPROVER : REQUESTER };
    case 'hand-to-anybody':
      return { kind: 'hand-over', to: BYSTANDER };
    default:
      return { kind: wish };
  }
}

/** A button on the card of the first drain that asks: it is about what that card shows. Null when none asks. */
function drainIntent(rollout: Rollout, choice: DrainChoice): Intent | null {
  const [step] = blockedDrains(rollout);
  if (step === undefined) return null;
  const occasion = occasionOf(rollout, questionSubject(step));
  return { kind: 'drain', step, choice, ...(occasion === null ? {} : { occasion }) };
}

/** What two people do about a drain that asks: one proposes, the other confirms; null when nothing is left for them to do. */
export function drainPress(rollout: Rollout, choice: DrainChoice): Omit<Pressed, 'rollout'> | null {
  const intent = drainIntent(rollout, choice);
  if (intent?.kind !== 'drain') return null;
  const asked = questionOf(rollout, intent.step)?.proposal?.choice === choice;
  return { intent, user: asked ? APPROVER : REQUESTER };
}

/** How often one thing is tried again before it is given up. */
const TRIES = 2;

/** They want it to end, and give up what does not get better: first another try, then abort, then what is owed is taken over. */
export function closing(): People {
  const tried = new Map<string, number>();
  return (rollout) => {
    const { phase } = rollout;
    if (phase.phase !== 'held') return going(rollout);
    const { subject } = phase.held;
    const times = (tried.get(subject) ?? 0) + 1;
    tried.set(subject, times);
    if (times <= TRIES) return { intent: { kind: 'retry' }, user: REQUESTER };
    return { intent: { kind: phase.ending === null ? 'abort' : 'skip' }, user: REQUESTER };
  };
}
