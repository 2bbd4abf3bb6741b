// The exhibits of the moments between two nodes: each fault comes when the plan was made, while all was well.

import type { Visitor } from './exhibit.ts';
import { SICK } from './kubernetes.ts';

export const BEFORE_A_NODE: readonly Visitor[] = [
  {
    check: 'health-checks',
    fault: { name: 'node-labelled', node: 'cp-1', label: SICK },
    ...{ moment: 'before-a-node', holds: 'waits', says: 'Health check nodes are well: Node cp-1' },
  },
  {
    check: 'longhorn',
    fault: { name: 'longhorn-rebuilds' },
    ...{ moment: 'before-a-node', holds: 'waits', says: 'Longhorn is rebuilding: pvc-zoo' },
  },
  {
    check: 'ceph',
    fault: { name: 'ceph-sick' },
    ...{ moment: 'before-a-node', holds: 'waits', says: 'Ceph rook-ceph/zoo reports HEALTH_WARN' },
  },
  {
    check: 'other-upgraders',
    fault: { name: 'tuppr-works' },
    ...{ moment: 'before-a-node', holds: 'waits', says: 'tuppr is at work here: TalosUpgrade zoo' },
  },
  {
    check: 'webhooks',
    fault: { name: 'webhook-away' },
    ...{ moment: 'before-a-node', holds: 'waits', says: 'Webhook guard.example (guard) refuses' },
  },
  {
    check: 'next-drain',
    fault: { name: 'pdb-double' },
    ...{ moment: 'before-a-node', holds: 'held', says: 'The drain of w-1 would fail' },
  },
];

/** Of a cluster whose workers go two at a time. */
export const TOGETHER: Visitor = {
  check: 'batches',
  fault: { name: 'longhorn-copies', node: 'w-1', other: 'w-2' },
  ...{ moment: 'before-a-node', holds: 'waits', companion: 'w-1' },
  says: 'w-2 does not go together with w-1',
};

export const AFTER_A_NODE: Visitor = {
  check: 'new-troubles',
  fault: { name: 'pod-crashes', node: 'w-1' },
  ...{ moment: 'after-a-node', holds: 'told' },
  says: 'Not running on w-1, other than before the rollout: shop/DaemonSet crashing',
};

export const AT_THE_END: Visitor = {
  check: 'new-troubles',
  fault: { name: 'pod-crashes', node: 'w-1', namespace: 'kube-system' },
  ...{ moment: 'at-the-end', holds: 'told' },
  says: 'Not running, other than before the rollout: kube-system/DaemonSet crashing',
};
