// What each node is doing, in one word a reader knows, derived from the steps of its lane.
import { type Lane, lanesOf, type PlannedNode, plannedNode, type Stage } from '../../rollout/plan.ts';
import {
  gateState,
  laneDone,
  nodesArmed,
  orderedLanes,
  type Rollout,
  stepState,
} from '../../rollout/rollout.ts';
import { soakingOf, soaksOnly } from '../../rollout/soak.ts';
import { changesNode, type Step, type StepKind } from '../../rollout/step.ts';

export type NodeState =
  | 'waiting'
  | 'needs approval'
  | 'pulling'
  | 'copying etcd'
  | 'backing up'
  | 'suspending'
  | 'resuming'
  | 'draining'
  | 'installing'
  | 'armed'
  | 'handing over leadership'
  | 'rebooting'
  | 'coming back'
  | 'back'
  | 'soaking'
  | 'done'
  | 'held'
  | 'skipped'
  | 'left as it was';

export interface NodeRow {
  readonly name: string;
  readonly state: NodeState;
  readonly from: string;
  /** Null while nobody can know it. */
  readonly to: string | null;
  /** Whether something is happening to it now. */
  readonly busy: boolean;
  /** The version it ran when it was found to have restarted without us, so that nothing restarts it; null otherwise. */
  readonly restartedItself: string | null;
}

const WORDS: Readonly<Record<StepKind, NodeState>> = {
  pull: 'pulling',
  snapshot: 'copying etcd',
  backup: 'backing up',
  suspend: 'suspending',
  cordon: 'draining',
  drain: 'draining',
  install: 'installing',
  forfeit: 'handing over leadership',
  reboot: 'rebooting',
  'upgrade-legacy': 'rebooting',
  rollback: 'rebooting',
  return: 'coming back',
  uncordon: 'back',
  soak: 'soaking',
  resume: 'resuming',
};

/** A lane that only prepares (pulls images, copies etcd) says nothing about where its node stands. */
export function preparesOnly(lane: Lane): boolean {
  return !lane.steps.some(changesNode);
}

/** The first part of a staged upgrade: the node stays up, and its restart stands in another lane. */
export function installsOnly(lane: Lane): boolean {
  return (
    lane.steps.some(({ kind }) => kind === 'install') &&
    !lane.steps.some(({ presence }) => presence === 'departs')
  );
}

export interface StageRows {
  readonly stage: Stage;
  /** prepare: only counted; nodes: one row per node. */
  readonly kind: 'prepare' | 'nodes';
  readonly done: number;
  readonly rows: readonly NodeRow[];
  /** What soaks between its nodes now; absent when nothing does. */
  readonly soak?: NodeRow;
}

/** Every stage with its nodes in the order they will be taken. Empty before there is a plan. */
export function stageRows(rollout: Rollout): readonly StageRows[] {
  return (rollout.plan?.stages ?? []).map((stage) => {
    const every = orderedLanes(rollout, stage);
    const prepares = every.every((lane) => preparesOnly(lane) || installsOnly(lane));
    const lanes = prepares ? every : every.filter((lane) => !soaksOnly(lane));
    const soak = every
      .filter((lane) => !lanes.includes(lane))
      .map((lane) => nodeRow(rollout, lane))
      .find(({ state }) => state === 'soaking' || state === 'held');
    return {
      stage,
      kind: prepares ? 'prepare' : 'nodes',
      done: lanes.filter((lane) => laneDone(rollout, lane)).length,
      rows: lanes.map((lane) => nodeRow(rollout, lane)),
      ...(soak === undefined ? {} : { soak }),
    };
  });
}

/** How many nodes are through, of how many that will be touched. */
export function progressOf(rollout: Rollout): { readonly done: number; readonly all: number } {
  const lanes =
    rollout.plan === null
      ? []
      : lanesOf(rollout.plan).filter((lane) => !preparesOnly(lane) && !installsOnly(lane));
  return { done: lanes.filter((lane) => laneDone(rollout, lane)).length, all: lanes.length };
}

function nodeRow(rollout: Rollout, lane: Lane): NodeRow {
  const planned: PlannedNode | null = rollout.plan === null ? null : plannedNode(rollout.plan, lane.node);
  const state = laneState(rollout, lane);
  return {
    name: lane.node,
    state,
    from: planned?.from ?? '?',
    to: versionAfter(rollout, lane) ?? planned?.to ?? null,
    busy: !['waiting', 'armed', 'needs approval', 'done', 'skipped', 'left as it was', 'held'].includes(
      state,
    ),
    restartedItself: restartedItself(rollout, lane),
  };
}

function laneState(rollout: Rollout, lane: Lane): NodeState {
  const state = stateOf(rollout, lane);
  // What was installed in another lane is not what the lane of the restart shows.
  const untouched = state === 'waiting' || state === 'left as it was';
  return untouched && !installsOnly(lane) && nodesArmed(rollout).includes(lane.node) ? 'armed' : state;
}

function stateOf(rollout: Rollout, lane: Lane): NodeState {
  const { phase } = rollout;
  if (rollout.skipped.has(lane.id)) return 'skipped';
  if (laneDone(rollout, lane)) return 'done';
  const stuck = lane.steps.some((step) => ['failed', 'doubted'].includes(stepState(rollout, step.id).state));
  if (stuck || (phase.phase === 'held' && phase.held.subject === lane.gate?.id)) return 'held';
  if (lane.gate !== null && gateState(rollout, lane.gate.id).state === 'open') return 'needs approval';
  const next = lane.steps.find((step) => stepState(rollout, step.id).state !== 'ended');
  const before = next === undefined ? undefined : lane.steps[lane.steps.indexOf(next) - 1];
  if (next !== undefined && stepState(rollout, next.id).state === 'begun') return WORDS[next.kind];
  if (next?.kind === 'soak' && soakingOf(rollout)?.step.id === next.id) return 'soaking';
  if (phase.phase === 'finished')
    return before === undefined || before.kind === 'pull' ? 'left as it was' : WORDS[before.kind];
  return before === undefined ? 'waiting' : between(before);
}

/** Between two steps nothing is in hand: what the last one brought about still stands. */
function between(before: Step): NodeState {
  if (before.kind === 'pull') return 'waiting';
  return before.kind === 'return' ? 'back' : WORDS[before.kind];
}

function restartedItself(rollout: Rollout, lane: Lane): string | null {
  const departing = lane.steps.find(({ presence }) => presence === 'departs');
  const state = departing === undefined ? null : stepState(rollout, departing.id);
  const version = state?.state === 'ended' ? state.result['restartedItself'] : null;
  return typeof version === 'string' ? version : null;
}

/** What is said of it beside its state; empty for a node that was restarted as planned. */
export function ownDoing({ restartedItself: version }: NodeRow): string {
  return version === null ? '' : ` · restarted by itself and ran ${version}: it was not restarted again`;
}

/** The version a finished return or rollback proved, when the step wrote it down. */
function versionAfter(rollout: Rollout, lane: Lane): string | null {
  const back = lane.steps.find((step) => step.kind === 'return');
  const state = back === undefined ? null : stepState(rollout, back.id);
  if (state?.state !== 'ended') return null;
  const version = state.result['version'];
  return typeof version === 'string' ? version : null;
}
