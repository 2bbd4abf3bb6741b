// Checks on pods: which do not run now, and which a drain would hurt.
import { type PodView, workloadOf } from '../cluster/estate/pods.ts';
import { listed } from '../cluster/listed.ts';
import { drainVerdict } from '../cluster/pod.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { counted, fullName, judged, LET_READ, orWell, type Trouble } from './asked-of-kubernetes.ts';
import { nodesWithoutElsewhere } from './elsewhere.ts';
import type { Finding } from './finding.ts';

/** A pod that waits for less than this is only starting (kubernetes.md 3.2). */
const STARTING_MS = 5 * 60_000;
const SYSTEM = 'kube-system';

export function isFinished({ phase }: PodView): boolean {
  return phase === 'Succeeded' || phase === 'Failed';
}

/** True for a pod that a drain evicts from its node and that is somebody's work. */
export function isEvicted(pod: PodView): boolean {
  const about = { phase: pod.phase, ownerKind: pod.owner?.kind ?? null, mirror: pod.mirror };
  return pod.node !== null && !isFinished(pod) && !pod.deleting && drainVerdict(about) === 'evict';
}

/** The same where its node is drained at all. */
export function isDrained(snapshot: Snapshot): (pod: PodView) => boolean {
  const staying = nodesWithoutElsewhere(snapshot);
  return (pod) => isEvicted(pod) && !staying.has(pod.node ?? '');
}

export function isSick(pod: PodView, at: number): boolean {
  if (isFinished(pod) || pod.deleting || pod.mirror) return false;
  return !pod.ready && (pod.waiting !== null || at - pod.createdAt > STARTING_MS);
}

/** Expects the cluster's own pods to run: a network or DNS that is down now will not be better after a restart. */
export function systemPodsRun(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'system-pods', subject: 'pods', what: 'the pods of kube-system' } as const;
  return judged(about, snapshot, (pods) => {
    const system = pods.filter((pod) => pod.namespace === SYSTEM);
    const running = new Set(system.filter((pod) => pod.ready).map(workloadOf));
    const troubles = system
      .filter((pod) => isSick(pod, snapshot.at))
      .map((pod): Trouble => {
        const everywhere = pod.owner?.kind === 'DaemonSet' || !running.has(workloadOf(pod));
        const why = pod.waiting === null ? '' : ` (${pod.waiting})`;
        return {
          level: everywhere ? 'blocker' : 'warning',
          subject: pod.node ?? pod.name,
          sentence: `${fullName(pod)}${pod.node === null ? '' : ` on ${pod.node}`} is not ready${why}.`,
          advice: `Repair it first: \`kubectl -n ${SYSTEM} describe pod ${pod.name}\`.`,
        };
      });
    return orWell(troubles, `The ${counted(system.length, 'pod')} of ${SYSTEM} run.`);
  });
}

/** Says which other pods do not run, so that after the upgrade only new troubles count. */
export function podsRun(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'pods-running', subject: 'pods', what: 'pods' } as const;
  return judged(about, snapshot, (pods) => {
    const sick = pods.filter((pod) => pod.namespace !== SYSTEM && isSick(pod, snapshot.at));
    const byWhy = Map.groupBy(sick, (pod) => pod.waiting ?? pod.phase);
    const troubles = [...byWhy].map(
      ([why, group]): Trouble => ({
        level: 'warning',
        sentence: `${counted(group.length, 'pod')} not ready (${why}): ${listed(group.map(fullName))}.`,
        advice: 'They are not counted against the upgrade; only pods that fall ill later are.',
      }),
    );
    return orWell(troubles, `All ${counted(pods.length, 'pod')} run or have finished.`);
  });
}

/** Warns about work that exists once: it is down from its eviction until it runs elsewhere. */
export function workIsReplicated(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'single-replicas', subject: 'pods', what: 'pods' } as const;
  return judged(about, snapshot, (pods) => {
    const lasting = pods
      .filter(isDrained(snapshot))
      .filter(({ owner }) => owner !== null && owner.kind !== 'Job');
    const single = [...Map.groupBy(lasting, workloadOf)].filter(([, group]) => group.length === 1);
    if (single.length === 0) return 'Everything a drain evicts runs more than once.';
    const names = single.map(([owner]) => owner);
    const sentence = `${counted(names.length, 'workload')} with a single replica will be down for a moment: ${listed(names)}.`;
    return [{ level: 'warning', sentence, advice: 'Scale up what must not pause.' }];
  });
}

/** Warns about pods that nobody creates again. */
export function podsAreManaged(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'unmanaged-pods', subject: 'pods', what: 'pods' } as const;
  return judged(about, snapshot, (pods) => {
    const bare = pods.filter(isDrained(snapshot)).filter(({ owner }) => owner === null);
    if (bare.length === 0) return 'Every pod that a drain evicts is created again by its owner.';
    const sentence = `${counted(bare.length, 'pod')} without an owner will be evicted and not come back: ${listed(bare.map(fullName))}.`;
    return [{ level: 'warning', sentence, advice: 'Save what they do, or let a Deployment own them.' }];
  });
}

/** Warns about data that lives and dies with its pod. */
export function emptyDirsMayGo(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'empty-dirs', subject: 'pods', what: 'pods' } as const;
  return judged(about, snapshot, (pods) => {
    const losing = pods.filter(isDrained(snapshot)).filter(({ emptyDir }) => emptyDir);
    if (losing.length === 0) return 'No pod that a drain evicts keeps data in an emptyDir.';
    const sentence = `${counted(losing.length, 'pod')} will lose the data of an emptyDir: ${listed(losing.map(fullName))}.`;
    return [{ level: 'warning', sentence, advice: null }];
  });
}

/** Warns about pods whose volume exists on one node: they wait until it is back. */
export function volumesMayMove(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'local-volumes', subject: 'localVolumes', what: 'local volumes' } as const;
  const pods = snapshot.estate?.pods;
  return judged(about, snapshot, (volumes) => {
    if (pods?.kind !== 'said') {
      const sentence = 'Nothing is known about who uses local volumes.';
      return [{ level: 'unknown', sentence, advice: LET_READ }];
    }
    const local = new Set(volumes.flatMap(({ claim }) => (claim === null ? [] : [fullName(claim)])));
    const bound = pods.value
      .filter(isDrained(snapshot))
      .filter(({ namespace, claims }) => claims.some((claim) => local.has(`${namespace}/${claim}`)));
    if (bound.length === 0) return 'No pod is bound to a node by its volume.';
    const sentence = `${counted(bound.length, 'pod')} will stay down until the node with their volume is back: ${listed(bound.map(fullName))}.`;
    return [{ level: 'warning', sentence, advice: null }];
  });
}
