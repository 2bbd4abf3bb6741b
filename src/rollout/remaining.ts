// About how long the machines still need, from what each kind of step usually takes here; people's time is not in it.
import { QUICK, soakMs, stageMs } from './history.ts';
import { laneOfStep, stepsOf } from './plan.ts';
import { laneSkipped, type Rollout, stepDone, stepState } from './rollout.ts';
import { soakingOf } from './soak.ts';
import type { Step } from './step.ts';

/** What can be said of the end, in words that stay true until something happens or a time that was named is over. */
export interface Ahead {
  readonly leftMs: number;
  /** Milliseconds since 1970, if nobody keeps it waiting; null when it is late already, so that nobody can say. */
  readonly doneAt: number | null;
}

/**
 * Null when nothing is known of a long step that is still to come. `now`: milliseconds since 1970. While nothing is written down all of
 * it is reckoned from the last fact, or from the end of the soak that is over since.
 */
export function aheadOf(rollout: Rollout, now: number): Ahead | null {
  const soak = soakingOf(rollout);
  const isOver = soak !== null && now >= soak.until;
  const since = isOver ? Math.max(rollout.lastAt, soak.until) : rollout.lastAt;
  const leftMs = remainingMs(rollout, since);
  if (leftMs === null) return null;
  const isPast = since + leftMs <= now;
  if (!isPast) return { leftMs, doneAt: isOver || rollout.slow.size > 0 ? null : since + leftMs };
  return { leftMs: remainingMs(rollout, now) ?? leftMs, doneAt: null };
}

/** Milliseconds as it stands at a time, in milliseconds since 1970; null when nothing is known of a long step that is still to come. */
export function remainingMs(rollout: Rollout, at: number = rollout.lastAt): number | null {
  const { plan } = rollout;
  if (plan === null) return null;
  const open = new Map<Step, number>();
  for (const step of stepsOf(plan)) {
    const ms = stepDone(rollout, step) || laneSkipped(rollout, step.id) ? 0 : openMs(rollout, step, at);
    if (ms === null) return null;
    open.set(step, ms);
  }
  return plan.stages.reduce((ms, stage) => ms + stageMs(stage, open), 0);
}

function openMs(rollout: Rollout, step: Step, at: number): number | null {
  const role = rollout.plan === null ? null : (laneOfStep(rollout.plan, step.id)?.role ?? null);
  const usual = rollout.usuals[`${step.kind} ${role}`];
  if (step.kind === 'soak') return soakLeftMs(rollout, step, at);
  const whole = usual?.medianMs;
  if (whole === undefined) return QUICK.includes(step.kind) ? 0 : null;
  const state = stepState(rollout, step.id);
  return state.state === 'begun' ? Math.max(0, whole - (at - state.at)) : whole;
}

/** One that is under way ends when it ends, whatever was written down meanwhile; one that a person cut short is over. */
function soakLeftMs(rollout: Rollout, step: Step, at: number): number {
  if (rollout.shortened.has(step.id)) return 0;
  const present = soakingOf(rollout);
  if (present?.step.id !== step.id) return soakMs(step);
  return Math.max(0, Math.min(soakMs(step), present.until - at));
}
