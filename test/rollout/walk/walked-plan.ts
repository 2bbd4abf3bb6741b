// Plans of any goal and size, made by the real planners.
import type { Goal } from '../../../src/rollout/goal.ts';
import { planFor } from '../../../src/rollout/plan/plan-for.ts';
import type { Plan } from '../../../src/rollout/plan.ts';
import type { Policy } from '../../../src/rollout/policy.ts';
import { aNeighbour, aVeleroPolicy, EVERYBODY } from '../../builders/beside.ts';
import { aCluster } from '../../builders/snapshot.ts';
import type { Random } from './random.ts';

export function aWalkedPlan(random: Random, policy: Policy): Plan {
  const goal: Goal = random.chance(0.2)
    ? { kind: 'rollback-node', node: random.pick(['cp-2', 'worker-1']) }
    : { kind: 'upgrade-talos', version: 'v1.13.5', ...(random.chance(0.3) ? { staged: true } : {}) };
  const snapshot = aCluster({
    controlPlane: random.pick([3, 3, 5]),
    workers: 1 + random.below(4),
    version: random.pick(['v1.13.4', 'v1.12.11']),
  }).build();
  const previousOf = () => ({ version: 'v1.12.9', schematic: null });
  // Some have others beside the nodes: a backup, and neighbours that owe their resuming.
  const beside = random.chance(0.3)
    ? {
        policy: { ...policy, velero: aVeleroPolicy(), neighbours: EVERYBODY },
        neighbours: { kind: 'said', value: ['a', 'b', 'c'].map((name) => aNeighbour(name)) } as const,
      }
    : { policy };
  const proposal = planFor(goal, { snapshot, ...beside, factory: 'factory.example', previousOf });
  if (proposal.kind !== 'planned') throw new Error(proposal.sentence);
  return proposal.plan;
}
