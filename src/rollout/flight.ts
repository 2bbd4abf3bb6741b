// Calls in doubt that somebody wants sent again: who waits until the first copy can no longer arrive, and until when.
import { stepsOf } from './plan.ts';
import { type Rollout, stepState } from './rollout.ts';
import type { Step } from './step.ts';

export interface Flight {
  readonly step: Step;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** Those that still last at this time, in milliseconds since 1970; empty when the rollout stands still or ends. */
export function flightsOf(rollout: Rollout, now: number): readonly Flight[] {
  const { plan, phase } = rollout;
  if (plan === null || phase.phase !== 'running' || phase.halt !== null || rollout.doubts.size === 0)
    return [];
  return stepsOf(plan).flatMap((step) => {
    const state = stepState(rollout, step.id);
    return state.state === 'open' && state.notBefore > now ? [{ step, until: state.notBefore }] : [];
  });
}
