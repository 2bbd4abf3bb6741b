// From a goal to its planner: the only place that lists the goals.
import type { ImageAsked } from '../../cluster/image.ts';
import type { Snapshot } from '../../cluster/snapshot.ts';
import type { Goal } from '../goal.ts';
import type { Leftover } from '../leftover.ts';
import type { Policy } from '../policy.ts';
import type { Proposal } from './proposal.ts';
import { type Previous, planRollback } from './rollback-node.ts';
import { planUpgrade } from './upgrade-talos.ts';

export interface Sources {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  /** The Image Factory's registry host. */
  readonly factory: string;
  /** What factories and registries answered; absent when nobody was asked. */
  readonly images?: Pick<ImageAsked, 'becomings' | 'images'>;
  /** Whether an archive is configured for copies of etcd. */
  readonly archived?: boolean;
  /** What earlier rollouts left installed and never booted. */
  readonly leftovers?: readonly Leftover[];
  /** What a node ran before this bot last upgraded it; null without a record. */
  readonly previousOf: (node: string) => Previous | null;
}

export function planFor(goal: Goal, sources: Sources): Proposal {
  switch (goal.kind) {
    case 'upgrade-talos':
      return planUpgrade(goal, sources);
    case 'rollback-node':
      return planRollback(goal, { ...sources, previous: sources.previousOf(goal.node) });
  }
}
