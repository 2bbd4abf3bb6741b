// What people and the clock ask of a rollout. Imperative: an intent may be refused, a fact may not.
import type { DrainChoice } from './blockade.ts';
import type { Goal } from './goal.ts';
import type { Journey } from './journey.ts';

/** The entry number of the question a button was made for; absent: typed, which means what was asked when it came in. See occasion.ts. */
interface Bound {
  readonly occasion?: number;
}

export type Intent =
  | {
      readonly kind: 'ask';
      readonly rollout: string;
      readonly cluster: string;
      readonly goal: Goal;
      readonly channel: string;
      /** Absent: a wish of its own, and no part of a way over several versions. */
      readonly journey?: Journey;
    }
  | { readonly kind: 'start' }
  /** Everything of these checks that stops the plan, by their names; the reason as the person wrote it. */
  | { readonly kind: 'override'; readonly checks: readonly string[]; readonly reason: string }
  | ({ readonly kind: 'approve'; readonly gate: string } & Bound)
  | ({ readonly kind: 'deny'; readonly gate: string; readonly reason: string } & Bound)
  | { readonly kind: 'pause' }
  | { readonly kind: 'resume' }
  /** Does not wait for the end of the present soak. */
  | ({ readonly kind: 'continue' } & Bound)
  | ({ readonly kind: 'retry' } & Bound)
  | ({ readonly kind: 'skip' } & Bound)
  /** What becomes of a drain that is blocked; only ever pressed, because it is about the pods that the card shows. */
  | ({ readonly kind: 'drain'; readonly step: string; readonly choice: DrainChoice } & Bound)
  /** Null: to whoever says it. */
  | { readonly kind: 'hand-over'; readonly to: string | null }
  | { readonly kind: 'abort' };

/** A person's intent as it came in: who, and which Slack delivery carried it (a redelivery is the same intent). */
export interface Asked {
  readonly intent: Intent;
  readonly user: string;
  readonly delivery: string;
}

/** The answer "no", with a closed code and a sentence the person can act on. Not an exception. */
export interface Refusal {
  readonly kind: 'refusal';
  readonly code:
    | 'not-operator'
    | 'not-approver'
    | 'own-request'
    | 'already-approved'
    | 'gate-closed'
    | 'wrong-phase'
    | 'not-skippable'
    | 'not-overridable'
    | 'already-overridden'
    | 'unknown-finding'
    | 'findings-stand'
    | 'claimed'
    | 'unknown-rollout'
    | 'unknown-cluster'
    | 'unknown-node'
    | 'bad-input'
    | 'journal-busy'
    | 'journal-closed'
    | 'journal-unreadable'
    | 'journal-newer';
  readonly sentence: string;
}

export function refuse(code: Refusal['code'], sentence: string): Refusal {
  return { kind: 'refusal', code, sentence };
}
