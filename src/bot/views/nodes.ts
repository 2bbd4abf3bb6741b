// What each node is doing, in one word a reader knows, derived from the steps of its lane.

import { type Flight, flightsOf } from '../../rollout/flight.ts';
import { type Lane, lanesOf, type PlannedNode, plannedNode, type Stage } from '../../rollout/plan.ts';
import { gateState, laneDone, orderedLanes, type Rollout, stepState } from '../../rollout/rollout.ts';
import { lastingSoak, soakingOf, soaksOnly } from '../../rollout/soak.ts';
import { changesNode, type Step } from '../../rollout/step.ts';
import { type Unsettled, unsettledOf } from '../../rollout/unsettled.ts';
import { IDLE, LEFT, type NodeState, WORDS } from './node-state.ts';
import { code, joined, type Mrkdwn, mrkdwn, time } from './text.ts';

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
  /** Without those that people skipped. */
  readonly done: number;
  readonly skipped: number;
  readonly rows: readonly NodeRow[];
  /** What soaks between its nodes now, or is over and not yet agreed to be well; absent when nothing does. */
  readonly soak?: NodeRow;
}

/** Every stage with its nodes in the order they will be taken. Empty before there is a plan. `now`: milliseconds since 1970. */
export function stageRows(rollout: Rollout, now: number): readonly StageRows[] {
  const left = unsettledOf(rollout);
  const flights = flightsOf(rollout, now);
  const lasting = lastingSoak(rollout, now)?.step ?? null;
  const rowOf = (lane: Lane): NodeRow => nodeRow(rollout, lane, { left, flights, lasting });
  return (rollout.plan?.stages ?? []).map((stage) => {
    const every = orderedLanes(rollout, stage);
    const prepares = every.every((lane) => preparesOnly(lane) || installsOnly(lane));
    const lanes = prepares ? every : every.filter((lane) => !soaksOnly(lane));
    const soak = every
      .filter((lane) => !lanes.includes(lane))
      .map(rowOf)
      .find(({ state }) => ['soaking', 'soaked', 'held'].includes(state));
    return {
      stage,
      kind: prepares ? 'prepare' : 'nodes',
      done: lanes.filter((lane) => isThrough(rollout, lane)).length,
      skipped: lanes.filter(({ id }) => rollout.skipped.has(id)).length,
      rows: lanes.map(rowOf),
      ...(soak === undefined ? {} : { soak }),
    };
  });
}

/** Nothing is left to do for it, and nobody left it behind. */
function isThrough(rollout: Rollout, lane: Lane): boolean {
  return laneDone(rollout, lane) && !rollout.skipped.has(lane.id);
}

export interface Progress {
  readonly done: number;
  readonly all: number;
  /** Nodes that people skipped. */
  readonly left: readonly string[];
}

/** How many nodes are through, of how many that will be touched, and which of them are left behind. */
export function progressOf(rollout: Rollout): Progress {
  const lanes =
    rollout.plan === null
      ? []
      : lanesOf(rollout.plan).filter((lane) => !preparesOnly(lane) && !installsOnly(lane));
  return {
    done: lanes.filter((lane) => isThrough(rollout, lane)).length,
    all: lanes.length,
    left: lanes.filter(({ id }) => rollout.skipped.has(id)).map(({ node }) => node),
  };
}

/** Nodes named beside a count. */
const MAX_LEFT = 3;

/** Goes on behind how many are done; empty where none is left behind. */
export function leftClause({ left }: Progress): Mrkdwn {
  if (left.length === 0) return mrkdwn``;
  const hidden = left.length - MAX_LEFT;
  const names = left.slice(0, MAX_LEFT).map((name) => code(name));
  return mrkdwn`, ${joined(names, ', ')}${hidden > 0 ? ` and ${hidden} more` : ''} left behind`;
}

interface Open {
  readonly left: readonly Unsettled[];
  readonly flights: readonly Flight[];
  /** The soak whose time is not over; null when none is. */
  readonly lasting: Step | null;
}

function nodeRow(rollout: Rollout, lane: Lane, open: Open): NodeRow {
  const planned: PlannedNode | null = rollout.plan === null ? null : plannedNode(rollout.plan, lane.node);
  const state = laneState(rollout, lane, open);
  const flight = open.flights.find(({ step }) => lane.steps.includes(step));
  return {
    name: lane.node,
    state,
    from: planned?.from ?? '?',
    to: versionAfter(rollout, lane) ?? planned?.to ?? null,
    busy: !IDLE.includes(state) && (movesOn(rollout) || stepInHand(rollout, lane) !== undefined),
    restartedItself: restartedItself(rollout, lane),
    againAt: flight?.until ?? null,
  };
}

/** Behind a step that ended the next one follows by itself. */
export function movesOn({ phase }: Rollout): boolean {
  return phase.phase === 'running' && phase.halt === null;
}

function stepInHand(rollout: Rollout, { steps }: Lane): Step | undefined {
  return steps.find(({ id }) => stepState(rollout, id).state === 'begun');
}

function laneState(rollout: Rollout, lane: Lane, { left, lasting }: Open): NodeState {
  const state = stateOf(rollout, lane, lasting);
  // What was installed in another lane is not what the lane of the restart shows.
  const untouched = ['waiting', 'installed', 'left as it was'].includes(state);
  const found = left.find(({ node }) => node === lane.node);
  if (!untouched || installsOnly(lane) || found === undefined) return state;
  return found.kind === 'armed' ? 'armed' : 'in doubt';
}

function stateOf(rollout: Rollout, lane: Lane, lasting: Step | null): NodeState {
  const { phase } = rollout;
  if (rollout.skipped.has(lane.id)) return 'skipped';
  if (laneDone(rollout, lane)) return 'done';
  if (phase.phase === 'finished') return atTheEnd(rollout, lane);
  const stuck = lane.steps.some((step) => ['failed', 'doubted'].includes(stepState(rollout, step.id).state));
  if (stuck || (phase.phase === 'held' && phase.held.subject === lane.gate?.id)) return 'held';
  if (lane.gate !== null && gateState(rollout, lane.gate.id).state === 'open') return 'needs approval';
  const next = lane.steps.find((step) => stepState(rollout, step.id).state !== 'ended');
  const before = next === undefined ? undefined : lane.steps[lane.steps.indexOf(next) - 1];
  const inHand = stepInHand(rollout, lane);
  if (inHand !== undefined) return WORDS[inHand.kind];
  if (next !== undefined && rollout.doubts.has(next.id)) return 'in doubt';
  if (next?.kind === 'soak' && soakingOf(rollout)?.step.id === next.id)
    return lasting?.id === next.id ? 'soaking' : 'soaked';
  if (before === undefined) return 'waiting';
  return movesOn(rollout) ? between(before) : LEFT[before.kind];
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
