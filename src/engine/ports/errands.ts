// Read-only questions that a worker answers for one person: the bot itself never touches a cluster.
import type { Finding } from '../../checks/finding.ts';
import type { Goal } from '../../rollout/goal.ts';
import type { Plan } from '../../rollout/plan.ts';

export interface PlanErrand {
  readonly kind: 'plan';
  readonly cluster: string;
  readonly goal: Goal;
}

export type Errand = PlanErrand;

export type ErrandReport =
  | { readonly kind: 'planned'; readonly plan: Plan; readonly findings: readonly Finding[] }
  | {
      readonly kind: 'declined';
      readonly outcome: 'refused' | 'unchanged' | 'blocked';
      readonly sentence: string;
      readonly findings: readonly Finding[];
    }
  /** The errand could not be run at all. */
  | { readonly kind: 'failed'; readonly sentence: string };

export interface Errands {
  /** Resolves with `failed` when no worker answers within `limitMs`; never rejects. */
  run(errand: Errand, limitMs: number): Promise<ErrandReport>;
}
