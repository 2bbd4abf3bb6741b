// Velero, Longhorn and Rook Ceph objects as the checks see them (kubernetes.md 3.5, 3.6).
import type { CephView, LonghornView, VeleroView } from '../../cluster/estate/neighbours.ts';
import { nameOf, numberAt, type Plain, plainAt, textAt, timeAt, trueAt } from './plain.ts';

/** Velero's namespace when nothing says another. */
const VELERO = 'velero';

export function veleroView(backups: readonly Plain[], locations: readonly Plain[]): VeleroView {
  const [first] = [...locations, ...backups];
  return {
    namespace: first === undefined ? VELERO : nameOf(first).namespace,
    backups: backups.map((backup) => ({
      name: nameOf(backup).name,
      // Empty until the controller has seen it.
      phase: textAt(backup, 'status', 'phase') || 'New',
      completedAt: timeAt(backup, 'status', 'completionTimestamp'),
    })),
    locations: locations.map((location) => ({
      name: nameOf(location).name,
      available: textAt(location, 'status', 'phase') === 'Available',
      readOnly: textAt(location, 'spec', 'accessMode') === 'ReadOnly',
      isDefault: trueAt(location, 'spec', 'default'),
    })),
  };
}

const DRAIN_POLICY = 'node-drain-policy';

/** `replicas`: null where they cannot be listed. */
export function longhornView(
  volumes: readonly Plain[],
  settings: readonly Plain[],
  replicas: readonly Plain[] | null = null,
): LonghornView {
  const byVolume =
    replicas === null ? null : Map.groupBy(replicas, (replica) => textAt(replica, 'spec', 'volumeName'));
  const policy = settings.find((setting) => nameOf(setting).name === DRAIN_POLICY);
  return {
    volumes: volumes.map((volume) => ({
      name: nameOf(volume).name,
      robustness: textAt(volume, 'status', 'robustness') || 'unknown',
      state: textAt(volume, 'status', 'state'),
      replicas: numberAt(volume, 'spec', 'numberOfReplicas') ?? 0,
      node: textAt(volume, 'status', 'currentNodeID') || null,
      ...(byVolume === null ? {} : { copies: nodesOf(byVolume.get(nameOf(volume).name) ?? []) }),
    })),
    drainPolicy: textAt(policy, 'value') || null,
  };
}

/** Of replicas that have a place; one that waits for it has none. */
function nodesOf(replicas: readonly Plain[]): readonly string[] {
  return [...new Set(replicas.map((replica) => textAt(replica, 'spec', 'nodeID')))].filter(
    (node) => node !== '',
  );
}

export function cephView(ceph: Plain): CephView {
  return {
    ...nameOf(ceph),
    health: textAt(ceph, 'status', 'ceph', 'health'),
    details: Object.entries(plainAt(ceph, 'status', 'ceph', 'details')).map(([name, detail]) => ({
      name,
      severity: textAt(detail, 'severity'),
      message: textAt(detail, 'message'),
    })),
  };
}
