// Read-only questions that a worker answers for one person: the bot itself never touches a cluster.
import type { Finding } from '../../checks/finding.ts';
import type { Path, Pathfinding, PathTarget, Product } from '../../cluster/path.ts';
import type { Goal } from '../../rollout/goal.ts';
import type { Estimate, Pace } from '../../rollout/history.ts';
import type { Plan } from '../../rollout/plan.ts';

export interface PlanErrand {
  readonly kind: 'plan';
  readonly cluster: string;
  readonly goal: Goal;
}

export interface PathErrand {
  readonly kind: 'path';
  readonly cluster: string;
  /** Both null: the newest Talos that is known. */
  readonly target: PathTarget;
}

export interface SetupErrand {
  readonly kind: 'setup';
  readonly cluster: string;
}

export type Errand = PlanErrand | PathErrand | SetupErrand;

/** One thing that must be set up. Never a secret. */
export interface SetupLine {
  readonly what: string;
  readonly state: 'ok' | 'lacks' | 'unknown';
  readonly sentence: string;
  /** What a person can do about it; null when there is nothing to do. */
  readonly advice: string | null;
}

export interface SetupReport {
  readonly kind: 'setup';
  readonly lines: readonly SetupLine[];
}

export type PathReport =
  | {
      readonly kind: 'path';
      readonly found: Pathfinding;
      /** The oldest and the newest that runs of each; null = nobody said. */
      readonly runs: {
        readonly [P in Product]: { readonly oldest: string; readonly newest: string } | null;
      };
      readonly target: PathTarget;
      /** Where the versions come from; `name` null = from nobody. */
      readonly sources: readonly {
        readonly product: Product;
        readonly name: string | null;
        readonly ageMs: number;
      }[];
      /** How long a hop of Talos takes on this cluster, in milliseconds, from past upgrades; null where there are none. */
      readonly hop?: { readonly upgrades: Pace['upgrades']; readonly ms: number } | null;
      /** Who did not answer; whole sentences. */
      readonly troubles: readonly string[];
    }
  | { readonly kind: 'failed'; readonly sentence: string };

export type ErrandReport =
  | {
      readonly kind: 'planned';
      readonly plan: Plan;
      readonly findings: readonly Finding[];
      /** From past upgrades; null or absent where there are none. */
      readonly estimate?: Estimate | null;
    }
  | {
      readonly kind: 'declined';
      readonly outcome: 'refused' | 'unchanged' | 'blocked';
      readonly sentence: string;
      readonly findings: readonly Finding[];
      /** How one gets there over several versions. */
      readonly way?: Path;
    }
  | PathReport
  | SetupReport
  /** The errand could not be run at all. */
  | { readonly kind: 'failed'; readonly sentence: string };

export interface Errands {
  /** Resolves with `failed` when no worker answers within `limitMs`; never rejects. */
  run(errand: Errand, limitMs: number): Promise<ErrandReport>;
}
