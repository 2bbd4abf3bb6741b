// How a Talos machine looks as a Kubernetes Node, and what the node controller adds to it.
import type { KubernetesNode } from '../kubernetes-side.ts';
import { type Condition, type NodeObject, type Taint, timeText, withCondition } from './objects.ts';

export const controlPlaneLabel = 'node-role.kubernetes.io/control-plane';
const zoneLabel = 'topology.kubernetes.io/zone';
export const schematicAnnotation = 'extensions.talos.dev/schematic';

/** The taints that the node controller owns; nobody else edits them (kubernetes.md 2.1). */
const unschedulableTaint = 'node.kubernetes.io/unschedulable';
const notReadyTaint = 'node.kubernetes.io/not-ready';
const unreachableTaint = 'node.kubernetes.io/unreachable';
const ownedTaints: readonly string[] = [unschedulableTaint, notReadyTaint, unreachableTaint];

/** `ready`; `stopping` = the kubelet said goodbye; `silent` = nothing heard for longer than the grace period. */
export type NodeHealth = 'ready' | 'stopping' | 'silent';

const readyConditions: Readonly<Record<NodeHealth, Pick<Condition, 'status' | 'reason' | 'message'>>> = {
  ready: { status: 'True', reason: 'KubeletReady', message: 'kubelet is posting ready status' },
  stopping: { status: 'False', reason: 'KubeletNotReady', message: 'node is shutting down' },
  silent: { status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' },
};

const quietConditions: readonly {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
}[] = [
  {
    type: 'MemoryPressure',
    reason: 'KubeletHasSufficientMemory',
    message: 'kubelet has sufficient memory available',
  },
  { type: 'DiskPressure', reason: 'KubeletHasNoDiskPressure', message: 'kubelet has no disk pressure' },
  { type: 'PIDPressure', reason: 'KubeletHasSufficientPID', message: 'kubelet has sufficient PID available' },
];

function osImage(talosVersion: string): string {
  return `Talos (${withV(talosVersion)})`;
}

function withV(version: string): string {
  return version.startsWith('v') ? version : `v${version}`;
}

function conditionsAt(nowText: string): readonly Condition[] {
  return quietConditions.map((quiet) => ({
    ...quiet,
    status: 'False',
    lastTransitionTime: nowText,
    lastHeartbeatTime: nowText,
  }));
}

export interface NewNode {
  readonly node: KubernetesNode;
  readonly uid: string;
  readonly nowMs: number;
  /** How many nodes the cluster had before: decides the pod network. */
  readonly index: number;
  /** Whether ordinary pods may land on control-plane nodes (clusters without workers). */
  readonly controlPlaneSchedulable: boolean;
}

/** A Node that has just registered and is Ready. */
export function newNode({ node, uid, nowMs, index, controlPlaneSchedulable }: NewNode): NodeObject {
  const controlPlane = node.role === 'control-plane';
  const tainted = controlPlane && !controlPlaneSchedulable;
  const resources = { cpu: '4', memory: '8141380Ki', pods: '110', 'ephemeral-storage': '39542Mi' };
  const object: NodeObject = {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: {
      name: node.name,
      uid,
      resourceVersion: '',
      creationTimestamp: timeText(nowMs),
      labels: {
        'kubernetes.io/hostname': node.name,
        'kubernetes.io/os': 'linux',
        'kubernetes.io/arch': 'amd64',
        ...(controlPlane ? { [controlPlaneLabel]: '' } : {}),
        ...(node.zone === undefined ? {} : { [zoneLabel]: node.zone }),
      },
      annotations: { [schematicAnnotation]: node.schematic, 'talos.dev/owned-labels': '[]' },
    },
    spec: {
      podCIDR: `10.244.${index}.0/24`,
      ...(tainted ? { taints: [{ key: controlPlaneLabel, effect: 'NoSchedule' as const }] } : {}),
    },
    status: {
      capacity: resources,
      allocatable: resources,
      addresses: [
        { type: 'InternalIP', address: node.address },
        { type: 'Hostname', address: node.name },
      ],
      conditions: conditionsAt(timeText(nowMs)),
      nodeInfo: {
        architecture: 'amd64',
        bootID: node.bootId ?? uid,
        containerRuntimeVersion: 'containerd://2.1.5',
        kernelVersion: '6.12.57-talos',
        kubeProxyVersion: '',
        kubeletVersion: withV(node.kubernetesVersion),
        machineID: uid.replaceAll('-', ''),
        operatingSystem: 'linux',
        osImage: osImage(node.talosVersion),
        systemUUID: uid,
      },
    },
  };
  return withHealth(object, 'ready', nowMs);
}

/** Sets the Ready condition; the taints follow it. */
export function withHealth(node: NodeObject, health: NodeHealth, nowMs: number): NodeObject {
  const now = timeText(nowMs);
  const ready: Condition = {
    type: 'Ready',
    ...readyConditions[health],
    lastTransitionTime: now,
    lastHeartbeatTime: now,
  };
  const status = { ...node.status, conditions: withCondition(node.status.conditions, ready) };
  return withOwnedTaints({ ...node, status }, nowMs);
}

export function withTalosVersion(node: NodeObject, talosVersion: string): NodeObject {
  return withNodeInfo(node, { osImage: osImage(talosVersion) });
}

export function withNodeInfo(node: NodeObject, changed: Readonly<Record<string, string>>): NodeObject {
  return { ...node, status: { ...node.status, nodeInfo: { ...node.status.nodeInfo, ...changed } } };
}

/** Brings the taints owned by the node controller in line with the spec and the Ready condition. */
export function withOwnedTaints(node: NodeObject, nowMs: number): NodeObject {
  const ready = node.status.conditions.find((condition) => condition.type === 'Ready')?.status;
  const wanted: Omit<Taint, 'timeAdded'>[] = [];
  if (node.spec.unschedulable) wanted.push({ key: unschedulableTaint, effect: 'NoSchedule' });
  const sick = ready === 'False' ? notReadyTaint : unreachableTaint;
  if (ready !== 'True') wanted.push({ key: sick, effect: 'NoSchedule' }, { key: sick, effect: 'NoExecute' });
  const before = node.spec.taints ?? [];
  const owned = wanted.map((taint) => {
    const same = before.find((known) => known.key === taint.key && known.effect === taint.effect);
    return same ?? { ...taint, timeAdded: timeText(nowMs) };
  });
  const taints = [...before.filter((taint) => !ownedTaints.includes(taint.key)), ...owned];
  const { taints: _replaced, ...spec } = node.spec;
  return { ...node, spec: taints.length === 0 ? spec : { ...spec, taints } };
}
