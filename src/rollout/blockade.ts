// What keeps a node from being emptied, and what people made of it: a question about exactly these pods, and the answers that count.
import type { RolloutEvent } from './event.ts';
import { added } from './layered.ts';
import { isEnding } from './phase.ts';
import { type Rollout, stepState, stepsInHand } from './rollout.ts';
import type { Step } from './step.ts';

/** A budget's figures when it was asked about: shown, and nothing is decided by them. */
export interface BudgetCounts {
  readonly name: string;
  readonly disruptionsAllowed: number;
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly expectedPods: number;
}

/** One pod that stays, with why; what people agree to, they agree to for this uid and this cause. */
export interface Blocker {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  /** The owner as people know it: `shop/ReplicaSet web`. */
  readonly workload: string;
  /**
   * budget: it lets no pod go; budgets: several, which Kubernetes refuses always; namespace: its deletion stands still; refused: rights or
   * admission; stuck: it is being deleted, and past its time; comes-back: it goes, and its owner puts another one on the cordoned node.
   */
  readonly cause: 'budget' | 'budgets' | 'namespace' | 'refused' | 'stuck' | 'comes-back';
  /** The server's words, or what can be seen of a pod that does not end. */
  readonly why: string;
  /** Empty when no budget chooses it, or nobody could read them. */
  readonly budgets: readonly BudgetCounts[];
  /** What a deletion costs beside the pod: data in an emptyDir, or all of it, because nobody would create it again. */
  readonly loses: readonly ('empty-dir' | 'itself')[];
}

/** wait: the whole time again; leave: it restarts with them; force: they are deleted past their budget, with their own grace. */
export type DrainChoice = 'wait' | 'leave' | 'force';

export interface Proposal {
  readonly choice: Exclude<DrainChoice, 'wait'>;
  readonly user: string;
  readonly at: number;
}

export interface Question {
  readonly blockers: readonly Blocker[];
  readonly askedAt: number;
  /** Which beginning of the step it belongs to: a step that is begun anew is asked about anew. */
  readonly begin: number;
  /** What one person asked for and a second one has not confirmed yet. */
  readonly proposal: Proposal | null;
  /** Somebody gave it more time, and nobody asked for anything else since. */
  readonly granted: boolean;
}

/** What two people did about pods that stayed, or one where the policy lets them. */
export interface Decision {
  readonly choice: Exclude<DrainChoice, 'wait'>;
  /** How many. */
  readonly pods: number;
  readonly askedBy: string;
  readonly user: string;
  /** Whose pods are left, whichever they are by then; absent where none came back. */
  readonly workloads?: readonly string[];
}

/** What is known of one drain besides its step. */
export interface DrainState {
  readonly question: Question | null;
  /** Uids of pods that two people left to the restart. */
  readonly left: readonly string[];
  /** Owners whose pods come back to the node, and are left to the restart whichever they are by then. */
  readonly leftWorkloads: readonly string[];
  /** Uids of pods that two people had deleted. */
  readonly forced: readonly string[];
  readonly decisions: readonly Decision[];
  /** Milliseconds since 1970 of the newest decision, from which its limit counts; 0 = nobody decided anything. */
  readonly decidedAt: number;
}

const NOTHING: DrainState = {
  ...{ question: null, left: [], leftWorkloads: [], forced: [] },
  ...{ decisions: [], decidedAt: 0 },
};

export function drainOf(rollout: Rollout, step: string): DrainState {
  return rollout.drains.get(step) ?? NOTHING;
}

/** True when two people left this pod to the restart: it itself, or all that its owner puts on the node. */
export function isLeft(
  { left, leftWorkloads }: Pick<DrainState, 'left' | 'leftWorkloads'>,
  { uid, workload }: { readonly uid: string; readonly workload: string },
): boolean {
  return left.includes(uid) || leftWorkloads.includes(workload);
}

/** Owners among these whose pods come back: each one is another pod, so they are known by the owner. */
export function comingBack(blockers: readonly Blocker[]): readonly string[] {
  const coming = blockers.filter(({ cause }) => cause === 'comes-back').map(({ workload }) => workload);
  return [...new Set(coming)];
}

/** The question that stands about this step; null when nobody is asked anything, or the step is not in hand any more. */
export function questionOf(rollout: Rollout, step: string): Question | null {
  const { question } = drainOf(rollout, step);
  if (question === null || stepState(rollout, step).state !== 'begun') return null;
  return question.begin === beginsOf(rollout, step) ? question : null;
}

/** Steps about which people are asked now, in the order they were asked. */
export function blockedDrains(rollout: Rollout): readonly string[] {
  return [...rollout.drains.keys()].filter((step) => questionOf(rollout, step) !== null);
}

/**
 * True while nothing can move before somebody answers: all that is in hand are drains about which people are asked, from the question
 * until its answer, or until nothing is in the way any more. One that was given more time waits for machines again, until somebody asks
 * for something else about it; and where another step is at work beside them, so does the rollout.
 */
export function waitsForAnswers(rollout: Rollout): boolean {
  const { phase } = rollout;
  if (rollout.drains.size === 0 || phase.phase !== 'running' || isEnding(phase)) return false;
  const inHand = stepsInHand(rollout);
  return inHand.length > 0 && inHand.every(({ id }) => questionOf(rollout, id)?.granted === false);
}

/** Under which name the occasion of a question about this step is kept: being held at the same step is another matter. */
export function questionSubject(step: string): string {
  return `drain:${step}`;
}

/** Pods that one card can name; what is behind them is asked about when these are decided. */
const MOST_ASKED = 12;

/** What was agreed to for one holds for the other: same pod, same cause, and the same budgets as far as they could be read. */
function isSame(one: Blocker, other: Blocker): boolean {
  if (one.cause !== other.cause) return false;
  if (one.cause === 'comes-back') return one.workload === other.workload;
  if (one.uid !== other.uid) return false;
  const [names, others] = [namesOf(one), namesOf(other)];
  return names === '' || others === '' || names === others;
}

function namesOf({ budgets }: Blocker): string {
  return budgets
    .map(({ name }) => name)
    .sort()
    .join(' ');
}

/** What to write down now that these pods stay for good; null when people are asked about them already, or nobody is asked. */
export function asking(
  rollout: Rollout,
  step: string,
  blockers: readonly Blocker[],
): readonly RolloutEvent[] | null {
  const question = questionOf(rollout, step);
  if (blockers.length === 0) return question === null ? null : [{ kind: 'drain-cleared', step }];
  const shown = question?.blockers ?? [];
  const asked = blockers.slice(0, MOST_ASKED);
  if (asked.every((blocker) => shown.some((one) => isSame(one, blocker)))) return null;
  return [{ kind: 'drain-blocked', step, blockers: asked }];
}

/** Milliseconds since 1970 until which the step has time because somebody decided about it; 0 when nobody did. */
export function grantedUntil(rollout: Rollout, { id, limitMs }: Step): number {
  const { decidedAt } = drainOf(rollout, id);
  return decidedAt === 0 ? 0 : decidedAt + limitMs;
}

export type DrainEvent = Extract<RolloutEvent, { kind: `drain-${string}` }>;

/** Adds a fact about a drain. */
export function drained(rollout: Rollout, event: DrainEvent, at: number): Rollout {
  const before = drainOf(rollout, event.step);
  const after = { ...before, ...changeOf(before, event, { at, begin: beginsOf(rollout, event.step) }) };
  return { ...rollout, drains: added(rollout.drains, event.step, after) };
}

function changeOf(
  { question, left, leftWorkloads, forced, decisions }: DrainState,
  event: DrainEvent,
  { at, begin }: { readonly at: number; readonly begin: number },
): Partial<DrainState> {
  switch (event.kind) {
    case 'drain-blocked':
      return { question: { blockers: event.blockers, askedAt: at, begin, proposal: null, granted: false } };
    case 'drain-cleared':
      return { question: null };
    case 'drain-proposed': {
      const proposal = { choice: event.choice, user: event.user, at };
      return { question: question === null ? null : { ...question, proposal, granted: false } };
    }
    case 'drain-decided': {
      const { choice, pods, workloads, askedBy, user } = event;
      if (choice === 'wait') {
        const waits = question === null ? null : { ...question, proposal: null, granted: true };
        return { decidedAt: at, question: waits };
      }
      const owners = workloads === undefined ? {} : { workloads };
      const done = [...decisions, { choice, pods: pods.length, ...owners, askedBy, user }];
      const settled = { decidedAt: at, question: null, decisions: done };
      return choice === 'leave'
        ? { ...settled, left: [...left, ...pods], leftWorkloads: [...leftWorkloads, ...(workloads ?? [])] }
        : { ...settled, forced: [...forced, ...pods] };
    }
  }
}

function beginsOf(rollout: Rollout, step: string): number {
  return rollout.begins.get(step) ?? 0;
}
