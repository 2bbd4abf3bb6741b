// The owners of pods as stored objects, and what kind of pod each of them wants where.

import { type DeploymentSpec, staticComponents, type WorkloadSet } from './default-workloads.ts';
import { controlPlaneLabel } from './node-object.ts';
import type { ObjectStore } from './object-store.ts';
import {
  type BudgetObject,
  type Labels,
  type NodeObject,
  type OwnerReference,
  timeText,
  type WorkloadObject,
} from './objects.ts';
import type { PodTemplate } from './pod-object.ts';

/** What a pod is made from. `podName` is fixed for mirrors and generated for all others. */
export interface PodSource {
  readonly template: PodTemplate;
  readonly owner: OwnerReference;
  readonly mirrorOf: string | null;
  readonly podName: string | null;
}

export interface ReplicaSource {
  readonly template: PodTemplate;
  readonly owner: OwnerReference;
  readonly replicas: number;
}

export interface Workloads {
  readonly replicas: readonly ReplicaSource[];
  /** The pods that belong to this node: daemons everywhere, static pods on the control plane. */
  sourcesOf(node: NodeObject): readonly PodSource[];
}

/** Static pods end at once when the kubelet is told to; their grace is what Talos writes into them. */
const staticGraceSeconds = 30;

function labelsOf(namespace: string, app: string): Labels {
  return namespace === 'kube-system' ? { app, 'k8s-app': app } : { app };
}

function owner(object: WorkloadObject | NodeObject): OwnerReference {
  const { name, uid } = object.metadata;
  return { apiVersion: object.apiVersion, kind: object.kind, name, uid, controller: true };
}

/** Puts one there, as far as a drain asks whether the owner of a pod still exists. */
export function storeWorkload(
  store: ObjectStore,
  at: {
    readonly kind: WorkloadObject['kind'];
    readonly namespace: string;
    readonly name: string;
    readonly nowMs: number;
  },
  replicas?: number,
): WorkloadObject {
  const { kind, namespace, name, nowMs } = at;
  const metadata = {
    name,
    namespace,
    uid: store.newUid(),
    resourceVersion: '',
    generation: 1,
    creationTimestamp: timeText(nowMs),
  };
  const spec = { selector: { matchLabels: { app: name } }, ...(replicas === undefined ? {} : { replicas }) };
  const object: WorkloadObject = { apiVersion: 'apps/v1', kind, metadata, spec };
  return store.put(kind === 'Deployment' ? 'deployments' : 'daemonsets', object);
}

function replicaSource(store: ObjectStore, spec: DeploymentSpec, nowMs: number): ReplicaSource {
  const { namespace, name, replicas, image, graceSeconds, volumes, toleratesControlPlane } = spec;
  storeWorkload(store, { kind: 'Deployment', namespace, name, nowMs }, replicas);
  const hash = `${name.length}d5f9c7b4d`;
  // The ReplicaSet in between is not stored: only its reference on the pods is ever read.
  const replicaSet: OwnerReference = {
    apiVersion: 'apps/v1',
    kind: 'ReplicaSet',
    name: `${name}-${hash}`,
    uid: store.newUid(),
    controller: true,
  };
  const labels = { ...labelsOf(namespace, name), 'pod-template-hash': hash };
  const template = { namespace, app: name, image, labels, graceSeconds, volumes, toleratesControlPlane };
  return { template, owner: replicaSet, replicas };
}

function staticSource(node: NodeObject, component: string): PodSource {
  const version = node.status.nodeInfo['kubeletVersion'] ?? '';
  const template = {
    namespace: 'kube-system',
    app: component,
    image: `registry.k8s.io/${component}:${version}`,
    labels: { ...labelsOf('kube-system', component), tier: 'control-plane', component },
    graceSeconds: staticGraceSeconds,
    volumes: [{ name: 'secrets', hostPath: { path: `/system/secrets/kubernetes/${component}` } }],
    toleratesControlPlane: true,
  };
  const name = `${component}-${node.metadata.name}`;
  return { template, owner: owner(node), mirrorOf: `config-${name}`, podName: name };
}

/** Stores Deployments and DaemonSets and returns what the pod controller needs to know about them. */
export function storeWorkloads(store: ObjectStore, set: WorkloadSet, nowMs: number): Workloads {
  const replicas = set.deployments.map((spec) => replicaSource(store, spec, nowMs));
  const daemons = set.daemons.map(({ namespace, name, image }): PodSource => {
    const daemonSet = storeWorkload(store, { kind: 'DaemonSet', namespace, name, nowMs });
    const template = {
      namespace,
      app: name,
      image,
      labels: labelsOf(namespace, name),
      graceSeconds: staticGraceSeconds,
      volumes: [{ name: 'run', hostPath: { path: '/run' } }],
      toleratesControlPlane: true,
    };
    return { template, owner: owner(daemonSet), mirrorOf: null, podName: null };
  });
  return {
    replicas,
    sourcesOf: (node) => {
      const controlPlane = node.metadata.labels?.[controlPlaneLabel] !== undefined;
      const mirrors = controlPlane ? staticComponents.map((component) => staticSource(node, component)) : [];
      return [...daemons, ...mirrors];
    },
  };
}

/** A budget as it is stored first; its status is computed when the pods are known. */
export function newBudget(spec: WorkloadSet['budgets'][number], uid: string, nowMs: number): BudgetObject {
  const { namespace, name, app, limits } = spec;
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: {
      name,
      namespace,
      uid,
      resourceVersion: '',
      generation: 1,
      creationTimestamp: timeText(nowMs),
    },
    spec: { ...limits, selector: { matchLabels: { app } } },
    status: {
      observedGeneration: 0,
      disruptionsAllowed: 0,
      currentHealthy: 0,
      desiredHealthy: 0,
      expectedPods: 0,
      conditions: [],
    },
  };
}
