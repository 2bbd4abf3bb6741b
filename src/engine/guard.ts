// What others are kept out of the cluster by, the upgrade mutex and the Lease: what may be said of it before a step, and who of us had it.
import { holderName } from '../cluster/lease.ts';
import type { StepFacts } from '../rollout/step.ts';
import type { Session } from './session.ts';

export type Guarded =
  /** It may begin; the facts belong to its evidence. */
  | { readonly kind: 'clear'; readonly facts: StepFacts }
  /** Not yet; waiting at least `patienceMs` makes sense, counted from the first look. */
  | { readonly kind: 'waiting'; readonly why: string; readonly patienceMs: number };

export const CLEAR: Guarded = { kind: 'clear', facts: {} };

/** The names under which processes of this rollout had it, as far as this journal tells. */
export function earlierHolders({ entries, rollout }: Session, guard: 'lease' | 'mutex'): ReadonlySet<string> {
  return new Set(
    entries.flatMap(({ event, by }) => {
      // Whoever wrote here may have taken it, and died before the first step that would have said so.
      if (guard === 'lease' && by.kind === 'driver') return [holderName(rollout.id, by.name)];
      const holder = event.kind === 'step-begun' ? event.evidence[guard] : null;
      return typeof holder === 'string' ? [holder] : [];
    }),
  );
}
