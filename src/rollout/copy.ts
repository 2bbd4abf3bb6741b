// The copy of etcd without which the only control-plane node does not leave: taken in its own lane, verified, and young.
import type { Lane } from './plan.ts';
import { type Rollout, stepState } from './rollout.ts';

/** design.md invariant 2: a copy older than this does not stand for what would be lost. */
export const COPY_AGE_MS = 3_600_000;
/** So many copies of one lane grew old, a day of them: then it is not people who take their time, but clocks that differ. */
const MAX_COPIES = 24;
/**
 * Milliseconds by which our clock may be behind the store's, by which facts are dated: a minute of the hour is no matter. A clock
 * further behind would make every copy young.
 */
const CLOCK_DIFFERENCE_MS = 60_000;

export type Copy =
  | { readonly kind: 'none' }
  | { readonly kind: 'fresh'; readonly name: string; readonly ageMs: number }
  /** Our clock shows a time before the last fact, so nobody can say how old it is; another copy would be dated no better. */
  | { readonly kind: 'undated'; readonly behindMs: number }
  /** `step` takes it again, which makes sense when `again` says so. */
  | { readonly kind: 'old'; readonly step: string; readonly ageMs: number; readonly again: boolean };

/** Counted from when the copy began: what was written while it ran may not be in it. `now` in milliseconds since 1970. */
export function copyOf(rollout: Rollout, lane: Lane, now: number): Copy {
  const step = lane.steps.find(({ kind }) => kind === 'snapshot');
  const state = step === undefined ? null : stepState(rollout, step.id);
  if (step === undefined || state?.state !== 'ended') return { kind: 'none' };
  const { name, bytes, digest } = state.result;
  // Only a whole and verified copy ends the step, and it says what it is.
  if (typeof name !== 'string' || typeof digest !== 'string' || typeof bytes !== 'number' || bytes <= 0)
    return { kind: 'none' };
  const behindMs = rollout.lastAt - now;
  if (behindMs > CLOCK_DIFFERENCE_MS) return { kind: 'undated', behindMs };
  // The last fact is by the clock that dated the copy.
  const ageMs = Math.max(now, rollout.lastAt) - state.begunAt;
  return ageMs <= COPY_AGE_MS
    ? { kind: 'fresh', name, ageMs }
    : { kind: 'old', step: step.id, ageMs, again: (rollout.begins.get(step.id) ?? 0) < MAX_COPIES };
}
