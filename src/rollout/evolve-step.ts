// What the facts about a step make of a rollout.
import type { Entry, RolloutEvent } from './event.ts';
import { added } from './layered.ts';
import { stopped } from './phase.ts';
import { stepById } from './plan.ts';
import { type Held, type Rollout, type StepState, stepState } from './rollout.ts';
import type { Step } from './step.ts';

/** Whatever was said of how long it takes is over with its state. */
export function withStep(rollout: Rollout, step: string, state: StepState): Rollout {
  const slow = rollout.slow.has(step)
    ? new Map([...rollout.slow].filter(([other]) => other !== step))
    : rollout.slow;
  return { ...rollout, slow, steps: added(rollout.steps, step, state) };
}

function withoutDoubt(rollout: Rollout, step: string): Rollout {
  return { ...rollout, doubts: new Map([...rollout.doubts].filter(([doubted]) => doubted !== step)) };
}

export type StepEvent = Extract<RolloutEvent, { kind: `step-${string}` }>;

export function applyToStep(
  rollout: Rollout,
  event: StepEvent,
  { at, by }: Pick<Entry, 'at' | 'by'>,
): Rollout {
  const state = stepState(rollout, event.step);
  if (event.kind === 'step-slow') return { ...rollout, slow: new Map([...rollout.slow, [event.step, at]]) };
  if (event.kind === 'step-begun') {
    if (state.state !== 'open')
      throw new Error(`rollout ${rollout.id}: step ${event.step} begun while ${state.state}`);
    const begins = added(rollout.begins, event.step, (rollout.begins.get(event.step) ?? 0) + 1);
    // A doubt outlives the next try: that one may be withdrawn, and the call before it may still have arrived.
    return withStep({ ...rollout, begins }, event.step, {
      state: 'begun',
      at,
      by: event.by,
      evidence: event.evidence,
    });
  }
  if (event.kind === 'step-ended') {
    // A step found already so ends without having begun; a doubted one may still be seen to have happened.
    const begunAt = state.state === 'begun' ? state.at : state.state === 'doubted' ? state.begunAt : at;
    return withStep(withoutDoubt(rollout, event.step), event.step, {
      state: 'ended',
      at,
      begunAt,
      inOneHand: state.state === 'begun' && by.kind === 'driver' && by.name === state.by,
      result: event.result,
      peopleMs: rollout.peopleMs,
    });
  }
  if (event.kind === 'step-outdated') {
    if (state.state !== 'ended')
      throw new Error(`rollout ${rollout.id}: step ${event.step} outdated while ${state.state}`);
    const outdated = added(rollout.outdated, event.step, (rollout.outdated.get(event.step) ?? 0) + 1);
    const firstEnds = rollout.firstEnds.has(event.step)
      ? rollout.firstEnds
      : added(rollout.firstEnds, event.step, state.result);
    return withStep({ ...rollout, outdated, firstEnds }, event.step, { state: 'open', notBefore: 0 });
  }
  if (event.kind === 'step-withdrawn') return withStep(rollout, event.step, { state: 'open', notBefore: 0 });
  if (event.kind === 'step-failed') {
    // Tried again, it is this try that failed. One installer runs at a time, so the one before it is over; but a restart or a rollback
    // that was refused says nothing of the call before it.
    const settled = state.state === 'begun' && stepOf(rollout, event.step)?.kind === 'install';
    const left = settled ? withoutDoubt(rollout, event.step) : rollout;
    return stopped(
      withStep(left, event.step, { state: 'failed', at, why: event.why }),
      heldBy(rollout, 'failed', event),
    );
  }
  if (state.state !== 'begun')
    throw new Error(`rollout ${rollout.id}: step ${event.step} doubted while ${state.state}`);
  const doubted: StepState = { ...state, state: 'doubted', at, begunAt: state.at, why: event.why };
  const doubts = new Map([...rollout.doubts, [event.step, state.evidence]]);
  return stopped(withStep({ ...rollout, doubts }, event.step, doubted), heldBy(rollout, 'doubted', event));
}

function heldBy(rollout: Rollout, kind: 'failed' | 'doubted', event: { step: string; why: string }): Held {
  const { step: subject, why } = event;
  return { kind, subject, node: stepOf(rollout, subject)?.node ?? '', why };
}

function stepOf({ plan }: Rollout, id: string): Step | null {
  return plan === null ? null : stepById(plan, id);
}
