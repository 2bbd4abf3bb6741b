// A policy that asks for a backup and chooses neighbours, and neighbours as they are seen.
import type { NeighbourPolicy, NeighbourSeen } from '../../src/cluster/neighbour.ts';
import type { VeleroPolicy } from '../../src/rollout/policy.ts';

export function aVeleroPolicy(changed: Partial<VeleroPolicy> = {}): VeleroPolicy {
  return {
    namespace: 'velero',
    includedNamespaces: ['*'],
    excludedNamespaces: [],
    defaultVolumesToFsBackup: false,
    ttlMs: null,
    storageLocation: null,
    timeoutMs: 600_000,
    freshEnoughMs: null,
    ...changed,
  };
}

const ALL = { kind: null, namespace: null, name: '*', labels: {} };
export const EVERYBODY: NeighbourPolicy = { flux: [ALL], argo: [ALL] };

export function aNeighbour(name: string, changed: Partial<NeighbourSeen> = {}): NeighbourSeen {
  return {
    kind: 'Kustomization',
    namespace: 'flux-system',
    name,
    labels: {},
    suspended: false,
    appliedBy: null,
    ...changed,
  };
}
