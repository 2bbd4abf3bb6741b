// The exhibits about Kubernetes: its nodes, its pods, its API and what is installed there.
import type { Exhibit } from './exhibit.ts';

/** The label that the health check of the zoo's cluster does not like. */
export const SICK = 'sick';
/** The pod the zoo's bot is told that it is. */
export const OWN_POD = { namespace: 'shop', name: 'talos-chatops' } as const;

export const KUBERNETES: readonly Exhibit[] = [
  {
    check: 'kubernetes-access',
    fault: { name: 'access-denied' },
    ...{ level: 'blocker', subject: 'cluster', says: 'The bot may not create pods/eviction' },
  },
  {
    check: 'node-ready',
    fault: { name: 'not-ready', node: 'w-2' },
    ...{ level: 'blocker', subject: 'w-2', says: 'Kubernetes node w-2 is not Ready' },
  },
  {
    check: 'node-schedulable',
    fault: { name: 'cordoned', node: 'w-2' },
    ...{ level: 'warning', subject: 'w-2', says: 'cordoned' },
  },
  {
    check: 'node-pressure',
    fault: { name: 'node-pressure', node: 'w-2' },
    ...{ level: 'blocker', subject: 'w-2', says: 'reports DiskPressure' },
  },
  {
    check: 'static-pods',
    fault: { name: 'static-pod-sick', node: 'cp-2' },
    ...{ level: 'blocker', subject: 'cp-2', says: 'kube-scheduler' },
  },
  {
    check: 'version-skew',
    fault: { name: 'kubelet-version', node: 'w-2' },
    ...{ level: 'blocker', subject: 'w-2', says: 'kubelet on w-2 runs v1.99.0' },
  },
  {
    check: 'system-pods',
    fault: { name: 'pod-crashes', node: 'w-2', namespace: 'kube-system' },
    ...{ level: 'blocker', subject: 'w-2', says: 'kube-system/crashing on w-2 is not ready' },
  },
  {
    check: 'pods-running',
    fault: { name: 'pod-crashes', node: 'w-2' },
    ...{ level: 'warning', subject: 'cluster', says: '(CrashLoopBackOff): shop/crashing' },
  },
  {
    check: 'disruption-budgets',
    fault: { name: 'pdb-blocks' },
    ...{ level: 'blocker', subject: 'cluster', says: 'shop/web never lets a pod go' },
  },
  {
    check: 'double-budgets',
    fault: { name: 'pdb-double' },
    ...{ level: 'blocker', subject: 'cluster', says: 'under two disruption budgets' },
  },
  {
    check: 'single-replicas',
    fault: { name: 'pod-alone', node: 'w-2' },
    ...{ level: 'warning', subject: 'cluster', says: 'shop/StatefulSet alone' },
  },
  {
    check: 'unmanaged-pods',
    fault: { name: 'pod-unmanaged', node: 'w-2' },
    ...{ level: 'warning', subject: 'cluster', says: 'not come back: shop/unmanaged' },
  },
  {
    check: 'empty-dirs',
    fault: { name: 'pod-scratch', node: 'w-2' },
    ...{ level: 'warning', subject: 'cluster', says: 'shop/scratch' },
  },
  {
    check: 'local-volumes',
    fault: { name: 'pod-local', node: 'w-2' },
    ...{ level: 'warning', subject: 'cluster', says: 'volume is back: shop/local' },
  },
  {
    check: 'capacity',
    fault: { name: 'pod-huge', node: 'w-2' },
    ...{ level: 'warning', subject: 'w-2', says: 'The pods of w-2 will not all fit elsewhere' },
  },
  {
    check: 'own-pod',
    fault: { name: 'pod-of-bot', node: 'w-2' },
    ...{ level: 'warning', subject: 'w-2', says: 'The bot itself runs on w-2' },
  },
  {
    check: 'webhooks',
    fault: { name: 'webhook-away' },
    ...{ level: 'blocker', subject: 'cluster', says: 'Webhook guard.example (guard) refuses' },
  },
  {
    check: 'api-services',
    fault: { name: 'api-service-away' },
    ...{ level: 'warning', subject: 'cluster', says: 'APIService v1beta1.metrics.k8s.io is not available' },
  },
  {
    check: 'pending-csrs',
    fault: { name: 'csr-pending', node: 'w-2' },
    ...{ level: 'warning', subject: 'cluster', says: 'wait to be approved: w-2' },
  },
  {
    check: 'health-checks',
    fault: { name: 'node-labelled', node: 'w-2', label: SICK },
    ...{ level: 'blocker', subject: 'nodes are well', says: 'Health check nodes are well: Node w-2' },
  },
  {
    check: 'flux',
    fault: { name: 'flux-fails' },
    ...{ level: 'warning', subject: 'cluster', says: 'Flux fails to apply Kustomization flux-system/zoo' },
  },
  {
    check: 'argo',
    fault: { name: 'argo-syncs' },
    ...{ level: 'blocker', subject: 'cluster', says: 'Argo CD is syncing argocd/zoo' },
  },
  {
    check: 'velero',
    fault: { name: 'velero-old' },
    ...{ level: 'warning', subject: 'cluster', says: 'The last good backup of Velero is 48 hours old' },
  },
  {
    check: 'longhorn',
    fault: { name: 'longhorn-rebuilds' },
    ...{ level: 'blocker', subject: 'cluster', says: 'Longhorn is rebuilding: pvc-zoo' },
  },
  {
    check: 'ceph',
    fault: { name: 'ceph-sick' },
    ...{ level: 'blocker', subject: 'cluster', says: 'Ceph rook-ceph/zoo reports HEALTH_WARN' },
  },
  {
    check: 'other-upgraders',
    fault: { name: 'tuppr-works' },
    ...{ level: 'blocker', subject: 'cluster', says: 'tuppr is at work here: TalosUpgrade zoo' },
  },
  {
    check: 'other-bots',
    fault: { name: 'lease-held' },
    ...{ level: 'blocker', subject: 'cluster', says: 'held by rollout zoo of another bot (elsewhere)' },
  },
];
