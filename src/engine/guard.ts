// What others are kept out of the cluster by, the upgrade mutex and the Lease: what may be said of it before a step, and who of us had it.
import type { StepFacts } from '../rollout/step.ts';
import type { Session } from './session.ts';

export type Guarded =
  /** It may begin; the facts belong to its evidence. */
  | { readonly kind: 'clear'; readonly facts: StepFacts }
  /** Not yet; waiting at least `patienceMs` makes sense, counted from the first look. */
  | { readonly kind: 'waiting'; readonly why: string; readonly patienceMs: number };

export const CLEAR: Guarded = { kind: 'clear', facts: {} };

/** The names under which this rollout's steps were begun, by whichever process that wrote into this journal. */
export function earlierHolders({ entries }: Session, guard: 'lease' | 'mutex'): ReadonlySet<string> {
  return new Set(
    entries.flatMap(({ event }) => {
      const holder = event.kind === 'step-begun' ? event.evidence[guard] : null;
      return typeof holder === 'string' ? [holder] : [];
    }),
  );
}
