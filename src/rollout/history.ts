// How long things took here before: from a cluster's past upgrades to about how long the next one takes, without waiting for people.
import type { Role } from '../cluster/node.ts';
import { type Lane, lanesOf, type Plan, type Stage } from './plan.ts';
import { type Rollout, stepState } from './rollout.ts';
import { changesNode, type Step, type StepKind } from './step.ts';

/** Of one kind of step on machines of one role, in milliseconds. */
export interface Usual {
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly seen: number;
}

/** What a cluster's journals know; `upgrades` 0 = nothing. */
export interface StepHistory {
  readonly upgrades: number;
  /** Null: such a step was never seen to end. */
  readonly usual: (kind: StepKind, role: Role | null) => Usual | null;
}

/** Flat and printable: it is journalled with the plan that it was told of. */
export interface Estimate {
  /** How many upgrades it is from. */
  readonly upgrades: number;
  /** The whole plan in milliseconds, usually and when everything is as slow as the slowest twentieth. */
  readonly typicalMs: number;
  readonly slowMs: number;
  /** By node, usually: what is done to it, without its pull. */
  readonly nodes: Readonly<Record<string, number>>;
}

/** Upgrades looked back at: enough for a median, few enough that what was changed since is soon forgotten. */
const LOOKED_BACK = 20;
/** Steps that take seconds: without a record they count nothing, where of another kind nothing could be said at all. */
export const QUICK: readonly StepKind[] = ['suspend', 'cordon', 'forfeit', 'uncordon', 'resume'];

/** `past`: newest first. Only upgrades that ended well count: what was held and given up says nothing about the next one. */
export function historyOf(past: readonly Rollout[]): StepHistory {
  const upgrades = upgradesAmong(past);
  const taken = upgrades.flatMap(stepsTaken);
  const watched = usualAmong(taken.filter(({ inOneHand }) => inOneHand));
  const takenOver = usualAmong(taken.filter(({ inOneHand }) => !inOneHand));
  return {
    upgrades: upgrades.length,
    // What was taken over holds the time in which nobody looked, hours perhaps. It is all there is of a restart that takes the bot along.
    usual: (kind, role) => watched(kind, role) ?? takenOver(kind, role),
  };
}

function usualAmong(all: readonly Taken[]): StepHistory['usual'] {
  const taken = new Map<string, number[]>();
  for (const { kind, role, tookMs } of all) {
    for (const key of [`${kind} ${role}`, kind]) taken.set(key, [...(taken.get(key) ?? []), tookMs]);
  }
  const usual = new Map([...taken].map(([key, each]) => [key, usualOf(each)]));
  // Of a role that was never upgraded here, the other one says more than nothing.
  return (kind, role) => usual.get(`${kind} ${role}`) ?? usual.get(kind) ?? null;
}

function upgradesAmong(past: readonly Rollout[]): readonly Rollout[] {
  return past
    .filter(
      ({ goal, phase }) =>
        goal.kind === 'upgrade-talos' && phase.phase === 'finished' && phase.outcome === 'upgraded',
    )
    .slice(0, LOOKED_BACK);
}

interface Taken {
  readonly kind: StepKind;
  readonly role: Role | null;
  readonly inOneHand: boolean;
  readonly tookMs: number;
}

/** Steps that were begun once and ended by themselves: where people were asked, it is people that were waited for. */
function stepsTaken(rollout: Rollout): readonly Taken[] {
  const lanes = rollout.plan === null ? [] : lanesOf(rollout.plan);
  return lanes.flatMap(({ role, steps }) =>
    steps.flatMap(({ id, kind }): Taken[] => {
      if (kind === 'soak') return [];
      const state = stepState(rollout, id);
      const alone = rollout.begins.get(id) === 1 && !rollout.occasions.has(id) && !rollout.drains.has(id);
      if (state.state !== 'ended' || !alone) return [];
      return [{ kind, role, inOneHand: state.inOneHand, tookMs: state.at - state.begunAt }];
    }),
  );
}

function usualOf(all: readonly number[]): Usual {
  const sorted = [...all].sort((a, b) => a - b);
  return { medianMs: medianOf(sorted), p95Ms: ranked(sorted, 0.95), seen: sorted.length };
}

/** Of an even number the mean of the two in the middle. */
function medianOf(sorted: readonly number[]): number {
  const half = sorted.length / 2;
  const upper = sorted[Math.floor(half)] ?? 0;
  return Number.isInteger(half) ? ((sorted[half - 1] ?? upper) + upper) / 2 : upper;
}

/** Nearest rank: the smallest that at least this share does not exceed. */
function ranked(sorted: readonly number[], share: number): number {
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

/** Null without any past upgrade, and when the plan takes a long step that was never seen here. */
export function estimateOf(plan: Plan, history: StepHistory): Estimate | null {
  if (history.upgrades === 0) return null;
  const typical = new Map<Step, number>();
  const slow = new Map<Step, number>();
  for (const { role, steps } of lanesOf(plan)) {
    for (const step of steps) {
      if (step.kind === 'soak') {
        typical.set(step, soakMs(step));
        slow.set(step, soakMs(step));
        continue;
      }
      const usual = history.usual(step.kind, role);
      if (usual === null && !QUICK.includes(step.kind)) return null;
      typical.set(step, usual?.medianMs ?? 0);
      slow.set(step, usual?.p95Ms ?? 0);
    }
  }
  const nodes: Record<string, number> = {};
  for (const { node, steps } of lanesOf(plan)) {
    const changing = steps.some(changesNode);
    if (changing) nodes[node] = (nodes[node] ?? 0) + sum(steps, typical);
  }
  const total = (of: ReadonlyMap<Step, number>): number =>
    plan.stages.reduce((ms, stage) => ms + stageMs(stage, of), 0);
  return { upgrades: history.upgrades, typicalMs: total(typical), slowMs: total(slow), nodes };
}

/** As long as it says, however often there was one before. */
export function soakMs({ params }: Step): number {
  return typeof params['ms'] === 'number' ? params['ms'] : 0;
}

function sum(steps: readonly Step[], of: ReadonlyMap<Step, number>): number {
  return steps.reduce((ms, step) => ms + (of.get(step) ?? 0), 0);
}

/** Batches one after the other; milliseconds. */
export function stageMs({ width, lanes, batches }: Stage, of: ReadonlyMap<Step, number>): number {
  if (batches === undefined) return lanesMs(width, lanes, of);
  return batches.reduce((ms, batch) => {
    const together = lanes.filter(({ id }) => batch.lanes.includes(id));
    return ms + lanesMs(width, together, of);
  }, 0);
}

/** Lanes in order, each begun as soon as one of `width` hands is free. */
function lanesMs(width: number, lanes: readonly Lane[], of: ReadonlyMap<Step, number>): number {
  const hands = Array.from({ length: Math.max(1, width) }, () => 0);
  for (const { steps } of lanes) {
    const free = hands.indexOf(Math.min(...hands));
    hands[free] = (hands[free] ?? 0) + sum(steps, of);
  }
  return Math.max(...hands);
}

/** What machines needed for a node, start to end of a whole upgrade: for a hop nobody has planned yet. */
export interface Pace {
  readonly upgrades: number;
  /** Milliseconds for one node: the median of the past upgrades. */
  readonly nodeMs: number;
}

/** Null without any past upgrade. `past`: newest first. */
export function paceOf(past: readonly Rollout[]): Pace | null {
  const each = upgradesAmong(past).flatMap((rollout) => {
    const nodes = rollout.plan?.nodes.filter(({ touched }) => touched).length ?? 0;
    return nodes === 0 ? [] : [(rollout.lastAt - rollout.askedAt - rollout.peopleMs) / nodes];
  });
  if (each.length === 0) return null;
  return { upgrades: each.length, nodeMs: medianOf(each.sort((a, b) => a - b)) };
}
