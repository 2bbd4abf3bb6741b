// When a step takes longer than it usually does here: then the thread says so unasked, long before its limit.
import type { RolloutEvent } from './event.ts';
import type { StepHistory, Usual } from './history.ts';
import { laneOfStep, lanesOf, type Plan } from './plan.ts';
import { type Rollout, stepState } from './rollout.ts';
import type { Step, StepKind } from './step.ts';

/** What was usual here when the plan was made, by `kind role`: journalled with it, so that every process measures alike. */
export type Usuals = Readonly<Record<string, Usual>>;

/** Steps seen fewer times have no tail to speak of. */
const ENOUGH = 3;
/** Milliseconds over the slowest twentieth: two looks later, and nobody is woken for the noise of one. */
const MARGIN_MS = 5_000;
/** Without a history: this share of the step's own limit. */
const SHARE_OF_LIMIT = 0.5;
/** They wait by design, or ask people themselves. */
const PATIENT: readonly StepKind[] = ['soak'];

export function usualsOf(plan: Plan, history: StepHistory): Usuals {
  const found: Record<string, Usual> = {};
  for (const { role, steps } of lanesOf(plan)) {
    for (const { kind } of steps) {
      const usual = history.usual(kind, role);
      if (usual !== null) found[`${kind} ${role}`] = usual;
    }
  }
  return found;
}

export function usualFor(rollout: Rollout, step: Step): Usual | null {
  const lane = laneOfStep(rollout.plan, step.id);
  const usual = lane === null ? undefined : rollout.usuals[`${step.kind} ${lane.role}`];
  return usual !== undefined && usual.seen >= ENOUGH ? usual : null;
}

/** Milliseconds after its beginning at which a step is slow; null for one that is never called that. */
export function slowAfterMs(rollout: Rollout, step: Step): number | null {
  if (PATIENT.includes(step.kind)) return null;
  const usual = usualFor(rollout, step);
  const own = usual === null ? step.limitMs * SHARE_OF_LIMIT : usual.p95Ms + MARGIN_MS;
  return Math.min(own, step.limitMs * SHARE_OF_LIMIT);
}

/** Said once for each time it was begun, and not where people were asked about it already. */
export function slownessOf(
  rollout: Rollout,
  step: Step,
  { evidence, afterMs }: { readonly evidence: readonly string[]; readonly afterMs: number },
): RolloutEvent | null {
  if (stepState(rollout, step.id).state !== 'begun' || rollout.slow.has(step.id)) return null;
  if (rollout.drains.has(step.id)) return null;
  const usual = usualFor(rollout, step);
  return {
    kind: 'step-slow',
    step: step.id,
    afterMs,
    evidence,
    ...(usual === null ? {} : { usual }),
  };
}
