// The facts of a rollout, in the past tense. A rollout is its events folded; nothing else is remembered.
import type { Finding } from '../checks/finding.ts';
import type { Baseline } from '../cluster/baseline.ts';
import type { Path } from '../cluster/path.ts';
import type { Blocker, DrainChoice } from './blockade.ts';
import type { Proof } from './gate.ts';
import type { Goal } from './goal.ts';
import type { Estimate, Usual } from './history.ts';
import type { Journey } from './journey.ts';
import type { Plan } from './plan.ts';
import type { Usuals } from './slowness.ts';
import type { StepFacts } from './step.ts';

export type Outcome =
  | 'upgraded'
  | 'rolled-back'
  | 'disarmed'
  | 'denied'
  | 'expired'
  | 'blocked'
  | 'refused'
  | 'aborted'
  | 'unchanged';

/** Who caused a fact: a person by Slack user id, the clock, or a worker process by its own name. */
export type Actor =
  | { readonly kind: 'person'; readonly user: string }
  | { readonly kind: 'clock' }
  | { readonly kind: 'driver'; readonly name: string };

export type RolloutEvent =
  | {
      readonly kind: 'asked';
      readonly rollout: string;
      readonly cluster: string;
      readonly goal: Goal;
      readonly user: string;
      /** Slack channel for the thread. */
      readonly channel: string;
      readonly delivery: string;
      /** Not part of the goal: what people approve is the hop, wherever it leads. Absent in wishes of their own. */
      readonly journey?: Journey;
    }
  | {
      readonly kind: 'planned';
      readonly plan: Plan;
      readonly findings: readonly Finding[];
      readonly expiresAt: number;
      /** How long it takes, from past upgrades; absent where there are none. Shown only. */
      readonly estimate?: Estimate;
      /** How long each kind of step took here; absent where nothing was seen. */
      readonly usuals?: Usuals;
      /** Which pods did not run then; absent when nobody told. Compared with later, nothing is decided by it. */
      readonly baseline?: Baseline;
    }
  /** Ended before anything was proposed. */
  | {
      readonly kind: 'declined';
      readonly outcome: 'refused' | 'unchanged' | 'blocked';
      readonly sentence: string;
      readonly findings: readonly Finding[];
      /** The way to what was asked, when it is too far for one hop. */
      readonly way?: Path;
    }
  /** A named person goes on in spite of what this check found on these subjects. */
  | {
      readonly kind: 'overridden';
      readonly check: string;
      readonly subjects: readonly string[];
      readonly user: string;
      readonly reason: string;
      /** What they had read: nothing else is covered. Absent in facts older than this field, which cover whatever it finds there. */
      readonly findings?: readonly Finding[];
      readonly delivery: string;
    }
  | { readonly kind: 'started'; readonly user: string | null; readonly delivery: string | null }
  | {
      readonly kind: 'gate-opened';
      readonly gate: string;
      readonly fingerprint: string;
      readonly proof: Proof;
      readonly needs: number;
      readonly expiresAt: number;
      /** What a drain of the node would meet now; absent when nothing. Shown only: it is asked again before the drain. */
      readonly remarks?: readonly string[];
    }
  | {
      readonly kind: 'approved';
      readonly gate: string;
      readonly fingerprint: string;
      readonly user: string;
      readonly delivery: string;
    }
  | {
      readonly kind: 'denied';
      readonly gate: string;
      readonly user: string;
      readonly reason: string;
      readonly delivery: string;
    }
  | { readonly kind: 'gate-passed'; readonly gate: string; readonly proof: Proof }
  | { readonly kind: 'gate-voided'; readonly gate: string; readonly why: string }
  | { readonly kind: 'gate-expired'; readonly gate: string }
  /** The proof could not be had within its limit: the rollout is held without a card to press. */
  | { readonly kind: 'gate-withheld'; readonly gate: string; readonly why: string }
  /** The lane goes to the end of its stage (the etcd leader goes last). */
  | { readonly kind: 'lane-deferred'; readonly lane: string; readonly why: string }
  | { readonly kind: 'step-begun'; readonly step: string; readonly evidence: StepFacts; readonly by: string }
  | { readonly kind: 'step-ended'; readonly step: string; readonly result: StepFacts }
  /** It takes longer than usual here, or half of its limit; what was seen then. Shown only: nothing is decided by it. */
  | {
      readonly kind: 'step-slow';
      readonly step: string;
      readonly afterMs: number;
      /** Whole sentences and lines of logs, without secrets. */
      readonly evidence: readonly string[];
      /** Absent where it was seen too rarely before. */
      readonly usual?: Usual;
    }
  | { readonly kind: 'step-failed'; readonly step: string; readonly why: string }
  /** Begun, and provably never sent: it may begin again. */
  | { readonly kind: 'step-withdrawn'; readonly step: string; readonly why: string }
  /** Begun, and at its limit nobody can say whether it happened. */
  | { readonly kind: 'step-doubted'; readonly step: string; readonly why: string }
  /** Ended, and what it left behind is too old to count: it is done again. Only of what may be repeated freely. */
  | { readonly kind: 'step-outdated'; readonly step: string; readonly why: string }
  /** These pods stay for good, as far as anybody can see: people are asked, and it is tried on meanwhile. */
  | { readonly kind: 'drain-blocked'; readonly step: string; readonly blockers: readonly Blocker[] }
  /** None of them is in the way any more: nobody has to decide. */
  | { readonly kind: 'drain-cleared'; readonly step: string }
  /** One person wants this, and it takes a second one. */
  | {
      readonly kind: 'drain-proposed';
      readonly step: string;
      readonly choice: Exclude<DrainChoice, 'wait'>;
      readonly user: string;
      readonly delivery: string;
    }
  | {
      readonly kind: 'drain-decided';
      readonly step: string;
      readonly choice: DrainChoice;
      /** Uids of the pods it is about: those that were shown, and no others. */
      readonly pods: readonly string[];
      /** Of those that come back: whatever pods these owners put on the node are left as well. Absent where nothing came back. */
      readonly workloads?: readonly string[];
      /** Who asked for it; of more time the same who decided. */
      readonly askedBy: string;
      readonly user: string;
      readonly delivery: string;
    }
  /** A person said "again": a failed or doubted step, or a withheld gate. Not sent before `notBefore`. */
  | {
      readonly kind: 'retried';
      readonly subject: string;
      readonly user: string;
      readonly notBefore: number;
      /** How long after this fact, by the store's clock, in milliseconds: counts before `notBefore`. Absent in facts older than this field. */
      readonly waitMs?: number;
      readonly delivery: string;
    }
  /** A named person did not wait for the end of a soak: what is asked then is asked now. */
  | {
      readonly kind: 'soak-shortened';
      readonly step: string;
      readonly user: string;
      readonly delivery: string;
    }
  | { readonly kind: 'skipped'; readonly lane: string; readonly user: string; readonly delivery: string }
  /** A named person took over what the paying step would have put back. */
  | { readonly kind: 'debt-taken'; readonly step: string; readonly user: string; readonly delivery: string }
  /** From now on `to` is called when a person has to decide. */
  | {
      readonly kind: 'handed-over';
      readonly to: string;
      readonly user: string;
      readonly delivery: string;
    }
  | {
      readonly kind: 'paused';
      readonly user: string;
      /** Written with a choice that freed a held rollout, which this person had paused before; absent when they said it now. */
      readonly stays?: true;
      readonly delivery: string;
    }
  | { readonly kind: 'resumed'; readonly user: string; readonly delivery: string }
  | { readonly kind: 'aborted'; readonly user: string; readonly delivery: string }
  | { readonly kind: 'expired' }
  | {
      readonly kind: 'finished';
      readonly outcome: Outcome;
      /** What is not as it was before, such as pods that do not run any more; absent when nothing is. Shown only. */
      readonly findings?: readonly Finding[];
    };

export type EventKind = RolloutEvent['kind'];

/** One line of the journal: an event in its envelope. `at` is the store's clock, milliseconds since 1970. */
export interface Entry {
  /** 1 for the first entry; the journal's version is its last entry's number. */
  readonly n: number;
  readonly at: number;
  readonly by: Actor;
  /** Schema version of the event; event/lift.ts raises old ones. */
  readonly v: number;
  readonly event: RolloutEvent;
  /** The digest by which the next entry names this one; absent where nobody stored it. */
  readonly link?: string;
}
