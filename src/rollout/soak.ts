// The time for which what was upgraded is watched before the next is touched: how long it still is, from the facts alone.
import { type Lane, lanesOf, type Plan, stepsOf } from './plan.ts';
import { currentStage, laneDone, type Rollout, stepDone, stepState } from './rollout.ts';
import type { Step } from './step.ts';

export interface Soaking {
  readonly step: Step;
  /** Milliseconds since 1970. */
  readonly until: number;
}

/** True for a lane that only waits. */
export function soaksOnly({ steps }: Lane): boolean {
  return steps.length > 0 && steps.every(({ kind }) => kind === 'soak');
}

/**
 * Milliseconds since 1970 before which this step is not due; 0 for every step that is none of waiting. A soak is reckoned from the
 * last fact before it in the plan, so that a pause, a crash or a process that is away neither shortens nor prolongs it.
 */
export function dueAt(rollout: Rollout, step: Step): number {
  if (step.kind !== 'soak' || rollout.shortened.has(step.id) || rollout.plan === null) return 0;
  const lasts = step.params['ms'];
  if (typeof lasts !== 'number') throw new Error(`step ${step.id} does not say how long it lasts`);
  const steps = stepsOf(rollout.plan);
  const before = steps.slice(
    0,
    steps.findIndex(({ id }) => id === step.id),
  );
  const since = before.reduce((latest, { id }) => {
    const state = stepState(rollout, id);
    return state.state === 'ended' ? Math.max(latest, state.at) : latest;
  }, 0);
  // Nothing ended before it, because people left all of it behind: then there is nothing to watch.
  return since === 0 ? 0 : since + lasts;
}

/** The soak that is next, or null: whether it is over is told by its `until`. A rollout that stands still is not soaking. */
export function soakingOf(rollout: Rollout): Soaking | null {
  const { plan, phase } = rollout;
  if (plan === null || phase.phase !== 'running' || phase.halt !== null) return null;
  if (!everSoaks(plan)) return null;
  const lane = currentStage(rollout)?.lanes.find((one) => !laneDone(rollout, one));
  const step = lane?.steps.find((one) => !stepDone(rollout, one));
  if (lane === undefined || step?.kind !== 'soak') return null;
  return { step, until: dueAt(rollout, step) };
}

/** A plan never changes, and this is asked with every fact that is folded. */
const known = new WeakMap<Plan, boolean>();

function everSoaks(plan: Plan): boolean {
  const answer = known.get(plan) ?? lanesOf(plan).some(soaksOnly);
  known.set(plan, answer);
  return answer;
}

/** Names of the nodes that a soak is about. */
export function nodesSoaked({ params }: Step): readonly string[] {
  const names = params['nodes'];
  return typeof names === 'string' && names !== '' ? names.split(',') : [];
}

/** The soak that still lasts at this time, in milliseconds since 1970, and that a person may cut short; null when none does. */
export function lastingSoak(rollout: Rollout, now: number): Soaking | null {
  const soaking = soakingOf(rollout);
  return soaking === null || now >= soaking.until ? null : soaking;
}
