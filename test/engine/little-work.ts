// What runs on a simulated cluster where little may get in the way of a drain.
import type { WorkloadSet } from '../../playground/world/kubernetes/default-workloads.ts';

/** Two pods that may move and no budgets: a cluster with a single worker can be drained. */
export const LITTLE_WORK: WorkloadSet = {
  deployments: [
    {
      namespace: 'shop',
      name: 'web',
      replicas: 2,
      image: 'registry.example/shop/web:4.2.0',
      graceSeconds: 30,
      volumes: [],
      toleratesControlPlane: false,
    },
  ],
  daemons: [{ namespace: 'kube-system', name: 'kube-proxy', image: 'registry.k8s.io/kube-proxy:v1.34.1' }],
  budgets: [],
};
