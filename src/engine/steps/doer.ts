// What a kind of step must be able to do, so that one driver can begin, repeat, resume and settle them all.
import type { Blocker } from '../../rollout/blockade.ts';
import type { PlannedNode } from '../../rollout/plan.ts';
import type { Rollout } from '../../rollout/rollout.ts';
import type { Step, StepFacts } from '../../rollout/step.ts';
import type { Archiving } from '../ports/archive.ts';
import type { Backups } from '../ports/backups.ts';
import type { Clock } from '../ports/clock.ts';
import type { Machines, May, ToldFailure } from '../ports/machines.ts';
import type { Neighbours } from '../ports/neighbours.ts';
import type { Workloads } from '../ports/workloads.ts';

/** What every kind of step is given, whatever it is about. */
export interface SubjectContext {
  readonly rollout: Rollout;
  /** The same as it stands by now: what people say meanwhile. */
  readonly current: () => Rollout;
  readonly step: Step;
  readonly machines: Machines;
  readonly workloads: Workloads;
  /** Absent when no archive is configured for the cluster. */
  readonly archiving?: Archiving;
  readonly backups?: Backups;
  readonly neighbours?: Neighbours;
  readonly clock: Clock;
  /** The store's time, in milliseconds since 1970: with it, and with no other, moments of the journal are compared. */
  readonly storeNow: () => number;
  /** Aborted when the lease is lost: stops loops and reads, never an act in flight. */
  readonly signal: AbortSignal;
  /** Whether this process still drives, asked by the adapters in the moment before they send an act. */
  readonly may: May;
  /** A short sentence for the card; display only. */
  readonly note: (sentence: string) => void;
}

/** What a step about a node is given besides. */
export interface StepContext extends SubjectContext {
  readonly node: PlannedNode;
}

export type Settled =
  | { readonly kind: 'ended'; readonly result: StepFacts }
  | { readonly kind: 'failed'; readonly why: string }
  /** Not yet: `why` completes "waiting for …". */
  | {
      readonly kind: 'waiting';
      readonly why: string;
      /** What will not pass by itself, so that people are asked; empty when all will, absent when it is too early to say. */
      readonly blockers?: readonly Blocker[];
    };

/** How the act itself went, as far as its sender knows. */
export type Acted =
  | { readonly kind: 'ended'; readonly result: StepFacts }
  /** Accepted: settle finds out how it went. */
  | { readonly kind: 'sent' }
  /** Possibly accepted, its reply never came: settle finds out. */
  | { readonly kind: 'lost' }
  | { readonly kind: 'withdrawn'; readonly why: string }
  | { readonly kind: 'failed'; readonly why: string };

/** One attempt at one step; may keep what it learned between calls in its closure, never as a source of truth. */
export interface Doer {
  /** Is it already so? Returns the result to record, or null. Throws Fault when it cannot be seen. */
  observe(): Promise<StepFacts | null>;
  /** What must be known before acting to recognise success afterwards. */
  capture(): Promise<StepFacts>;
  /** `over`: aborted when its step has no time left; what takes long and may be repeated ends then, and leaves nothing behind. */
  act(evidence: StepFacts, over: AbortSignal): Promise<Acted>;
  /** One look; the driver repeats it until the step's limit. Throws Fault when it cannot be seen now. */
  settle(evidence: StepFacts): Promise<Settled>;
  /** A sequence of the machine failed while a departing step went on: for the sentences, never for the decision. */
  heard?(sentence: string, failure: ToldFailure): void;
}

export type StepFactory = (context: StepContext) => Doer;

/** Of a step that is about no node. */
export type SubjectFactory = (context: SubjectContext) => Doer;

/** A text parameter of a step; throws when the plan lacks it, because then the plan was built wrongly. */
export function textParam(step: Step, name: string): string {
  const value = step.params[name];
  if (typeof value !== 'string') throw new Error(`step ${step.id} has no text parameter ${name}`);
  return value;
}

export function optionalTextParam(step: Step, name: string): string | null {
  const value = step.params[name];
  return typeof value === 'string' ? value : null;
}
