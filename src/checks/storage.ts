// Checks on storage that heals itself: draining a node takes one of its copies away, so all of them must be there before.
import type { CephView } from '../cluster/estate/neighbours.ts';
import { listed } from '../cluster/listed.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { counted, fullName, judgedIfThere, orWell, type Trouble } from './asked-of-kubernetes.ts';
import type { Finding } from './finding.ts';
import { quoted } from './quoted.ts';
import type { Companion } from './together.ts';

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
  const whys = ceph.details.map(
    ({ name, message }) => `${name}${message === '' ? '' : ` (${quoted(message)})`}`,
  );
  const sentence = `Ceph ${fullName(ceph)} reports ${ceph.health === '' ? 'nothing' : ceph.health}${whys.length === 0 ? '' : `: ${quoted(listed(whys))}`}.`;
  if (ceph.health === '') return [{ level: 'unknown', sentence, advice: 'Look at the Rook operator.' }];
  return [
    { level: harmless ? 'warning' : 'blocker', sentence, advice: harmless ? null : 'Wait until it is well.' },
  ];
}

/** What Rook calls the pods that hold data, and those that vote about it. */
const CEPH_PODS = ['rook-ceph-osd', 'rook-ceph-mon'];

/**
 * Copies of the same data stay apart (kubernetes.md 4.3): of a Longhorn volume that is in use, and of a Ceph, which heals one node
 * before it can lose the next. Between two batches all of it must be whole again, as before every node.
 */
export const copiesApart: Companion = ({ estate }) => {
  const longhorn = estate?.longhorn;
  const pods = estate?.pods;
  if (longhorn?.kind !== 'said' || pods?.kind !== 'said')
    return () => 'nobody tells where copies of data lie';
  const used = (longhorn.value?.volumes ?? []).filter(({ state }) => state !== 'detached');
  if (used.some(({ copies }) => copies === undefined))
    return () => 'Longhorn does not tell where the copies of its volumes lie';
  const lying = [
    ...used.flatMap(({ name, copies = [] }) =>
      copies.map((node) => ({ node, name: `Longhorn volume ${name}` })),
    ),
    ...pods.value
      .filter(({ labels }) => CEPH_PODS.includes(labels['app'] ?? ''))
      .map(({ node, namespace }) => ({ node: node ?? '', name: `Ceph ${namespace}` })),
  ];
  const held = new Map(
    [...Map.groupBy(lying, ({ node }) => node)].map(([node, mine]) => [
      node,
      new Set(mine.map(({ name }) => name)),
    ]),
  );
  return (others, next) => {
    for (const name of held.get(next) ?? []) {
      const other = others.find((node) => held.get(node)?.has(name) === true);
      if (other !== undefined) return `${name} has copies on ${other} as well`;
    }
    return null;
  };
};

/** True for a node on which copies of data lie, as far as that is told. */
export function holdsData({ estate }: Snapshot): (node: string) => boolean {
  const longhorn = estate?.longhorn.kind === 'said' ? estate.longhorn.value : null;
  const pods = estate?.pods.kind === 'said' ? estate.pods.value : [];
  const nodes = new Set([
    ...(longhorn?.volumes ?? []).flatMap(({ node, copies = [] }) => [node, ...copies]),
    ...pods.filter(({ labels }) => CEPH_PODS.includes(labels['app'] ?? '')).map(({ node }) => node),
  ]);
  return (node) => nodes.has(node);
}
