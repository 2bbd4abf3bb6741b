// The port Workloads over the simulated Kubernetes objects, without HTTP: the same answers and Faults, held to them by test/contracts.
import { type BudgetView, workloadOf } from '../../src/cluster/estate/pods.ts';
import type { StaticPodView, WorkloadNodeView } from '../../src/cluster/snapshot.ts';
import { Fault, type FaultKind } from '../../src/engine/ports/fault.ts';
import type { May } from '../../src/engine/ports/machines.ts';
import type {
  Cordoned,
  CordonFound,
  EvictAnswer,
  PodSeen,
  Workloads,
} from '../../src/engine/ports/workloads.ts';
import { withheld } from '../../src/kubernetes/fault.ts';
import { cordonedByAnnotation, wasUnschedulableAnnotation } from '../../src/kubernetes/node-view.ts';
import { cordonTaint, staticComponents } from '../../src/kubernetes/pod-view.ts';
import type { KubernetesObjects } from '../world/kubernetes/kubernetes-objects.ts';
import { controlPlaneLabel } from '../world/kubernetes/node-object.ts';
import { type BudgetObject, isTrue, type NodeObject, type PodObject } from '../world/kubernetes/objects.ts';
import { mirrorAnnotation } from '../world/kubernetes/pod-object.ts';
import type { ApiAnswer, StatusBody } from '../world/kubernetes/statuses.ts';
import { attachmentsOf } from './attached.ts';

/** Every act has its whole effect before its promise is returned: whoever crashes then crashes after it. */
export function simulatedWorkloads(objects: KubernetesObjects): Workloads {
  const { api } = objects;
  const asked = <T extends object>(doing: string, ask: () => ApiAnswer<T>): T => {
    mustBeUp(objects, doing);
    const answer = ask();
    if (answer.kind === 'refused') throw faultOf(answer.status, doing);
    return answer.object;
  };
  const pods = (fieldSelector: string, doing: string): readonly PodObject[] => {
    const page = asked(doing, () => api.list('pods', { fieldSelector }));
    return page.items.filter((item): item is PodObject => item.kind === 'Pod');
  };
  const patched = (name: string, { doing, may }: Act, patch: object): void => {
    if (may?.() === false) throw withheld({ kind: 'write', doing });
    asked(doing, () => api.patchNode(name, { patch, kind: 'merge', dryRun: false }));
  };
  return {
    nodes: async () => {
      const page = asked('to list nodes', () => api.list('nodes', {}));
      return page.items.filter((item): item is NodeObject => item.kind === 'Node').map(nodeView);
    },
    staticPods: async () => staticPodsByNode(pods('metadata.namespace=kube-system', 'to list static pods')),
    podsOn: async (node) =>
      pods(`spec.nodeName=${node}`, `to list the pods on ${node}`).map((pod) => {
        const owner = pod.metadata.ownerReferences?.find(({ controller }) => controller);
        const { namespace = '' } = pod.metadata;
        const lost =
          owner?.kind === 'DaemonSet' && api.get('daemonsets', namespace, owner.name).kind === 'refused';
        return { ...podSeen(pod), ...(lost ? { ownerKind: null } : {}) };
      }),
    cordon: async (name, mark, { may, first } = {}) => {
      const doing = `to cordon ${name}`;
      const node = asked(doing, () => api.get('nodes', undefined, name));
      const { answer, patch } = cordonOf(node, mark, first);
      if (patch !== null) patched(name, { doing, may }, patch);
      return answer;
    },
    uncordon: async (name, mark, { may, unseen = false } = {}) => {
      const doing = `to uncordon ${name}`;
      mustBeUp(objects, doing);
      const node = api.get('nodes', undefined, name);
      if (node.kind === 'refused') return { restored: 'not-ours' };
      if (unseen && markOf(node.object) === null) {
        for (const value of ['true', null])
          patched(
            name,
            { doing, may },
            { metadata: { annotations: { [wasUnschedulableAnnotation]: value } } },
          );
      }
      if (markOf(node.object) !== mark) return { restored: 'not-ours' };
      const { restored, patch } = uncordonOf(node.object);
      patched(name, { doing, may }, patch);
      return { restored };
    },
    evict: async (pod) => {
      const doing = `to evict ${pod.namespace}/${pod.name}`;
      mustBeUp(objects, doing);
      const answer = api.evict(pod.namespace, pod.name, { uid: pod.uid, dryRun: false });
      return answer.kind === 'object' ? { kind: 'accepted' } : meaningOf(answer.status, objects, pod, doing);
    },
    remove: async (pod) => {
      const doing = `to delete ${pod.namespace}/${pod.name}`;
      mustBeUp(objects, doing);
      const answer = api.deletePod(pod.namespace, pod.name, { uid: pod.uid, dryRun: false });
      return answer.kind === 'object' ? { kind: 'accepted' } : meaningOf(answer.status, objects, pod, doing);
    },
    budgets: async (namespace) => {
      const selector = { fieldSelector: `metadata.namespace=${namespace}` };
      const page = asked('to list budgets', () => api.list('poddisruptionbudgets', selector));
      return page.items
        .filter((item): item is BudgetObject => item.kind === 'PodDisruptionBudget')
        .map(budgetSeen);
    },
    attachments: async (node) => {
      mustBeUp(objects, 'to list volume attachments');
      return attachmentsOf(objects, node);
    },
    rehearse: async (pod) => {
      const doing = `to evict ${pod.namespace}/${pod.name}`;
      mustBeUp(objects, doing);
      const answer = api.evict(pod.namespace, pod.name, { uid: pod.uid, dryRun: true });
      return answer.kind === 'object' ? { kind: 'accepted' } : meaningOf(answer.status, objects, pod, doing);
    },
    gone: async (pod) => {
      mustBeUp(objects, `to show pod ${pod.namespace}/${pod.name}`);
      return isGone(objects, pod);
    },
    close: async () => undefined,
  };
}

interface Act {
  readonly doing: string;
  readonly may: May | undefined;
}

function mustBeUp(objects: KubernetesObjects, doing: string): void {
  if (!objects.apiUp)
    throw new Fault('unreachable', `Kubernetes cannot be reached ${doing} (ECONNREFUSED).`, {
      code: 'ECONNREFUSED',
    });
}

const KINDS: Readonly<Record<number, FaultKind>> = {
  404: 'missing',
  409: 'busy',
  429: 'busy',
  422: 'refused',
  403: 'refused',
};

function faultOf(status: StatusBody, doing: string): Fault {
  const kind = KINDS[status.code] ?? 'broken';
  return new Fault(kind, `Kubernetes refused ${doing}: ${status.message ?? `HTTP ${status.code}`}.`, {
    code: String(status.code),
  });
}

function markOf(node: NodeObject): string | null {
  return node.metadata.annotations?.[cordonedByAnnotation] ?? null;
}

function nodeView(node: NodeObject): WorkloadNodeView {
  const { metadata, spec, status } = node;
  return {
    name: metadata.name,
    addresses: status.addresses.filter(({ type }) => type === 'InternalIP').map(({ address }) => address),
    controlPlane: metadata.labels?.[controlPlaneLabel] !== undefined,
    ready: isTrue(status.conditions, 'Ready'),
    unschedulable: spec.unschedulable ?? false,
    cordonedBy: markOf(node),
    kubeletVersion: status.nodeInfo['kubeletVersion'] ?? '',
    bootId: status.nodeInfo['bootID'] ?? '',
  };
}

function isMirror({ metadata }: PodObject): boolean {
  return metadata.annotations?.[mirrorAnnotation] !== undefined;
}

const STARTING = ['ContainerCreating', 'PodInitializing'];

function waitingOf({ status }: PodObject): string | null {
  const reasons = status.containerStatuses.map(({ state }) => state['waiting']?.['reason'] ?? '');
  const reason = reasons.find((one) => one !== '' && !STARTING.includes(one));
  if (reason !== undefined) return reason;
  const placed = status.conditions.find(({ type }) => type === 'PodScheduled');
  return placed?.status === 'False' ? (placed.reason ?? 'Unschedulable') : null;
}

function named({ kind, name }: { readonly kind: string; readonly name: string }, { metadata }: PodObject) {
  const hash = metadata.labels?.['pod-template-hash'] ?? '';
  const hashed = kind === 'ReplicaSet' && hash !== '' && name.endsWith(`-${hash}`);
  return { kind, name: hashed ? name.slice(0, -hash.length - 1) : name };
}

function podSeen(pod: PodObject): PodSeen {
  const { metadata, spec, status } = pod;
  const { namespace = '' } = metadata;
  const owner = metadata.ownerReferences?.[0];
  const graceSeconds = metadata.deletionGracePeriodSeconds ?? spec.terminationGracePeriodSeconds;
  return {
    namespace,
    name: metadata.name,
    uid: metadata.uid,
    node: spec.nodeName ?? '',
    phase: status.phase,
    ready: isTrue(status.conditions, 'Ready'),
    ownerKind: owner?.kind ?? null,
    workload: workloadOf({
      namespace,
      name: metadata.name,
      owner: owner === undefined ? null : named(owner, pod),
    }),
    waiting: waitingOf(pod),
    mirror: isMirror(pod),
    emptyDir: (spec.volumes ?? []).some(({ emptyDir }) => emptyDir !== undefined),
    labels: metadata.labels ?? {},
    claims: (spec.volumes ?? []).flatMap(({ persistentVolumeClaim: claim }) => claim?.claimName ?? []),
    finalizers: metadata.finalizers ?? [],
    deletingAt: metadata.deletionTimestamp === undefined ? null : Date.parse(metadata.deletionTimestamp),
    graceMs: graceSeconds * 1_000,
    toleratesCordon: (spec.tolerations ?? []).some(({ key = cordonTaint }) => key === cordonTaint),
  };
}

function staticPodsByNode(pods: readonly PodObject[]): ReadonlyMap<string, readonly StaticPodView[]> {
  const byNode = new Map<string, StaticPodView[]>();
  for (const component of staticComponents) {
    for (const pod of pods.filter((one) => isMirror(one) && one.metadata.labels?.['k8s-app'] === component)) {
      const node = pod.spec.nodeName;
      if (node === undefined) continue;
      const ready = isTrue(pod.status.conditions, 'Ready') && pod.metadata.deletionTimestamp === undefined;
      byNode.set(node, [...(byNode.get(node) ?? []), { component, ready }]);
    }
  }
  return byNode;
}

function wasCordoned(node: NodeObject): boolean {
  return node.metadata.annotations?.[wasUnschedulableAnnotation] === 'true';
}

function cordonOf(
  node: NodeObject,
  mark: string,
  first: CordonFound | undefined,
): { readonly answer: Cordoned; readonly patch: object | null } {
  const cordoned = node.spec.unschedulable ?? false;
  const owner = markOf(node);
  const was = owner === mark ? wasCordoned(node) : cordoned;
  const found = first ?? (was ? 'cordoned' : 'schedulable');
  // Another rollout holds this cordon and owes its removal.
  if (owner !== null && owner !== mark && cordoned) return { answer: { found, by: owner }, patch: null };
  if (owner === mark && cordoned && was === (found === 'cordoned')) return { answer: { found }, patch: null };
  const annotations = {
    [cordonedByAnnotation]: mark,
    [wasUnschedulableAnnotation]: String(found === 'cordoned'),
  };
  return { answer: { found }, patch: { metadata: { annotations }, spec: { unschedulable: true } } };
}

function uncordonOf(node: NodeObject): { readonly restored: CordonFound; readonly patch: object } {
  const metadata = { annotations: { [cordonedByAnnotation]: null, [wasUnschedulableAnnotation]: null } };
  if (!wasCordoned(node))
    return { restored: 'schedulable', patch: { metadata, spec: { unschedulable: null } } };
  return { restored: node.spec.unschedulable === true ? 'cordoned' : 'schedulable', patch: { metadata } };
}

function isGone({ api }: KubernetesObjects, pod: PodSeen): boolean {
  const found = api.get('pods', pod.namespace, pod.name);
  return found.kind === 'refused' || found.object.metadata.uid !== pod.uid;
}

function meaningOf(status: StatusBody, objects: KubernetesObjects, pod: PodSeen, doing: string): EvictAnswer {
  const message = status.message ?? '';
  const retryAfterMs = (status.details?.retryAfterSeconds ?? 0) * 1_000;
  const cause = status.details?.causes?.[0]?.message ?? message;
  if (status.code === 429) return { kind: 'blocked', cause: 'budget', why: cause, retryAfterMs };
  if (message.includes('denied the request')) return { kind: 'refused', cause: 'refused', why: message };
  if (status.code === 403) return { kind: 'blocked', cause: 'namespace', why: cause, retryAfterMs };
  if (status.code === 500 && message.includes('more than one PodDisruptionBudget'))
    return { kind: 'refused', cause: 'budgets', why: message };
  if (status.code !== 404 && status.code !== 409) throw faultOf(status, doing);
  if (isGone(objects, pod)) return { kind: 'gone' };
  return { kind: 'blocked', cause: 'busy', why: message, retryAfterMs };
}

function budgetSeen({ metadata, spec, status }: BudgetObject): BudgetView {
  const { disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods } = status;
  return {
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    selector: { matchLabels: spec.selector.matchLabels, matchExpressions: [] },
    ...{ disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods },
    observed: status.observedGeneration >= (metadata.generation ?? 0),
    unhealthyPods: spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' ? 'always-allow' : 'if-healthy-budget',
  };
}
