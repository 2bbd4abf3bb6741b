// A step that stands begun in the journal: which "begun" it is, whether this process sent it, and how its end is written down.
import type { Entry, RolloutEvent } from '../rollout/event.ts';
import { type Rollout, stepState } from '../rollout/rollout.ts';
import type { Step, StepFacts } from '../rollout/step.ts';
import { Fault } from './ports/fault.ts';
import type { Hands } from './step-hands.ts';
import type { TaskContext } from './work.ts';

/** One process at one step: what it may use, and what does this kind of step. */
export interface Attempt extends TaskContext, Hands {
  readonly step: Step;
  /** False once a departure was proved too long ago for its call to leave. */
  readonly isProved: () => boolean;
}

/** A step that stands begun in the journal; what is written down about it is about this "begun" and no later one. */
export interface Begun extends Attempt {
  readonly evidence: StepFacts;
  /** 1 for the first time it was begun. */
  readonly time: number;
}

export function asBegun(attempt: Attempt, evidence: StepFacts): Begun {
  return { ...attempt, evidence, time: timesBegun(attempt.session.rollout, attempt.step) };
}

export function timesBegun(rollout: Rollout, step: Step): number {
  return rollout.begins.get(step.id) ?? 0;
}

/** Since somebody last said that it shall be tried again. */
export function timesWithdrawn({ session, step }: Begun): number {
  const isRetry = ({ event }: Entry): boolean => event.kind === 'retried' && event.subject === step.id;
  const since = session.entries.slice(session.entries.findLastIndex(isRetry) + 1);
  return since.filter(({ event }) => event.kind === 'step-withdrawn' && event.step === step.id).length;
}

/** From here on this process counts as having sent it. */
export function noteSent(begun: Begun): void {
  if (!wasSent(begun)) begun.sent.set(actOf(begun), begun.time);
}

/** Sent by this process for this "begun", or a later one that the store has forgotten (a fail-over). */
export function wasSent(begun: Begun): boolean {
  const last = begun.sent.get(actOf(begun));
  return last !== undefined && last >= begun.time;
}

function actOf({ session, step }: Begun): string {
  return `${session.rollout.id}/${step.id}`;
}

/** Still begun, and not begun anew by somebody else since. */
export function stands({ step, time }: Begun, rollout: Rollout): boolean {
  return stepState(rollout, step.id).state === 'begun' && timesBegun(rollout, step) === time;
}

/**
 * Whoever knows how it ended may say so, with the lease or without (design.md 4.5). A store that is away, full, or has no master for a
 * moment is asked again: what was answered in band is known to nobody else. Rejects with Fault when it stays so for as long as the step
 * may take.
 */
export async function record(begun: Begun, ...events: readonly RolloutEvent[]): Promise<void> {
  const { session, parts, step } = begun;
  const until = parts.clock.monotonic() + step.limitMs;
  for (;;) {
    try {
      await session.commit((rollout) => (stands(begun, rollout) ? events : null), 'outcome');
      return;
    } catch (error) {
      if (!(error instanceof Fault) || parts.clock.monotonic() >= until) throw error;
      await parts.clock.sleep(parts.pollMs);
    }
  }
}
