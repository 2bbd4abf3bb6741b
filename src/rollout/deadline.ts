// Until when a step that was begun has time: its limit, counted anew by whoever takes it over, but not for ever.
import { grantedUntil } from './blockade.ts';
import { type Rollout, stepState } from './rollout.ts';
import type { Step } from './step.ts';

/**
 * So many limits after it was begun nobody gets the whole time any more, however often its driver was replaced: one for the work, and two for
 * processes that were moved, or died, on the way.
 */
const MOST_LIMITS = 3;
/**
 * Milliseconds that whoever takes it over after that still has: enough for a first look at all that is asked, and for a pod with the usual
 * grace of 30 s to go.
 */
const LAST_TRY_MS = 60_000;
/** Of a step with a short limit. */
const LAST_TRY_SHARE = 1 / 3;

/**
 * Milliseconds since 1970, by the store's clock, as is `since`: when this process took the step in hand. What is done again by whoever finds
 * it has its time again, because nobody may have been there for hours; what is sent once has its limit, whoever looks. Nobody takes back
 * what a person granted.
 */
export function deadlineOf(rollout: Rollout, step: Step, since: number): number {
  const state = stepState(rollout, step.id);
  const begunAt = state.state === 'begun' ? state.at : since;
  const own = step.repeat === 'never' ? begunAt + step.limitMs : anew(step, { begunAt, since });
  return Math.max(own, grantedUntil(rollout, step));
}

function anew({ limitMs }: Step, { begunAt, since }: { begunAt: number; since: number }): number {
  const lastTryMs = Math.min(LAST_TRY_MS, limitMs * LAST_TRY_SHARE);
  return Math.min(since + limitMs, Math.max(begunAt + MOST_LIMITS * limitMs, since + lastTryMs));
}
