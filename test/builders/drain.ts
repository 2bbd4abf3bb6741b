// Pods that stay: aBlocker({ cause: 'stuck' }).
import type { Blocker } from '../../src/rollout/blockade.ts';

export function aBlocker(changed: Partial<Blocker> = {}): Blocker {
  return {
    namespace: 'shop',
    name: 'web-1',
    uid: 'web-1',
    workload: 'shop/ReplicaSet web',
    cause: 'budget',
    why: 'The disruption budget web needs 3 healthy pods and has 3 currently',
    budgets: [{ name: 'web', disruptionsAllowed: 0, currentHealthy: 3, desiredHealthy: 3, expectedPods: 3 }],
    loses: [],
    ...changed,
  };
}
