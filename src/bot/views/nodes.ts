// What each node is doing, in one word a reader knows, derived from the steps of its lane.

import { type Flight, flightsOf } from '../../rollout/flight.ts';
import { type Lane, lanesOf, type PlannedNode, plannedNode, type Stage } from '../../rollout/plan.ts';
import { gateState, laneDone, orderedLanes, type Rollout, stepState } from '../../rollout/rollout.ts';
import { soakingOf, soaksOnly } from '../../rollout/soak.ts';
import { changesNode, type Step, type StepKind } from '../../rollout/step.ts';
import { type Unsettled, unsettledOf } from '../../rollout/unsettled.ts';
import { type Mrkdwn, mrkdwn, time } from './text.ts';

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
  | 'in doubt'
  | 'handing over leadership'
  | 'rebooting'
  | 'coming back'
  | 'back'
  | 'away'
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
  /** Milliseconds since 1970 at which a call in doubt is sent again; null when none is. */
  readonly againAt: number | null;
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

/** Every stage with its nodes in the order they will be taken. Empty before there is a plan. `now`: milliseconds since 1970. */
export function stageRows(rollout: Rollout, now: number): readonly StageRows[] {
  const left = unsettledOf(rollout);
  const flights = flightsOf(rollout, now);
  const rowOf = (lane: Lane): NodeRow => nodeRow(rollout, lane, { left, flights });
  return (rollout.plan?.stages ?? []).map((stage) => {
    const every = orderedLanes(rollout, stage);
    const prepares = every.every((lane) => preparesOnly(lane) || installsOnly(lane));
    const lanes = prepares ? every : every.filter((lane) => !soaksOnly(lane));
    const soak = every
      .filter((lane) => !lanes.includes(lane))
      .map(rowOf)
      .find(({ state }) => state === 'soaking' || state === 'held');
    return {
      stage,
      kind: prepares ? 'prepare' : 'nodes',
      done: lanes.filter((lane) => laneDone(rollout, lane)).length,
      rows: lanes.map(rowOf),
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

/** Words for a node to which nothing is being done. */
const IDLE: readonly NodeState[] = [
  'waiting',
  'armed',
  'in doubt',
  'away',
  'needs approval',
  'done',
  'skipped',
  'left as it was',
  'held',
];

interface Open {
  readonly left: readonly Unsettled[];
  readonly flights: readonly Flight[];
}

function nodeRow(rollout: Rollout, lane: Lane, { left, flights }: Open): NodeRow {
  const planned: PlannedNode | null = rollout.plan === null ? null : plannedNode(rollout.plan, lane.node);
  const state = laneState(rollout, lane, left);
  const flight = flights.find(({ step }) => lane.steps.includes(step));
  return {
    name: lane.node,
    state,
    from: planned?.from ?? '?',
    to: versionAfter(rollout, lane) ?? planned?.to ?? null,
    busy: !IDLE.includes(state),
    restartedItself: restartedItself(rollout, lane),
    againAt: flight?.until ?? null,
  };
}

function laneState(rollout: Rollout, lane: Lane, left: readonly Unsettled[]): NodeState {
  const state = stateOf(rollout, lane);
  // What was installed in another lane is not what the lane of the restart shows.
  const untouched = state === 'waiting' || state === 'left as it was';
  const found = left.find(({ node }) => node === lane.node);
  if (!untouched || installsOnly(lane) || found === undefined) return state;
  return found.kind === 'armed' ? 'armed' : 'in doubt';
}

function stateOf(rollout: Rollout, lane: Lane): NodeState {
  const { phase } = rollout;
  if (rollout.skipped.has(lane.id)) return 'skipped';
  if (laneDone(rollout, lane)) return 'done';
  if (phase.phase === 'finished') return atTheEnd(rollout, lane);
  const stuck = lane.steps.some((step) => ['failed', 'doubted'].includes(stepState(rollout, step.id).state));
  if (stuck || (phase.phase === 'held' && phase.held.subject === lane.gate?.id)) return 'held';
  if (lane.gate !== null && gateState(rollout, lane.gate.id).state === 'open') return 'needs approval';
  const next = lane.steps.find((step) => stepState(rollout, step.id).state !== 'ended');
  const before = next === undefined ? undefined : lane.steps[lane.steps.indexOf(next) - 1];
  if (next !== undefined && stepState(rollout, next.id).state === 'begun') return WORDS[next.kind];
  if (next !== undefined && rollout.doubts.has(next.id)) return 'in doubt';
  if (next?.kind === 'soak' && soakingOf(rollout)?.step.id === next.id) return 'soaking';
  return before === undefined ? 'waiting' : between(before);
}

/** Nothing is in hand any more, and what was changed for a while is put back: what counts is whether it left, and came back. */
function atTheEnd(rollout: Rollout, { steps }: Lane): NodeState {
  const ended = ({ id }: Step): boolean => stepState(rollout, id).state === 'ended';
  const doubted = ({ id }: Step): boolean =>
    stepState(rollout, id).state === 'doubted' || rollout.doubts.has(id);
  if (steps.some(doubted)) return 'in doubt';
  if (steps.some(({ id }) => stepState(rollout, id).state === 'failed')) return 'held';
  if (!steps.some((step) => step.presence === 'departs' && ended(step))) return 'left as it was';
  return steps.some((step) => step.kind === 'return' && ended(step)) ? 'back' : 'away';
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

/** Of a call in doubt: when it is sent again; empty for every other node. */
export function againRemark({ againAt }: NodeRow): Mrkdwn {
  return againAt === null
    ? mrkdwn``
    : mrkdwn` · its last call may still arrive, and is not sent again before ${time(againAt)}`;
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
