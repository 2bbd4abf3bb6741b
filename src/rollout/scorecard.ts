// Where the time of each node went: in its machine, and between its steps.
import { type Lane, lanesOf } from './plan.ts';
import { laneSkipped, type Rollout, stepState } from './rollout.ts';
import type { StepKind } from './step.ts';

/** Milliseconds. */
export interface Score {
  readonly node: string;
  readonly drainMs: number;
  /** With the pull right before it; null where one call does everything. */
  readonly installMs: number | null;
  /** From the call that makes it leave until it is whole again. */
  readonly awayMs: number;
  /**
   * What is left of its lane, without people's time: looking, proving, writing down, cordons, leadership, and whatever kept the next step
   * waiting, such as a check, another bot's Lease, or the want of a worker. The journal knows the steps alone, and cannot tell these apart.
   */
  readonly betweenMs: number;
}

const INSTALLS: readonly StepKind[] = ['pull', 'install'];
const AWAY: readonly StepKind[] = ['reboot', 'upgrade-legacy', 'rollback', 'return'];
/** Waited for by design, or for people. */
const BESIDE: readonly StepKind[] = ['snapshot', 'soak'];

/** Nodes that went all the way by themselves: where people were asked again, it is people that were waited for. */
export function scoresOf(rollout: Rollout): readonly Score[] {
  const lanes = rollout.plan === null ? [] : lanesOf(rollout.plan);
  return lanes.flatMap((lane) => scoreOf(rollout, lane) ?? []);
}

function scoreOf(rollout: Rollout, lane: Lane): Score | null {
  const departs = lane.steps.some(({ presence }) => presence === 'departs');
  const asked = lane.steps.some(({ id }) => rollout.occasions.has(id) || rollout.drains.has(id));
  if (!departs || asked || lane.steps.some(({ id }) => laneSkipped(rollout, id))) return null;
  const taken = lane.steps.map(({ id, kind }) => {
    const state = stepState(rollout, id);
    return state.state === 'ended'
      ? { kind, from: state.begunAt, to: state.at, peopleMs: state.peopleMs }
      : null;
  });
  const whole = taken.filter((one) => one !== null);
  if (whole.length < taken.length) return null;
  const of = (kinds: readonly StepKind[]): number =>
    whole.reduce((ms, { kind, from, to }) => ms + (kinds.includes(kind) ? to - from : 0), 0);
  const span = Math.max(...whole.map(({ to }) => to)) - Math.min(...whole.map(({ from }) => from));
  // Nothing is in hand while people are waited for, or only drains that ask, which are not scored: their time lies between two steps.
  const peopleMs = (whole.at(-1)?.peopleMs ?? 0) - (whole[0]?.peopleMs ?? 0);
  const drainMs = of(['drain']);
  const awayMs = of(AWAY);
  const machineMs = drainMs + awayMs + of(INSTALLS) + of(BESIDE);
  return {
    node: lane.node,
    drainMs,
    installMs: lane.steps.some(({ kind }) => kind === 'install') ? of(INSTALLS) : null,
    awayMs,
    betweenMs: Math.max(0, span - machineMs - peopleMs),
  };
}

/** Nodes with the longest way first. */
export function slowestFirst(scores: readonly Score[]): readonly Score[] {
  const wholeMs = ({ drainMs, installMs, awayMs, betweenMs }: Score): number =>
    drainMs + (installMs ?? 0) + awayMs + betweenMs;
  return scores.toSorted((a, b) => wholeMs(b) - wholeMs(a));
}
