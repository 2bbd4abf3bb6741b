// How a rollout's phase follows from its facts: halts, what holds it, and the way to its end.
import type { Outcome } from './event.ts';
import { added } from './layered.ts';
import { stepsOf } from './plan.ts';
import {
  debtsOf,
  type Halt,
  type Held,
  laneSkipped,
  type Phase,
  type Rollout,
  type StepState,
  stepDone,
  stepState,
  stepsInHand,
} from './rollout.ts';
import type { Step } from './step.ts';

/** True while nothing can move before a person does. */
export function waitsForPeople(phase: Phase): boolean {
  return (
    phase.phase === 'proposed' ||
    phase.phase === 'at-gate' ||
    phase.phase === 'paused' ||
    phase.phase === 'held'
  );
}

/** Whose pause stands, though what is asked of people now may be graver; null when nobody's does. */
export function pauserOf(phase: Phase): string | null {
  if (phase.phase === 'paused') return phase.user;
  if (phase.phase === 'held') return phase.pausedBy;
  if (phase.phase !== 'running') return null;
  if (phase.halt?.kind === 'pause') return phase.halt.user;
  return phase.halt?.kind === 'failure' ? phase.halt.pausedBy : null;
}

/** True from the moment somebody ends it until nothing is in hand any more. */
export function isEnding(phase: Phase): boolean {
  return phase.phase === 'running' && phase.halt?.kind === 'ending';
}

/** How it ends, once nothing of its plan is begun any more but what puts back; null while it may go on. */
export function endingOf(phase: Phase): Outcome | null {
  switch (phase.phase) {
    case 'running':
      return phase.halt?.kind === 'ending' ? phase.halt.outcome : null;
    case 'held':
      return phase.ending;
    case 'tidying':
    case 'finished':
      return phase.outcome;
    default:
      return null;
  }
}

/**
 * The way is free: it goes on with what it was doing, running or tidying, unless another step waits for a person as well.
 * Several may have failed side by side; each is asked about in its turn, because a step that nobody decided about moves nothing.
 */
export function moving(rollout: Rollout): Rollout {
  const ending = rollout.phase.phase === 'held' ? rollout.phase.ending : null;
  const held = troubleOf(
    rollout,
    ending === null ? openSteps(rollout) : debtsOf(rollout).map(({ pay }) => pay),
  );
  const pausedBy = rollout.phase.phase === 'held' ? rollout.phase.pausedBy : null;
  if (held !== null) return { ...rollout, phase: { phase: 'held', held, ending, pausedBy } };
  return {
    ...rollout,
    phase: ending === null ? { phase: 'running', halt: null } : { phase: 'tidying', outcome: ending },
  };
}

/** Steps that must still be taken: those of lanes nobody skipped, and what skipped ones owe. */
function openSteps(rollout: Rollout): readonly Step[] {
  if (rollout.plan === null) return [];
  const owed = new Set(debtsOf(rollout).map(({ pay }) => pay.id));
  return stepsOf(rollout.plan).filter(
    (step) => owed.has(step.id) || (!stepDone(rollout, step) && !laneSkipped(rollout, step.id)),
  );
}

function troubleOf(rollout: Rollout, steps: readonly Step[]): Held | null {
  for (const { id, node } of steps) {
    const state = stepState(rollout, id);
    if (state.state === 'failed' || state.state === 'doubted')
      return { kind: state.state, subject: id, node, why: state.why };
  }
  return null;
}

/** A halt starts nothing new and interrupts no act; of several halts the gravest counts. */
export function halted(rollout: Rollout, halt: Halt): Rollout {
  const { phase } = rollout;
  if (phase.phase === 'tidying' || phase.phase === 'finished') return rollout;
  const weight = { pause: 1, failure: 2, ending: 3 } as const;
  const present = phase.phase === 'running' ? phase.halt : null;
  if (present !== null && weight[present.kind] >= weight[halt.kind]) return rollout;
  return { ...rollout, phase: { phase: 'running', halt } };
}

/** A step failed: running rollouts halt; one that was tidying is held, and remembers how it was going to end. */
export function stopped(rollout: Rollout, held: Held): Rollout {
  const { phase } = rollout;
  // Held already: the failure is kept in the step's own state, and asked about when the present question is answered.
  if (phase.phase === 'held') return rollout;
  if (phase.phase === 'tidying') {
    // What is not owed is not wanted any more either: its failure keeps nobody.
    if (!debtsOf(rollout).some(({ pay }) => pay.id === held.subject)) return rollout;
    return { ...rollout, phase: { phase: 'held', held, ending: phase.outcome, pausedBy: null } };
  }
  return halted(rollout, { kind: 'failure', held, pausedBy: pauserOf(phase) });
}

/** The phase changes only once nothing is in hand. */
export function settled(rollout: Rollout): Rollout {
  const { phase } = rollout;
  if (phase.phase !== 'running' || phase.halt === null || stepsInHand(rollout).length > 0) return rollout;
  switch (phase.halt.kind) {
    case 'pause':
      return { ...rollout, phase: { phase: 'paused', user: phase.halt.user } };
    case 'failure': {
      const { held, pausedBy } = phase.halt;
      return { ...rollout, phase: { phase: 'held', held, ending: null, pausedBy } };
    }
    case 'ending':
      return tidied({ ...rollout, phase: { phase: 'tidying', outcome: phase.halt.outcome } });
  }
}

/** Ending asks for everything to be put back, so a paying step that had failed before is tried once more. */
function tidied(rollout: Rollout): Rollout {
  const failed = debtsOf(rollout).filter(({ pay }) => stepState(rollout, pay.id).state === 'failed');
  const open: StepState = { state: 'open', notBefore: 0 };
  return { ...rollout, steps: failed.reduce((steps, { pay }) => added(steps, pay.id, open), rollout.steps) };
}
