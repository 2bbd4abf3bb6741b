// What should be in hand now: a pure function of the rollout and the time.
import type { Lane, Stage } from './plan.ts';
import {
  currentStage,
  debtsOf,
  gateState,
  laneDone,
  laneSkipped,
  laneTouched,
  orderedLanes,
  type Rollout,
  stepDone,
  stepState,
  stepsInHand,
} from './rollout.ts';
import { dueAt } from './soak.ts';
import type { Step } from './step.ts';

/** One thing for the driver to do; `id` is the same for the same thing, so that it is not started twice. */
export type Task =
  | { readonly kind: 'plan'; readonly id: 'plan' }
  /** begun: somebody began it before; a "never" step is then only observed. */
  | { readonly kind: 'step'; readonly id: string; readonly step: Step; readonly begun: boolean }
  | { readonly kind: 'open-gate'; readonly id: string; readonly lane: Lane }
  | { readonly kind: 'prove-gate'; readonly id: string; readonly lane: Lane }
  | { readonly kind: 'expire'; readonly id: 'expire' }
  | { readonly kind: 'finish'; readonly id: 'finish' };

export interface Next {
  readonly tasks: readonly Task[];
  /** Milliseconds since 1970 when to look again although nothing happened; null = only an event wakes it. */
  readonly wakeAt: number | null;
}

const NOTHING: Next = { tasks: [], wakeAt: null };

export function next(rollout: Rollout, now: number): Next {
  const { phase } = rollout;
  switch (phase.phase) {
    case 'asked':
      return { tasks: [{ kind: 'plan', id: 'plan' }], wakeAt: null };
    case 'proposed':
    case 'at-gate':
      return expiring(phase.phase === 'proposed' ? phase.expiresAt : gateExpiry(rollout, phase.gate), now);
    case 'running':
      return phase.halt === null ? walk(rollout, now) : { tasks: inHand(rollout), wakeAt: null };
    case 'tidying':
      return tidy(rollout);
    case 'paused':
    case 'held':
    case 'finished':
      return NOTHING;
  }
}

function gateExpiry(rollout: Rollout, gate: string): number {
  const state = gateState(rollout, gate);
  if (state.state !== 'open')
    throw new Error(`rollout ${rollout.id} waits at ${gate}, which is ${state.state}`);
  return state.expiresAt;
}

function expiring(expiresAt: number, now: number): Next {
  return now >= expiresAt
    ? { tasks: [{ kind: 'expire', id: 'expire' }], wakeAt: null }
    : { tasks: [], wakeAt: expiresAt };
}

function stepTask(step: Step, begun: boolean): Task {
  return { kind: 'step', id: `step:${step.id}`, step, begun };
}

function inHand(rollout: Rollout): readonly Task[] {
  return stepsInHand(rollout).map((step) => stepTask(step, true));
}

function walk(rollout: Rollout, now: number): Next {
  // What a skipped node is owed comes first: nothing else would ever put it back.
  const owed = payable(rollout, (pay) => laneSkipped(rollout, pay.id));
  if (owed.length > 0) return { tasks: owed, wakeAt: null };
  const stage = currentStage(rollout);
  if (stage === null) return { tasks: [{ kind: 'finish', id: 'finish' }], wakeAt: null };
  const moves = lanesInHand(rollout, stage).map((lane) => advance(rollout, lane, now));
  const wakes = moves.flatMap((move) => (move.wakeAt === null ? [] : [move.wakeAt]));
  return {
    tasks: moves.flatMap((move) => move.tasks),
    wakeAt: wakes.length === 0 ? null : Math.min(...wakes),
  };
}

/** The lanes that may move: those already touched first, then new ones of the batch that is next, together at most the stage's width. */
function lanesInHand(rollout: Rollout, stage: Stage): readonly Lane[] {
  const open = orderedLanes(rollout, stage).filter((lane) => !laneDone(rollout, lane));
  const entered = open.filter((lane) => hasBegun(rollout, lane));
  const company = companyOf(stage, open);
  const fresh = open.filter((lane) => !hasBegun(rollout, lane) && company(lane));
  return [...entered, ...fresh].slice(0, stage.width);
}

/** Whether a lane belongs to the first batch of which one is still open; without batches all belong together. */
function companyOf({ batches }: Stage, open: readonly Lane[]): (lane: Lane) => boolean {
  if (batches === undefined) return () => true;
  const present = batches.find(({ lanes }) => open.some(({ id }) => lanes.includes(id)));
  return ({ id }) => present?.lanes.includes(id) ?? false;
}

function hasBegun(rollout: Rollout, lane: Lane): boolean {
  return (
    laneTouched(rollout, lane) || lane.steps.some((step) => stepState(rollout, step.id).state !== 'open')
  );
}

function advance(rollout: Rollout, lane: Lane, now: number): Next {
  if (lane.gate !== null && !hasDeparted(rollout, lane)) {
    const gate = gateState(rollout, lane.gate.id);
    if (gate.state === 'closed') {
      if (now < gate.notBefore) return { tasks: [], wakeAt: gate.notBefore };
      return { tasks: [{ kind: 'open-gate', id: `open:${lane.gate.id}`, lane }], wakeAt: null };
    }
    if (gate.state === 'open') {
      const enough = gate.approvals.length >= gate.needs;
      return {
        tasks: enough ? [{ kind: 'prove-gate', id: `prove:${lane.gate.id}`, lane }] : [],
        wakeAt: null,
      };
    }
    if (gate.state !== 'passed') return NOTHING;
  }
  const step = lane.steps.find((candidate) => !stepDone(rollout, candidate));
  if (step === undefined) return NOTHING;
  const state = stepState(rollout, step.id);
  if (state.state === 'begun') return { tasks: [stepTask(step, true)], wakeAt: null };
  if (state.state !== 'open') return NOTHING;
  const dueFrom = Math.max(state.notBefore, dueAt(rollout, step));
  if (now < dueFrom) return { tasks: [], wakeAt: dueFrom };
  return { tasks: [stepTask(step, false)], wakeAt: null };
}

/** Its departure is over, also by the node's own doing: nobody is asked about what has happened. */
function hasDeparted(rollout: Rollout, lane: Lane): boolean {
  return lane.steps.some((step) => step.presence === 'departs' && stepDone(rollout, step));
}

/** The paying steps that can be taken now, of those chosen. */
function payable(rollout: Rollout, chosen: (pay: Step) => boolean): readonly Task[] {
  return debtsOf(rollout).flatMap(({ pay }) => {
    const { state } = stepState(rollout, pay.id);
    return chosen(pay) && (state === 'open' || state === 'begun') ? [stepTask(pay, state === 'begun')] : [];
  });
}

/** Pays what is owed, then ends. */
function tidy(rollout: Rollout): Next {
  if (debtsOf(rollout).length === 0) return { tasks: [{ kind: 'finish', id: 'finish' }], wakeAt: null };
  return { tasks: payable(rollout, () => true), wakeAt: null };
}
