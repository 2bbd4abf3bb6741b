// About how long the machines still need, from what each kind of step usually takes here; people's time is not in it.
import { QUICK, soakMs, stageMs } from './history.ts';
import { laneOfStep, type Plan, stepsOf } from './plan.ts';
import { laneSkipped, type Rollout, stepDone, stepState } from './rollout.ts';
import type { Step } from './step.ts';

/** Milliseconds; null when nothing is known of a long step that is still to come. */
export function remainingMs(rollout: Rollout): number | null {
  const { plan } = rollout;
  if (plan === null) return null;
  const open = new Map<Step, number>();
  for (const step of stepsOf(plan)) {
    const ms = stepDone(rollout, step) || laneSkipped(rollout, step.id) ? 0 : openMs(rollout, plan, step);
    if (ms === null) return null;
    open.set(step, ms);
  }
  return plan.stages.reduce((ms, stage) => ms + stageMs(stage, open), 0);
}

function openMs(rollout: Rollout, plan: Plan, step: Step): number | null {
  const usual = rollout.usuals[`${step.kind} ${laneOfStep(plan, step.id)?.role ?? null}`];
  const whole = step.kind === 'soak' ? soakMs(step) : usual?.medianMs;
  if (whole === undefined) return QUICK.includes(step.kind) ? 0 : null;
  const state = stepState(rollout, step.id);
  return state.state === 'begun' ? Math.max(0, whole - (rollout.lastAt - state.at)) : whole;
}
