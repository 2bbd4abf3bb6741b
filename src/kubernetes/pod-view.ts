// A Kubernetes Pod as the drain rules and the static-pod check see it.
import type { V1OwnerReference, V1Pod, V1Toleration } from '@kubernetes/client-node';
import { workloadOf } from '../cluster/estate/pods.ts';
import type { StaticPodView } from '../cluster/snapshot.ts';
import type { PodSeen } from '../engine/ports/workloads.ts';

const mirrorAnnotation = 'kubernetes.io/config.mirror';
const componentLabel = 'k8s-app';
/** What the node controller puts on a node that is unschedulable. */
export const cordonTaint = 'node.kubernetes.io/unschedulable';
/** What Kubernetes itself takes when a pod names no grace. */
const USUAL_GRACE_SECONDS = 30;

/** The static pods of a control-plane node on Talos; their label `k8s-app` carries the same name. */
export const staticComponents: readonly string[] = [
  'kube-apiserver',
  'kube-controller-manager',
  'kube-scheduler',
];
export const staticPodSelector = `${componentLabel} in (${staticComponents.join(',')})`;

const phases: readonly PodSeen['phase'][] = ['Pending', 'Running', 'Succeeded', 'Failed'];

export function isReady(pod: V1Pod): boolean {
  return (pod.status?.conditions ?? []).some(({ type, status }) => type === 'Ready' && status === 'True');
}

export function isMirror(pod: V1Pod): boolean {
  return pod.metadata?.annotations?.[mirrorAnnotation] !== undefined;
}

export function podPhase({ status }: V1Pod): PodSeen['phase'] {
  return phases.find((phase) => phase === status?.phase) ?? 'Unknown';
}

export function podSeen(pod: V1Pod): PodSeen {
  const { metadata, spec } = pod;
  // Only the controlling owner would create the pod again.
  const owner = metadata?.ownerReferences?.find((reference) => reference.controller === true);
  const graceSeconds =
    metadata?.deletionGracePeriodSeconds ?? spec?.terminationGracePeriodSeconds ?? USUAL_GRACE_SECONDS;
  const { namespace = '', name = '' } = metadata ?? {};
  return {
    namespace,
    name,
    uid: metadata?.uid ?? '',
    node: spec?.nodeName ?? '',
    phase: podPhase(pod),
    ready: isReady(pod),
    ownerKind: owner?.kind ?? null,
    workload: workloadOf({ namespace, name, owner: owner === undefined ? null : ownerOf(owner, pod) }),
    waiting: waitingOf(pod),
    mirror: isMirror(pod),
    emptyDir: (spec?.volumes ?? []).some((volume) => volume.emptyDir !== undefined),
    labels: metadata?.labels ?? {},
    claims: (spec?.volumes ?? []).flatMap(
      ({ persistentVolumeClaim }) => persistentVolumeClaim?.claimName ?? [],
    ),
    finalizers: metadata?.finalizers ?? [],
    deletingAt: metadata?.deletionTimestamp?.getTime() ?? null,
    graceMs: graceSeconds * 1_000,
    toleratesCordon: (spec?.tolerations ?? []).some(toleratesCordon),
  };
}

/** Of the taint that a cordoned node gets (kubernetes.md 2.1), whose value is empty. */
function toleratesCordon({ key = '', operator = 'Equal', value = '', effect = '' }: V1Toleration): boolean {
  if (effect !== '' && effect !== 'NoSchedule') return false;
  if (operator === 'Exists') return key === '' || key === cordonTaint;
  return key === cordonTaint && value === '';
}

/** Reasons for which a container waits that are nobody's mistake: it is only starting. */
const STARTING = ['ContainerCreating', 'PodInitializing'];

function waitingOf({ status }: V1Pod): string | null {
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const reasons = containers.map(({ state }) => state?.waiting?.reason ?? '');
  const reason = reasons.find((one) => one !== '' && !STARTING.includes(one));
  if (reason !== undefined) return reason;
  const placed = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  return placed?.status === 'False' ? (placed.reason ?? 'Unschedulable') : null;
}

/** People know their Deployment, not the ReplicaSet of this hour, whose name is the Deployment's and a hash. */
function ownerOf({ kind, name }: V1OwnerReference, { metadata }: V1Pod): { kind: string; name: string } {
  const hash = metadata?.labels?.['pod-template-hash'] ?? '';
  const hashed = kind === 'ReplicaSet' && hash !== '' && name.endsWith(`-${hash}`);
  return { kind, name: hashed ? name.slice(0, -hash.length - 1) : name };
}

/** Static pods by the node they mirror. A pod that is being deleted is not ready, whatever its condition still says. */
export function staticPodsByNode(pods: readonly V1Pod[]): ReadonlyMap<string, readonly StaticPodView[]> {
  const byNode = new Map<string, StaticPodView[]>();
  for (const pod of pods) {
    const component = pod.metadata?.labels?.[componentLabel] ?? '';
    const node = pod.spec?.nodeName;
    if (!isMirror(pod) || node === undefined || !staticComponents.includes(component)) continue;
    const ready = isReady(pod) && pod.metadata?.deletionTimestamp === undefined;
    byNode.set(node, [...(byNode.get(node) ?? []), { component, ready }]);
  }
  for (const views of byNode.values()) {
    views.sort(
      (left, right) => staticComponents.indexOf(left.component) - staticComponents.indexOf(right.component),
    );
  }
  return byNode;
}
