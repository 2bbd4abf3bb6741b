// Which pods did not run before anything was touched: kept in the journal, so that later only new ones count.
import type { Answer } from './answer.ts';

/** Small, and by the names of owners, because pods change their own. */
export interface Baseline {
  readonly v: 1;
  /** Pods that did not run, by workload (`shop/ReplicaSet web`). */
  readonly ill: Readonly<Record<string, number>>;
  /** Workloads that were ill as well and are not listed: then nobody can say of an unlisted one that it is new. */
  readonly beyond: number;
}

/** One pod that does not run. */
export interface Ill {
  readonly workload: string;
  readonly why: string;
}

export interface Aftermath {
  readonly baseline: Baseline;
  /** Of one node, or of all. */
  readonly ill: Answer<readonly Ill[]>;
  /** The node whose pods these are; null = all. */
  readonly node: string | null;
}
