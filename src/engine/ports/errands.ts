// Read-only questions that a worker answers for one person: the bot itself never touches a cluster.
import type { Finding } from '../../checks/finding.ts';
import type { HopTime, Path, Pathfinding, PathTarget, Product } from '../../cluster/path.ts';
import type { Goal } from '../../rollout/goal.ts';
import type { Estimate, Usual } from '../../rollout/history.ts';
import type { Plan } from '../../rollout/plan.ts';

export interface PlanErrand {
  readonly kind: 'plan';
  readonly cluster: string;
  readonly goal: Goal;
}

/** How the cluster is, without any goal. */
export interface CheckErrand {
  readonly kind: 'check';
  readonly cluster: string;
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

/** What the steps in hand wait for. */
export interface WhyErrand {
  readonly kind: 'why';
  readonly cluster: string;
}

/** The end of a machine's logs; it must be a node of that rollout's plan. */
export interface LogErrand {
  readonly kind: 'log';
  readonly cluster: string;
  readonly rollout: string;
  readonly node: string;
}

export type Errand = PlanErrand | CheckErrand | PathErrand | SetupErrand | WhyErrand | LogErrand;

export interface WhyReport {
  readonly kind: 'why';
  readonly steps: readonly {
    readonly step: string;
    readonly node: string;
    /** Milliseconds since it was begun. */
    readonly forMs: number;
    /** Null where it was seen too rarely. */
    readonly usual: Usual | null;
    /** Sentences. */
    readonly evidence: readonly string[];
    /** Lines of logs without secrets, for those who may see them; absent in answers of workers that put them into the sentences. */
    readonly log?: readonly string[];
  }[];
}

export type LogReport =
  | { readonly kind: 'log'; readonly node: string; readonly text: string }
  | { readonly kind: 'failed'; readonly sentence: string };

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

/** What runs of a product; null = nobody said. */
export type Runs = {
  readonly [P in Product]: { readonly oldest: string; readonly newest: string } | null;
};

export interface ConditionReport {
  readonly kind: 'checked';
  readonly findings: readonly Finding[];
  readonly nodes: { readonly controlPlane: number; readonly workers: number };
  readonly runs: Runs;
}

export type PathReport =
  | {
      readonly kind: 'path';
      readonly found: Pathfinding;
      /** The oldest and the newest that runs of each. */
      readonly runs: Runs;
      readonly target: PathTarget;
      /** Where the versions come from; `name` null = from nobody. */
      readonly sources: readonly {
        readonly product: Product;
        readonly name: string | null;
        readonly ageMs: number;
      }[];
      /** From past upgrades; null where there are none. */
      readonly hop?: HopTime | null;
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
  | ConditionReport
  | PathReport
  | SetupReport
  | WhyReport
  | LogReport
  /** The errand could not be run at all. */
  | { readonly kind: 'failed'; readonly sentence: string };

export interface Errands {
  /** Resolves with `failed` when no worker answers within `limitMs`; never rejects. */
  run(errand: Errand, limitMs: number): Promise<ErrandReport>;
}
