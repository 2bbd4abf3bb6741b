// Checks on storage that heals itself: draining a node takes one of its copies away, so all of them must be there before.
import type { CephView } from '../cluster/estate/neighbours.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { counted, fullName, judgedIfThere, listed, orWell, type Trouble } from './asked-of-kubernetes.ts';
import type { Finding } from './finding.ts';

/** Expects every Longhorn volume that is attached to have all its replicas: draining takes one away. */
export function longhornIsWhole(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'longhorn', subject: 'longhorn', what: 'Longhorn' } as const;
  return judgedIfThere(about, snapshot, ({ volumes, drainPolicy }) => {
    const faulted = volumes.filter(({ robustness }) => robustness === 'faulted').map(({ name }) => name);
    const degraded = volumes.filter(({ robustness }) => robustness === 'degraded').map(({ name }) => name);
    const alone = volumes.filter(({ replicas, state }) => replicas === 1 && state === 'attached');
    const troubles: Trouble[] = [
      ...blocker(faulted, 'Longhorn volumes without any healthy replica', 'Salvage them first.'),
      ...blocker(degraded, 'Longhorn is rebuilding', 'Wait until every volume is healthy.'),
    ];
    if (alone.length > 0 && drainPolicy !== 'always-allow') {
      const sentence = `Longhorn volumes with one replica will stop the drain of their node: ${listed(alone.map(({ name }) => name))}.`;
      troubles.push({ level: 'warning', sentence, advice: 'Add a replica, or change `node-drain-policy`.' });
    }
    return orWell(troubles, `${counted(volumes.length, 'Longhorn volume')} are whole.`);
  });
}

function blocker(names: readonly string[], what: string, advice: string): readonly Trouble[] {
  return names.length === 0 ? [] : [{ level: 'blocker', sentence: `${what}: ${listed(names)}.`, advice }];
}

/** Warnings of Ceph that say nothing about data (kubernetes.md 3.6). */
const HARMLESS_CEPH = [
  'RECENT_CRASH',
  'OSDMAP_FLAGS',
  'AUTH_INSECURE_GLOBAL_ID_RECLAIM_ALLOWED',
  'MON_DISK_LOW',
];

/** Expects Ceph to be well: draining takes its disks away one node at a time. */
export function cephIsWell(snapshot: Snapshot): readonly Finding[] {
  return judgedIfThere({ check: 'ceph', subject: 'ceph', what: 'Rook Ceph' }, snapshot, (clusters) =>
    orWell(clusters.flatMap(cephTrouble), `${counted(clusters.length, 'Ceph cluster')} report HEALTH_OK.`),
  );
}

function cephTrouble(ceph: CephView): readonly Trouble[] {
  if (ceph.health === 'HEALTH_OK') return [];
  const grave = ceph.details.filter(({ name }) => !HARMLESS_CEPH.includes(name));
  const harmless = ceph.health === 'HEALTH_WARN' && ceph.details.length > 0 && grave.length === 0;
  const whys = ceph.details.map(({ name, message }) => `${name}${message === '' ? '' : ` (${message})`}`);
  const sentence = `Ceph ${fullName(ceph)} reports ${ceph.health === '' ? 'nothing' : ceph.health}${whys.length === 0 ? '' : `: ${listed(whys)}`}.`;
  if (ceph.health === '') return [{ level: 'unknown', sentence, advice: 'Look at the Rook operator.' }];
  return [
    { level: harmless ? 'warning' : 'blocker', sentence, advice: harmless ? null : 'Wait until it is well.' },
  ];
}
