// Builders of the simulator's pods: replicas, daemon pods and the mirrors of static pods.
import {
  type Condition,
  type Labels,
  type OwnerReference,
  type PodObject,
  timeText,
  type Volume,
  withCondition,
} from './objects.ts';

export const mirrorAnnotation = 'kubernetes.io/config.mirror';

/** What all pods of one workload have in common. */
export interface PodTemplate {
  readonly namespace: string;
  readonly app: string;
  readonly image: string;
  readonly labels: Labels;
  readonly graceSeconds: number;
  readonly volumes: readonly Volume[];
  readonly toleratesControlPlane: boolean;
}

export interface NewPod {
  readonly name: string;
  readonly uid: string;
  readonly nowMs: number;
  readonly template: PodTemplate;
  readonly owner: OwnerReference | null;
  /** The uid of the pod's static source when this is a mirror, else null. */
  readonly mirrorOf: string | null;
}

/** A pod that is stored but not yet bound to a node. */
export function newPod({ name, uid, nowMs, template, owner, mirrorOf }: NewPod): PodObject {
  const annotations =
    mirrorOf === null
      ? {}
      : {
          [mirrorAnnotation]: mirrorOf,
          'kubernetes.io/config.hash': mirrorOf,
          'kubernetes.io/config.source': 'file',
          'kubernetes.io/config.seen': timeText(nowMs),
        };
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name,
      namespace: template.namespace,
      uid,
      resourceVersion: '',
      creationTimestamp: timeText(nowMs),
      labels: template.labels,
      ...(mirrorOf === null ? {} : { annotations }),
      ...(owner === null ? {} : { ownerReferences: [owner] }),
    },
    spec: {
      terminationGracePeriodSeconds: template.graceSeconds,
      containers: [{ name: template.app, image: template.image }],
      ...(template.volumes.length === 0 ? {} : { volumes: template.volumes }),
      ...(template.toleratesControlPlane ? { tolerations: [{ operator: 'Exists' as const }] } : {}),
    },
    status: { phase: 'Pending', conditions: [], containerStatuses: [] },
  };
}

function condition(type: string, yes: boolean, nowMs: number, why = { reason: '', message: '' }): Condition {
  return { type, status: yes ? 'True' : 'False', ...why, lastTransitionTime: timeText(nowMs) };
}

/** The pod the scheduler found no node for. */
export function unschedulable(pod: PodObject, message: string, nowMs: number): PodObject {
  const why = { reason: 'Unschedulable', message };
  const conditions = withCondition(pod.status.conditions, condition('PodScheduled', false, nowMs, why));
  return { ...pod, status: { ...pod.status, conditions } };
}

/** The pod bound to a node, its containers not yet started. */
export function bound(
  pod: PodObject,
  node: { readonly name: string; readonly address: string },
  nowMs: number,
): PodObject {
  const conditions = withCondition(pod.status.conditions, condition('PodScheduled', true, nowMs));
  return {
    ...pod,
    spec: { ...pod.spec, nodeName: node.name },
    status: { ...pod.status, hostIP: node.address, conditions },
  };
}

/** The pod with its containers up and passing (or failing) their readiness probes. */
export function running(pod: PodObject, ready: boolean, nowMs: number): PodObject {
  let { conditions } = pod.status;
  for (const type of ['Initialized', 'PodReadyToStartContainers']) {
    conditions = withCondition(conditions, condition(type, true, nowMs));
  }
  const why = ready
    ? { reason: '', message: '' }
    : { reason: 'ContainersNotReady', message: 'containers are not ready' };
  for (const type of ['ContainersReady', 'Ready']) {
    conditions = withCondition(conditions, condition(type, ready, nowMs, why));
  }
  const startedAt = timeText(nowMs);
  const containerStatuses = pod.spec.containers.map(({ name, image }, index) => ({
    name,
    image,
    imageID: `${image}@simulated`,
    ready,
    started: true,
    restartCount: pod.status.containerStatuses[index]?.restartCount ?? 0,
    state: pod.status.containerStatuses[index]?.state ?? { running: { startedAt } },
  }));
  const startTime = pod.status.startTime ?? startedAt;
  return { ...pod, status: { ...pod.status, phase: 'Running', startTime, conditions, containerStatuses } };
}

const KUBERNETES_IMAGE = /^(registry\.k8s\.io\/kube-(?:apiserver|controller-manager|scheduler|proxy)):.*$/;

/** The pod with its component of Kubernetes in this version; null for a pod of something else. */
export function withKubernetes(pod: PodObject, version: string, nowMs: number): PodObject | null {
  const containers = pod.spec.containers.map((one) => ({
    ...one,
    image: one.image.replace(KUBERNETES_IMAGE, `$1:${version}`),
  }));
  if (containers.every(({ image }, at) => image === pod.spec.containers[at]?.image)) return null;
  const ready = pod.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True');
  return running({ ...pod, spec: { ...pod.spec, containers } }, ready, nowMs);
}

/** Its container ends as often as it is started, after a restart of the node as well. */
export function crashes({ status }: PodObject): boolean {
  return status.containerStatuses.some(({ state }) => state['waiting']?.['reason'] === 'CrashLoopBackOff');
}

/** The pod after its node started again: the same object, its containers restarted. */
export function restarted(pod: PodObject, nowMs: number): PodObject {
  const containerStatuses = pod.status.containerStatuses.map((container) => ({
    ...container,
    restartCount: container.restartCount + 1,
    state: { running: { startedAt: timeText(nowMs) } },
  }));
  return { ...pod, status: { ...pod.status, containerStatuses } };
}

/** The pod marked for deletion; the deletion timestamp is the request plus the grace, as in the real API. */
export function terminating(pod: PodObject, graceSeconds: number, nowMs: number): PodObject {
  if (pod.metadata.deletionTimestamp !== undefined) return pod;
  const metadata = {
    ...pod.metadata,
    deletionTimestamp: timeText(nowMs + graceSeconds * 1_000),
    deletionGracePeriodSeconds: graceSeconds,
  };
  return { ...pod, metadata };
}

/** How long its containers take to stop, in milliseconds: a pod that says so does not go with all the others. */
export const stopsAfterAnnotation = 'playground/stops-after-ms';

export function stopsAfterMs({ metadata }: PodObject): number | null {
  const text = metadata.annotations?.[stopsAfterAnnotation];
  return text === undefined ? null : Number(text);
}

/** All containers have ended, and the kubelet has asked for its object to go at once; a finalizer keeps it. */
export function stopped(pod: PodObject, nowMs: number): PodObject {
  const { deletionTimestamp: before, ...rest } = pod.metadata;
  const at = before !== undefined && Date.parse(before) < nowMs ? before : timeText(nowMs);
  const metadata = { ...rest, deletionTimestamp: at, deletionGracePeriodSeconds: 0 };
  return { ...running(pod, false, nowMs), metadata };
}

/** The mark that an eviction, as opposed to a plain deletion, leaves on the pod. */
export function disrupted(pod: PodObject, nowMs: number): PodObject {
  const why = { reason: 'EvictionByEvictionAPI', message: 'Eviction API: evicting' };
  const conditions = withCondition(pod.status.conditions, condition('DisruptionTarget', true, nowMs, why));
  return { ...pod, status: { ...pod.status, conditions } };
}
