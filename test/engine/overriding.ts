// Scenes in which something stops the plan, and people who take it on.
import { checksOf, standing } from '../../src/rollout/override.ts';
import { APPROVER, type People, willing } from './scene.ts';

/** Without an archive no copy of etcd is taken; under this policy that stops the plan. */
export const STOPPED = { checks: { 'etcd-snapshot': 'block' } } as const;

export const REASON = 'A copy was taken by hand this morning.';

/** An approver overrides what stops the plan; everything else is left to the others. */
export const overriding =
  (others: People = willing): People =>
  (rollout) => {
    const checks = checksOf(standing(rollout));
    return rollout.phase.phase === 'proposed' && checks.length > 0
      ? { intent: { kind: 'override', checks, reason: REASON }, user: APPROVER }
      : others(rollout);
  };
