// What planning ends with: a plan with its findings, or the reason why there is none.
import { maySetAside } from '../../checks/catalogue.ts';
import { blocks, type Finding } from '../../checks/finding.ts';
import type { Path } from '../../cluster/path.ts';
import type { Plan } from '../plan.ts';
import type { Policy } from '../policy.ts';
import { changesNode } from '../step.ts';

export type Proposal =
  | { readonly kind: 'planned'; readonly plan: Plan; readonly findings: readonly Finding[] }
  | {
      readonly kind: 'declined';
      readonly outcome: 'refused' | 'unchanged' | 'blocked';
      readonly sentence: string;
      readonly findings: readonly Finding[];
      /** How one gets there over several versions, when it is too far for one hop. */
      readonly way?: Path;
    };

/**
 * A plan whose every act waits at a gate needs no Start besides: the gate's card is where people agree. One that installs on a
 * control-plane node before its gate always needs a person's Start: nobody else was asked about that node.
 */
export function startsAtOnce(plan: Plan, findings: readonly Finding[], policy: Policy): boolean {
  // Whoever overrides what stops it does not start it: that is a step of its own, by an operator.
  if (findings.some(blocks)) return false;
  const lanes = plan.stages.flatMap((stage) => stage.lanes);
  const unasked = lanes.some(
    (lane) => lane.gate === null && lane.role === 'control-plane' && lane.steps.some(changesNode),
  );
  if (unasked) return false;
  return policy.start === 'at-once' || lanes.every((lane) => lane.gate !== null);
}

/**
 * True when something stops the plan that nobody may set aside: then there is none. What else stops it is proposed with it, for
 * people to override (docs/decisions/0021-overrides.md).
 */
export function isHopeless(findings: readonly Finding[]): boolean {
  return findings.some((finding) => blocks(finding) && !maySetAside(finding.check));
}
