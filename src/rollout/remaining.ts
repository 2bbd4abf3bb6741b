// About how long the machines still need, from what each kind of step usually takes here; people's time is not in it.
import { QUICK, soakMs, stageMs } from './history.ts';
import { laneOfStep, type Plan, stepsOf } from './plan.ts';
import { laneSkipped, type Rollout, stepDone, stepState } from './rollout.ts';
import { soakingOf } from './soak.ts';
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
  if (step.kind === 'soak') return soakLeftMs(rollout, step);
  const whole = usual?.medianMs;
  if (whole === undefined) return QUICK.includes(step.kind) ? 0 : null;
  const state = stepState(rollout, step.id);
  return state.state === 'begun' ? Math.max(0, whole - (rollout.lastAt - state.at)) : whole;
}

/** One that is under way ends when it ends, whatever was written down meanwhile; one that a person cut short is over. */
function soakLeftMs(rollout: Rollout, step: Step): number {
  if (rollout.shortened.has(step.id)) return 0;
  const present = soakingOf(rollout);
  if (present?.step.id !== step.id) return soakMs(step);
  return Math.max(0, Math.min(soakMs(step), present.until - rollout.lastAt));
}
