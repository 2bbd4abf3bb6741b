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
  readonly role: Role;
  readonly gate: Gate | null;
  readonly steps: readonly Step[];
}

/** Lanes that may run side by side, at most `width` at a time. A stage with a gate has width 1. */
export interface Stage {
  readonly id: string;
  readonly title: string;
  readonly width: number;
  readonly lanes: readonly Lane[];
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
  readonly success: 'upgraded' | 'rolled-back';
  readonly nodes: readonly PlannedNode[];
  /** etcd member ids (16 hex digits) when the plan was made, sorted. */
  readonly etcdMembers: readonly string[];
  readonly stages: readonly Stage[];
}

export function stepsOf(plan: Plan): readonly Step[] {
  return plan.stages.flatMap((stage) => stage.lanes.flatMap((lane) => lane.steps));
}

export function lanesOf(plan: Plan): readonly Lane[] {
  return plan.stages.flatMap((stage) => stage.lanes);
}

export function laneOfStep(plan: Plan, stepId: string): Lane | null {
  return lanesOf(plan).find((lane) => lane.steps.some((step) => step.id === stepId)) ?? null;
}

export function laneOfGate(plan: Plan, gateId: string): Lane | null {
  return lanesOf(plan).find((lane) => lane.gate?.id === gateId) ?? null;
}

export function stepById(plan: Plan, stepId: string): Step | null {
  return stepsOf(plan).find((step) => step.id === stepId) ?? null;
}

export function plannedNode(plan: Plan, name: string): PlannedNode | null {
  return plan.nodes.find((node) => node.name === name) ?? null;
}
