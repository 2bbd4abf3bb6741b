// What people said in Slack, by delivery: Slack may bring the same word again, and it means then what it meant the first time.
import type { Refusal } from '../../rollout/intent.ts';

/** What a person was told when nothing was written down. so-already: at this length of the journal it was as they wished. */
export type Answer = Refusal | { readonly kind: 'so-already'; readonly version: number };

/** What a delivery was about when it came first. */
export interface Meant {
  /** Null: no rollout had the cluster then. */
  readonly rollout: string | null;
  /** How long that rollout's journal was then. */
  readonly version: number;
  /** Null while nobody knows, and for what was written down: the journal tells that. */
  readonly answer: Answer | null;
}

/** Every method rejects with Fault `unreachable` when the store does not answer in time. */
export interface Deliveries {
  /** Keeps that this delivery is about `rollout` when it comes for the first time; answers what it was about then, however often it comes. */
  first(cluster: string, delivery: string, rollout: string | null): Promise<Meant>;
  /** Keeps the first answer to a delivery that is known, and no later one. */
  answer(cluster: string, delivery: string, answer: Answer): Promise<void>;
}

/**
 * Milliseconds a delivery is known after it came first, by the store's clock. Copies of a command or a click are reported within seconds
 * (facts/slack.md 0.6 asks for ten minutes at least); an hour outlasts every reconnecting, and is a few hundred bytes a word.
 */
export const DELIVERY_KNOWN_MS = 3_600_000;
