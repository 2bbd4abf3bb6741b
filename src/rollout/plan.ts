// The immutable, printable order of a rollout. It is stored in full, so that a newer bot never re-derives what people approved.
import type { Role } from '../cluster/node.ts';
import type { Gate } from './gate.ts';
import type { Goal } from './goal.ts';
import type { Step } from './step.ts';

/** One subject's way through its stage; steps run in order. */
export interface Lane {
  /** Unique within the plan: `03-cp-1`. */
  readonly id: string;
  readonly node: string;
  /** Null for a lane that is about no node; `node` is then the name of what it is about. */
  readonly role: Role | null;
  readonly gate: Gate | null;
  readonly steps: readonly Step[];
}

/** Lanes of one stage that were judged together; those of the next batch begin when all of these are done. */
export interface Batch {
  /** Their ids, in the order of the stage. */
  readonly lanes: readonly string[];
  /** Why no more of them go together; empty when it is as large as the policy lets it be, or nobody is left. */
  readonly why: readonly string[];
}

/** Lanes that may run side by side, at most `width` at a time. A stage with a gate has width 1. */
export interface Stage {
  readonly id: string;
  readonly title: string;
  readonly width: number;
  readonly lanes: readonly Lane[];
  /** What people cannot read off its shape, such as why this node goes first; completes "Canary: …". Absent where there is nothing. */
  readonly why?: string;
  /** All lanes of the stage, each once; absent: a lane begins as soon as one of `width` hands is free. */
  readonly batches?: readonly Batch[];
}

/** What a node was when the plan was made, and what it shall be. */
export interface PlannedNode {
  readonly name: string;
  readonly address: string;
  readonly role: Role;
  readonly from: string;
  /** Null when nobody can know it before it is seen (a rollback without a record). */
  readonly to: string | null;
  /** What it ran when the plan was made. */
  readonly schematic: string | null;
  /** Names of its extensions when the plan was made; absent in plans older than this field. */
  readonly extensions?: readonly string[];
  /** What the new image holds; absent when the plan brings none, and in plans older than this field. */
  readonly becomes?: {
    /** Null for the plain installer, which has none. */
    readonly schematic: string | null;
    /** Null when nobody could look into the schematic. */
    readonly extensions: readonly string[] | null;
    /** What the registry showed under the image's tag; null when it was not asked. */
    readonly digest: string | null;
  };
  readonly image: string | null;
  /** False for nodes the plan leaves alone because they already are what was asked. */
  readonly touched: boolean;
}

export interface Plan {
  readonly goal: Goal;
  /** The outcome this plan ends with when every lane is done. */
  readonly success: 'upgraded' | 'rolled-back' | 'disarmed';
  readonly nodes: readonly PlannedNode[];
  /** etcd member ids (16 hex digits) when the plan was made, sorted. */
  readonly etcdMembers: readonly string[];
  readonly stages: readonly Stage[];
}

/** Where everything of a plan is. A plan never changes, and it is asked about thousands of times while a journal is folded. */
interface PlanIndex {
  readonly lanes: readonly Lane[];
  readonly steps: readonly Step[];
  readonly stepById: ReadonlyMap<string, Step>;
  readonly laneOfStep: ReadonlyMap<string, Lane>;
  readonly laneOfGate: ReadonlyMap<string, Lane>;
  readonly stepsOn: ReadonlyMap<string, readonly Step[]>;
  readonly nodes: ReadonlyMap<string, PlannedNode>;
}

const indexes = new WeakMap<Plan, PlanIndex>();

function indexOf(plan: Plan): PlanIndex {
  const known = indexes.get(plan);
  if (known !== undefined) return known;
  const lanes = plan.stages.flatMap((stage) => stage.lanes);
  const steps = lanes.flatMap((lane) => lane.steps);
  const index: PlanIndex = {
    lanes,
    steps,
    stepById: new Map(steps.map((step) => [step.id, step])),
    laneOfStep: new Map(lanes.flatMap((lane) => lane.steps.map((step) => [step.id, lane] as const))),
    laneOfGate: new Map(lanes.flatMap((lane) => (lane.gate === null ? [] : [[lane.gate.id, lane] as const]))),
    stepsOn: Map.groupBy(steps, (step) => step.node),
    nodes: new Map(plan.nodes.map((node) => [node.name, node])),
  };
  indexes.set(plan, index);
  return index;
}

export function stepsOf(plan: Plan): readonly Step[] {
  return indexOf(plan).steps;
}

/** All steps on one node, in order: a staged upgrade has them in several lanes. */
export function stepsOn(plan: Plan, node: string): readonly Step[] {
  return indexOf(plan).stepsOn.get(node) ?? [];
}

export function lanesOf(plan: Plan): readonly Lane[] {
  return indexOf(plan).lanes;
}

export function laneOfStep(plan: Plan | null, stepId: string): Lane | null {
  return plan === null ? null : (indexOf(plan).laneOfStep.get(stepId) ?? null);
}

export function laneOfGate(plan: Plan, gateId: string): Lane | null {
  return indexOf(plan).laneOfGate.get(gateId) ?? null;
}

export function stepById(plan: Plan, stepId: string): Step | null {
  return indexOf(plan).stepById.get(stepId) ?? null;
}

export function plannedNode(plan: Plan, name: string): PlannedNode | null {
  return indexOf(plan).nodes.get(name) ?? null;
}
