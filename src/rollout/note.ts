// What was said of a node beside the facts, and which of it still holds: nothing takes a note back, and it outlives what it was about.
import { next, type Task } from './next.ts';
import { lanesOf } from './plan.ts';
import {
  type GateState,
  gateState,
  type Rollout,
  type StepState,
  stepState,
  stepsInHand,
} from './rollout.ts';

export interface Note {
  readonly sentence: string;
  /** Milliseconds since 1970, by the store's clock, as that of a fact. */
  readonly at: number;
}

/** The latest per node. */
export type Notes = Readonly<Record<string, Note>>;

/**
 * Those about what is in hand or could begin at `now` (milliseconds since 1970), written since the last fact about their node. What is
 * said of a node that was left behind, that waits for its turn, or of a rollout that stands still is over.
 */
export function standingNotes(rollout: Rollout, notes: Notes, now: number): Notes {
  const nodes = new Set([
    ...next(rollout, now).tasks.flatMap(nodesOf),
    ...stepsInHand(rollout).map(({ node }) => node),
  ]);
  return Object.fromEntries(
    Object.entries(notes).filter(([node, note]) => nodes.has(node) && isSinceItsFacts(rollout, node, note)),
  );
}

/** Whether it says what its node is kept waiting by (engine/prepare.ts, engine/tasks.ts). */
export function isWaiting(note: Note | undefined): boolean {
  return note?.sentence.startsWith('waiting') === true;
}

/** Whether nothing was written down of the node since. */
export function isSinceItsFacts(rollout: Rollout, node: string, { at }: Note): boolean {
  const lanes = rollout.plan === null ? [] : lanesOf(rollout.plan).filter((lane) => lane.node === node);
  return lanes.every(
    ({ gate, steps }) =>
      (gate === null || gateAt(gateState(rollout, gate.id)) <= at) &&
      steps.every(({ id }) => stepAt(stepState(rollout, id)) <= at),
  );
}

function nodesOf(task: Task): readonly string[] {
  if (task.kind === 'step') return [task.step.node];
  return task.kind === 'open-gate' || task.kind === 'prove-gate' ? [task.lane.node] : [];
}

/** Milliseconds since 1970; 0 where nothing is known to have happened. */
function stepAt(state: StepState): number {
  return state.state === 'open' ? 0 : state.at;
}

/** As of a step. */
function gateAt(state: GateState): number {
  if (state.state === 'closed') return 0;
  if (state.state !== 'open') return state.at;
  return Math.max(state.openedAt, ...state.approvals.map(({ at }) => at));
}
