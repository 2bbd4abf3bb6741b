// What planning ends with: a plan with its findings, or the reason why there is none.
import type { Finding } from '../../checks/finding.ts';
import type { Plan } from '../plan.ts';
import type { Policy } from '../policy.ts';

export type Proposal =
  | { readonly kind: 'planned'; readonly plan: Plan; readonly findings: readonly Finding[] }
  | {
      readonly kind: 'declined';
      readonly outcome: 'refused' | 'unchanged' | 'blocked';
      readonly sentence: string;
      readonly findings: readonly Finding[];
    };

/** A plan whose every act waits at a gate needs no Start besides: the gate's card is where people agree. */
export function startsAtOnce(plan: Plan, policy: Policy): boolean {
  const lanes = plan.stages.flatMap((stage) => stage.lanes);
  return policy.start === 'at-once' || lanes.every((lane) => lane.gate !== null);
}
