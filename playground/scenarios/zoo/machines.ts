// The exhibits about machines, etcd and what is asked for.
import { A_FOLLOWER, type Exhibit } from './exhibit.ts';

const DAY_MS = 86_400_000;

export const MACHINES: readonly Exhibit[] = [
  {
    check: 'access-lasts',
    credentials: { lifetimeMs: DAY_MS },
    ...{ level: 'blocker', subject: 'cluster', says: 'Our Talos client certificate ends on' },
  },
  {
    check: 'access-role',
    credentials: { roles: ['os:reader'] },
    ...{ level: 'blocker', subject: 'cluster', says: 'may neither upgrade nor roll back' },
  },
  {
    check: 'machine-answers',
    fault: { name: 'node-down', node: 'w-3' },
    ...{ level: 'unknown', subject: 'w-3', says: 'does not answer its Talos API' },
  },
  {
    check: 'nodes-match',
    fault: { name: 'stale-node' },
    ...{ level: 'blocker', subject: 'w-gone', says: 'is a Kubernetes node but no Talos machine' },
  },
  {
    check: 'machine-ready',
    fault: { name: 'service-sick', node: 'w-1' },
    ...{ level: 'blocker', subject: 'w-1', says: 'is running and not ready' },
  },
  {
    check: 'machine-settled',
    fault: { name: 'upgrade-unfinished', node: 'w-1' },
    ...{ level: 'blocker', subject: 'w-1', says: 'never finished its last upgrade' },
  },
  {
    check: 'services',
    fault: { name: 'service-sick', node: 'w-1' },
    ...{ level: 'warning', subject: 'w-1', says: 'The service kubelet on w-1 is not healthy' },
  },
  {
    check: 'diagnostics',
    fault: { name: 'service-sick', node: 'w-1' },
    ...{ level: 'warning', subject: 'w-1', says: 'Talos complains on w-1' },
  },
  {
    check: 'volumes',
    fault: { name: 'volume-fails', node: 'w-1' },
    ...{ level: 'blocker', subject: 'w-1', says: 'The volume EPHEMERAL on w-1 is failed' },
  },
  {
    check: 'time-sync',
    fault: { name: 'time-unsynced', node: 'w-1' },
    ...{ level: 'blocker', subject: 'w-1', says: 'is not in step with any time server' },
  },
  {
    check: 'disk-space',
    fault: { name: 'disk-fills', node: 'w-1' },
    ...{ level: 'blocker', subject: 'w-1', says: 'EPHEMERAL on w-1 has' },
  },
  {
    check: 'omni',
    fault: { name: 'siderolink', node: 'w-1' },
    ...{ level: 'blocker', subject: 'w-1', says: 'omni.example.com' },
  },
  {
    check: 'unpinned-images',
    fault: { name: 'image-unpinned', node: 'w-1' },
    ...{ asked: 'v1.14.0', level: 'blocker', subject: 'w-1', says: 'names no image for kubelet' },
  },
  {
    check: 'install-disk',
    fault: { name: 'install-disk', node: 'w-1' },
    ...{ level: 'warning', subject: 'w-1', says: 'would install it on /dev/vda' },
  },
  {
    check: 'kernel-arguments',
    fault: { name: 'kernel-arguments', node: 'w-1' },
    ...{
      level: 'warning',
      subject: 'w-1',
      says: 'kernel arguments in the configuration of w-1 (net.ifnames)',
    },
  },
  {
    check: 'etcd-quorum',
    // A leader cannot be a learner: etcd would lose it first, and that is another finding.
    fault: { name: 'etcd-learner', node: A_FOLLOWER },
    ...{ level: 'blocker', subject: 'etcd', says: 'learner' },
  },
  {
    check: 'etcd-size',
    fault: { name: 'etcd-grows' },
    ...{ level: 'warning', subject: 'etcd', says: 'MiB' },
  },
  {
    check: 'etcd-versions',
    fault: { name: 'etcd-version', node: 'cp-2' },
    ...{ level: 'warning', subject: 'cp-2', says: 'The members of etcd run different versions of etcd' },
  },
  {
    check: 'legal-hop',
    asked: 'v1.15.0',
    ...{ level: 'blocker', subject: 'cp-1', says: 'cp-1: ' },
  },
  {
    check: 'kubernetes-images',
    asked: 'v1.14.0',
    ...{ level: 'blocker', subject: 'cp-1', says: 'is made for kube' },
  },
  {
    check: 'installer-image',
    fault: { name: 'factory-unavailable' },
    asked: 'v1.13.5 --extensions +iscsi-tools',
    ...{ level: 'unknown', subject: 'cp-1', says: 'cp-1: ' },
  },
  {
    check: 'extensions',
    asked: 'v1.13.5 --extensions -iscsi-tools',
    ...{ level: 'warning', subject: 'cluster', says: 'so there is nothing to remove' },
  },
  {
    check: 'image-exists',
    fault: { name: 'factory-missing' },
    // Not asked for by any other row: the bot remembers for some minutes which images exist.
    asked: 'v1.13.6',
    ...{ level: 'blocker', subject: 'cp-1', says: 'does not exist' },
  },
  {
    check: 'reboot-mode',
    asked: 'v1.13.5 --reboot-mode force',
    ...{ level: 'warning', subject: 'machines', says: 'Reboot mode force stops nothing' },
  },
  {
    check: 'staged',
    asked: 'v1.13.5 --stage',
    ...{ level: 'warning', subject: 'cp-1', says: 'will be armed from the installation' },
  },
];
