// What runs on the simulated cluster unless a test says otherwise: replicas behind budgets, an emptyDir, daemons, static pods.
import type { BudgetObject, Volume } from './objects.ts';

export interface DeploymentSpec {
  readonly namespace: string;
  readonly name: string;
  readonly replicas: number;
  readonly image: string;
  readonly graceSeconds: number;
  readonly volumes: readonly Volume[];
  readonly toleratesControlPlane: boolean;
}

export interface DaemonSpec {
  readonly namespace: string;
  readonly name: string;
  readonly image: string;
}

export interface BudgetSpec {
  readonly namespace: string;
  readonly name: string;
  readonly app: string;
  readonly limits: Omit<BudgetObject['spec'], 'selector'>;
}

export interface WorkloadSet {
  readonly deployments: readonly DeploymentSpec[];
  readonly daemons: readonly DaemonSpec[];
  readonly budgets: readonly BudgetSpec[];
}

/** The grace that Kubernetes gives a pod that does not ask for another one. */
const usualGraceSeconds = 30;

export const defaultWorkloads: WorkloadSet = {
  deployments: [
    {
      namespace: 'shop',
      name: 'web',
      replicas: 3,
      image: 'registry.example/shop/web:4.2.0',
      graceSeconds: usualGraceSeconds,
      volumes: [],
      toleratesControlPlane: false,
    },
    {
      namespace: 'shop',
      name: 'cache',
      replicas: 2,
      image: 'registry.example/shop/cache:7.4.1',
      graceSeconds: usualGraceSeconds,
      volumes: [{ name: 'scratch', emptyDir: {} }],
      toleratesControlPlane: false,
    },
    {
      namespace: 'kube-system',
      name: 'coredns',
      replicas: 2,
      image: 'registry.k8s.io/coredns/coredns:v1.12.4',
      graceSeconds: usualGraceSeconds,
      volumes: [],
      toleratesControlPlane: true,
    },
  ],
  daemons: [
    { namespace: 'kube-system', name: 'kube-flannel', image: 'ghcr.io/siderolabs/flannel:v0.27.4' },
    { namespace: 'kube-system', name: 'kube-proxy', image: 'registry.k8s.io/kube-proxy:v1.34.1' },
  ],
  // One worker's pods fit into each budget, so that an undisturbed upgrade never waits for one; `blockBudget` makes it wait.
  budgets: [
    { namespace: 'shop', name: 'web', app: 'web', limits: { minAvailable: 1 } },
    { namespace: 'shop', name: 'cache', app: 'cache', limits: { maxUnavailable: 1 } },
  ],
};

/** The same on a cluster of this Kubernetes version: Talos deploys the kube-proxy that belongs to it. */
export function workloadsOf(kubernetesVersion: string): WorkloadSet {
  const daemons = defaultWorkloads.daemons.map((daemon) =>
    daemon.name === 'kube-proxy'
      ? { ...daemon, image: `registry.k8s.io/kube-proxy:${kubernetesVersion}` }
      : daemon,
  );
  return { ...defaultWorkloads, daemons };
}

/** The budget that is meant when nobody names a namespace. */
export const defaultBudgetNamespace = 'shop';

/** The static pods of a control-plane node, as Talos names and labels them. */
export const staticComponents = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'] as const;
