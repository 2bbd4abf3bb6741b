// From a goal to its planner: the only place that lists the goals.

import type { Goal } from '../goal.ts';
import { planArmed } from './armed-node.ts';
import type { Proposal } from './proposal.ts';
import { type Previous, planRollback } from './rollback-node.ts';
import { planUpgrade, type UpgradeSources } from './upgrade-talos.ts';

export interface Sources extends UpgradeSources {
  /** What a node ran before this bot last upgraded it; null without a record. */
  readonly previousOf: (node: string) => Previous | null;
}

export function planFor(goal: Goal, sources: Sources): Proposal {
  switch (goal.kind) {
    case 'upgrade-talos':
      return planUpgrade(goal, sources);
    case 'finish-node':
    case 'disarm-node':
      return planArmed(goal, sources);
    case 'rollback-node':
      return planRollback(goal, { ...sources, previous: sources.previousOf(goal.node) });
  }
}
