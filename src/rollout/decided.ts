// What judging an intent comes to, and what it is judged by.
import type { RolloutEvent } from './event.ts';
import type { Policy } from './policy.ts';

export interface Decided {
  readonly kind: 'decided';
  /** Empty: the wish is already so. */
  readonly events: readonly RolloutEvent[];
}

export interface Circumstances {
  readonly policy: Policy;
  /** Milliseconds since 1970. */
  readonly now: number;
}

export function decided(...events: readonly RolloutEvent[]): Decided {
  return { kind: 'decided', events };
}
