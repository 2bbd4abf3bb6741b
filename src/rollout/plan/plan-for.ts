// From a goal to its planner: the only place that lists the goals.

import type { Answer } from '../../cluster/answer.ts';
import type { CompatibilityTable } from '../../cluster/compatibility.ts';
import type { ImageAsked } from '../../cluster/image.ts';
import type { NeighbourSeen } from '../../cluster/neighbour.ts';
import type { Snapshot } from '../../cluster/snapshot.ts';
import type { Minors } from '../../cluster/version.ts';
import type { Goal } from '../goal.ts';
import type { Leftover } from '../leftover.ts';
import type { Policy } from '../policy.ts';
import { planArmed } from './armed-node.ts';
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
  /** Which Talos takes which; absent: the table the bot was made with. */
  readonly compatibility?: CompatibilityTable;
  /** Whether minors of Talos may be skipped; absent: one by one. */
  readonly minors?: Minors;
  /** Whether an archive is configured for copies of etcd. */
  readonly archived?: boolean;
  /** Whom the policy may choose to suspend; absent when it chooses nobody. */
  readonly neighbours?: Answer<readonly NeighbourSeen[]>;
  /** What earlier rollouts left installed and never booted. */
  readonly leftovers?: readonly Leftover[];
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
