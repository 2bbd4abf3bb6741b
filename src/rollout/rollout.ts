// A rollout as it stands: the fold of its events, and the questions everybody asks of it.
import type { Finding } from '../checks/finding.ts';
import type { Baseline } from '../cluster/baseline.ts';
import type { Path } from '../cluster/path.ts';
import type { DrainState } from './blockade.ts';
import type { Outcome } from './event.ts';
import type { Proof } from './gate.ts';
import type { Goal } from './goal.ts';
import type { Estimate } from './history.ts';
import type { Journey } from './journey.ts';
import type { HoldChoice } from './occasion.ts';
import { type Lane, laneOfStep, type Plan, type Stage, stepById, stepsOf, stepsOn } from './plan.ts';
import type { Usuals } from './slowness.ts';
import { changesNode, type Step, type StepFacts } from './step.ts';

/** Why nothing new is started any more; the phase changes once nothing is in hand. */
export type Halt =
  | { readonly kind: 'pause'; readonly user: string }
  | { readonly kind: 'failure'; readonly held: Held; readonly pausedBy: string | null }
  | { readonly kind: 'ending'; readonly outcome: Outcome };

/** What a held rollout waits for a person to decide about. */
export type Held =
  | { readonly kind: 'failed'; readonly subject: string; readonly node: string; readonly why: string }
  | { readonly kind: 'doubted'; readonly subject: string; readonly node: string; readonly why: string }
  | { readonly kind: 'withheld'; readonly subject: string; readonly node: string; readonly why: string };

export type Phase =
  | { readonly phase: 'asked' }
  | { readonly phase: 'proposed'; readonly expiresAt: number }
  | { readonly phase: 'running'; readonly halt: Halt | null }
  | { readonly phase: 'at-gate'; readonly gate: string }
  | { readonly phase: 'paused'; readonly user: string }
  | {
      readonly phase: 'held';
      readonly held: Held;
      readonly ending: Outcome | null;
      /** Who had paused it before; null when nobody had, and once it ends. */
      readonly pausedBy: string | null;
    }
  | { readonly phase: 'tidying'; readonly outcome: Outcome }
  | { readonly phase: 'finished'; readonly outcome: Outcome; readonly sentence: string | null };

export type StepState =
  | { readonly state: 'open'; readonly notBefore: number }
  | { readonly state: 'begun'; readonly at: number; readonly by: string; readonly evidence: StepFacts }
  | {
      readonly state: 'ended';
      readonly at: number;
      readonly begunAt: number;
      /** The process that began it also saw its end: it was looked at all the time in between. */
      readonly inOneHand: boolean;
      readonly result: StepFacts;
      /** What the rollout had waited for people by then, in milliseconds: between two steps the difference is theirs. */
      readonly peopleMs: number;
    }
  | { readonly state: 'failed'; readonly at: number; readonly why: string }
  | {
      readonly state: 'doubted';
      readonly at: number;
      readonly begunAt: number;
      readonly evidence: StepFacts;
      readonly why: string;
    };

export interface Approval {
  readonly user: string;
  readonly at: number;
}

export type GateState =
  | { readonly state: 'closed'; readonly notBefore: number }
  | {
      readonly state: 'open';
      readonly fingerprint: string;
      readonly proof: Proof;
      readonly needs: number;
      readonly openedAt: number;
      readonly expiresAt: number;
      readonly approvals: readonly Approval[];
    }
  | {
      readonly state: 'passed';
      readonly at: number;
      readonly proof: Proof;
      readonly approvals: readonly Approval[];
    }
  | { readonly state: 'denied'; readonly at: number; readonly user: string; readonly reason: string }
  | { readonly state: 'expired'; readonly at: number };

/** A named person took on what a check found, before the start. */
export interface Override {
  readonly check: string;
  readonly subjects: readonly string[];
  readonly user: string;
  readonly reason: string;
  /** What they had read; absent in what older facts tell. */
  readonly findings?: readonly Finding[];
  readonly at: number;
}

export interface Rollout {
  readonly id: string;
  readonly cluster: string;
  readonly goal: Goal;
  /** Who asked for it. */
  readonly user: string;
  /** Who is called when a person has to decide: the same, until it is handed over. */
  readonly keeper: string;
  readonly channel: string;
  /** The way over several versions that this is a hop of; null for a wish of its own. */
  readonly journey: Journey | null;
  /** Declined because it is too far for one hop: how one gets there. */
  readonly way: Path | null;
  readonly askedAt: number;
  /** The journal's length this was folded from. */
  readonly version: number;
  readonly lastAt: number;
  readonly phase: Phase;
  readonly plan: Plan | null;
  readonly findings: readonly Finding[];
  /** How long the plan takes, as it was told with it; null when nobody could say. */
  readonly estimate: Estimate | null;
  /** Which pods did not run when the plan was made; null when nobody told. */
  readonly baseline: Baseline | null;
  /** What was not as before when it had finished. */
  readonly aftermath: readonly Finding[];
  readonly overrides: readonly Override[];
  readonly startedAt: number | null;
  /** How long each kind of step usually takes here, as it was known with the plan. */
  readonly usuals: Usuals;
  /** By step: since when it is known that it takes longer than that. */
  readonly slow: ReadonlyMap<string, number>;
  readonly steps: ReadonlyMap<string, StepState>;
  readonly gates: ReadonlyMap<string, GateState>;
  /** By gate or step: number of the entry with which people were asked about it last. Buttons are bound to it. */
  readonly occasions: ReadonlyMap<string, number>;
  /** What a person decided last about a hold. */
  readonly lastChoice: HoldChoice | null;
  /** Soaks that a person did not wait for, with who, by step. */
  readonly shortened: ReadonlyMap<string, string>;
  /** Lanes a person skipped, with who. */
  readonly skipped: ReadonlyMap<string, string>;
  /** Paying steps whose Debt a named person took over, with who. */
  readonly debtsTaken: ReadonlyMap<string, string>;
  /** Lanes sent to the end of their stage, in the order it happened. */
  readonly deferred: readonly string[];
  /** What was asked and decided about drains that were blocked, by step. */
  readonly drains: ReadonlyMap<string, DrainState>;
  /** How often a step that had ended was opened again, because what it left behind did not count any more. */
  readonly outdated: ReadonlyMap<string, number>;
  /** What such a step had ended with the first time. */
  readonly firstEnds: ReadonlyMap<string, StepFacts>;
  /** Evidence of acts in doubt, by step, until they are seen to have ended or are begun again. */
  readonly doubts: ReadonlyMap<string, StepFacts>;
  /** How often each step began: more than one needs a name or a withdrawal. */
  readonly begins: ReadonlyMap<string, number>;
  /** Slack deliveries already taken in, each with the number of its entry: a redelivery changes nothing. */
  readonly deliveries: ReadonlyMap<string, number>;
  /** Milliseconds the rollout waited for people (proposal, gates, paused, held, and drains that wait for an answer) up to `lastAt`. */
  readonly peopleMs: number;
}

const OPEN: StepState = { state: 'open', notBefore: 0 };
const CLOSED: GateState = { state: 'closed', notBefore: 0 };

export function stepState(rollout: Rollout, stepId: string): StepState {
  return rollout.steps.get(stepId) ?? OPEN;
}

export function gateState(rollout: Rollout, gateId: string): GateState {
  return rollout.gates.get(gateId) ?? CLOSED;
}

export function isOver(rollout: Rollout): boolean {
  return rollout.phase.phase === 'finished';
}

/** Steps that were begun and have no end: the hands are full. */
export function stepsInHand(rollout: Rollout): readonly Step[] {
  if (rollout.plan === null) return [];
  return stepsOf(rollout.plan).filter((step) => stepState(rollout, step.id).state === 'begun');
}

/** A step needs nothing more when it ended, or when a person took its Debt over. */
export function stepDone(rollout: Rollout, step: Step): boolean {
  return stepState(rollout, step.id).state === 'ended' || rollout.debtsTaken.has(step.id);
}

/** A lane is done when a person skipped it or its last step ended. */
export function laneDone(rollout: Rollout, lane: Lane): boolean {
  return rollout.skipped.has(lane.id) || lane.steps.every((step) => stepDone(rollout, step));
}

/** True when a person skipped the lane of this step. */
export function laneSkipped(rollout: Rollout, stepId: string): boolean {
  const lane = laneOfStep(rollout.plan, stepId);
  return lane !== null && rollout.skipped.has(lane.id);
}

/** A lane is touched once any step that changes its node was begun. */
export function laneTouched(rollout: Rollout, lane: Lane): boolean {
  return lane.steps.some((step) => changesNode(step) && (rollout.begins.get(step.id) ?? 0) > 0);
}

/** The stage's lanes in the order they will be taken: deferred ones last. */
export function orderedLanes(rollout: Rollout, stage: Stage): readonly Lane[] {
  const late = rollout.deferred.flatMap((id) => stage.lanes.filter((lane) => lane.id === id));
  return [...stage.lanes.filter((lane) => !rollout.deferred.includes(lane.id)), ...late];
}

/** The first stage that has a lane not done, or null when the plan is walked. */
export function currentStage(rollout: Rollout): Stage | null {
  return rollout.plan?.stages.find((stage) => stage.lanes.some((lane) => !laneDone(rollout, lane))) ?? null;
}

/** A Debt: something we changed on a node and have not put back, named by the step that pays it. */
export interface Debt {
  readonly node: string;
  readonly pay: Step;
}

/** Debts in plan order: owed from the moment the owing step was begun until the paying step ended or a person took it over. */
export function debtsOf(rollout: Rollout): readonly Debt[] {
  const plan = rollout.plan;
  if (plan === null) return [];
  return stepsOf(plan).flatMap((step) => {
    if (step.owes === null || (rollout.begins.get(step.id) ?? 0) === 0) return [];
    const pay = stepById(plan, step.owes);
    if (pay === null) throw new Error(`step ${step.id} owes ${step.owes}, which is not in the plan`);
    return stepDone(rollout, pay) ? [] : [{ node: step.node, pay }];
  });
}

/** True when this step would put back what was changed: it is owed until it ended. */
export function isOwed(rollout: Rollout, stepId: string): boolean {
  return debtsOf(rollout).some(({ pay }) => pay.id === stepId);
}

/** A node is away by our hand from the beginning of a departing step until its lane's `return` step ended. */
export function nodesAway(rollout: Rollout): readonly string[] {
  if (rollout.plan === null) return [];
  const away = stepsOf(rollout.plan).filter((step) => {
    if (step.presence !== 'departs') return false;
    const state = stepState(rollout, step.id).state;
    if ((state === 'open' || state === 'failed') && !rollout.doubts.has(step.id)) return false;
    const lane = laneOfStep(rollout.plan, step.id);
    const back = lane?.steps.find((other) => other.kind === 'return');
    return back === undefined || stepState(rollout, back.id).state !== 'ended';
  });
  return [...new Set(away.map((step) => step.node))];
}

/** Nodes that this rollout made leave, back or not. */
export function nodesDeparted(rollout: Rollout): readonly string[] {
  if (rollout.plan === null) return [];
  const gone = stepsOf(rollout.plan).filter((step) => {
    if (step.presence !== 'departs') return false;
    const { state } = stepState(rollout, step.id);
    return (state !== 'open' && state !== 'failed') || rollout.doubts.has(step.id);
  });
  return [...new Set(gone.map((step) => step.node))];
}

/** A node is armed when its installation ended well and no restart was sent since: any reboot boots the new version. */
export function nodesArmed(rollout: Rollout): readonly string[] {
  const { plan } = rollout;
  if (plan === null) return [];
  return stepsOf(plan)
    .filter((install) => {
      if (install.kind !== 'install' || stepState(rollout, install.id).state !== 'ended') return false;
      const reboot = stepsOn(plan, install.node).find((step) => step.presence === 'departs');
      if (reboot === undefined) return false;
      return stepState(rollout, reboot.id).state !== 'ended' && !restartUnseen(rollout, reboot);
    })
    .map((install) => install.node);
}

/** Nodes whose restart was sent and not seen to end: nobody can say which system they run now, or will. */
export function restartsUnseen(rollout: Rollout): readonly string[] {
  if (rollout.plan === null) return [];
  const unseen = stepsOf(rollout.plan).filter((step) => restartUnseen(rollout, step));
  return [...new Set(unseen.map((step) => step.node))];
}

function restartUnseen(rollout: Rollout, step: Step): boolean {
  if (step.presence !== 'departs') return false;
  const { state } = stepState(rollout, step.id);
  return state === 'begun' || state === 'doubted' || rollout.doubts.has(step.id);
}

/** How a walked plan ends: as it promised, or aborted when people skipped every lane that would have changed a node. */
export function outcomeOf(rollout: Rollout, plan: Plan): Outcome {
  const changing = plan.stages
    .flatMap((stage) => stage.lanes)
    .filter((lane) => lane.steps.some((step) => step.presence === 'departs'));
  return changing.every((lane) => rollout.skipped.has(lane.id)) ? 'aborted' : plan.success;
}
