// The exhibits about what a cluster's configuration asks for besides: backups, and neighbours who are left alone meanwhile.
import type { Exhibit } from './exhibit.ts';

/** Velero backs up, and two Kustomizations are suspended; only one of them is there as long as all is well. */
export const ASKED_FOR = {
  backup: { velero: {} },
  neighbours: {
    flux: [
      { kind: 'Kustomization', namespace: 'flux-system', name: 'apps' },
      { kind: 'Kustomization', namespace: 'flux-system', name: 'nested' },
    ],
  },
} as const;

export const POLICIES: readonly Exhibit[] = [
  {
    check: 'backup',
    fault: { name: 'velero-gone' },
    ...{
      level: 'blocker',
      subject: 'cluster',
      says: 'asks for a Velero backup, and Velero is not installed',
    },
  },
  {
    check: 'neighbours',
    fault: { name: 'flux-nested' },
    ...{
      level: 'warning',
      subject: 'cluster',
      says: 'Kustomization flux-system/nested is applied by Kustomization flux-system/root',
    },
  },
  {
    check: 'canary',
    configuration: { policy: { order: 'canary', canary: { node: 'w-9' } } },
    ...{ level: 'blocker', subject: 'w-9', says: 'The policy names w-9 as the canary' },
  },
  {
    check: 'etcd-snapshot',
    configuration: { archive: undefined },
    ...{ level: 'warning', subject: 'cluster', says: 'No etcd snapshot will be taken' },
  },
];

/** Of a cluster with a single control-plane node. */
export const ALONE: readonly Exhibit[] = [
  {
    check: 'etcd-copy',
    configuration: { archive: undefined },
    ...{
      level: 'blocker',
      subject: 'cluster',
      says: 'cp-1 has the only member of etcd, and there is no archive',
    },
  },
];
