// Nodes in full, the versions of Kubernetes' own components, and what extends its API.
import type { V1Node, V1Pod } from '@kubernetes/client-node';
import type {
  ApiServiceView,
  ComponentView,
  FailClosedWebhook,
  NodeDetail,
  PendingCsr,
} from '../../cluster/estate/platform.ts';
import { isControlPlane, isNodeReady } from '../node-view.ts';
import { isMirror, staticComponents } from '../pod-view.ts';
import {
  conditionOf,
  isPlain,
  listAt,
  nameOf,
  type Plain,
  plainAt,
  textAt,
  textsAt,
  timeAt,
} from './plain.ts';
import { cpuMilli, quantity } from './quantity.ts';

const PRESSURES = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable'];
const ZONE = 'topology.kubernetes.io/zone';
const CORDON_TAINT = 'node.kubernetes.io/unschedulable';

export function nodeDetail(node: V1Node): NodeDetail {
  const { metadata, spec, status } = node;
  const allocatable = status?.allocatable ?? {};
  const taints = (spec?.taints ?? []).filter(
    ({ effect, key }) => effect !== 'PreferNoSchedule' && key !== CORDON_TAINT,
  );
  return {
    name: metadata?.name ?? '',
    schedulable: spec?.unschedulable !== true,
    ready: isNodeReady(node),
    controlPlane: isControlPlane(node),
    pressures: (status?.conditions ?? [])
      .filter(({ type, status: state }) => PRESSURES.includes(type) && state !== 'False')
      .map(({ type }) => type),
    zone: metadata?.labels?.[ZONE] ?? null,
    allocatable: {
      cpuMilli: cpuMilli(allocatable['cpu']),
      memoryBytes: quantity(allocatable['memory']),
      pods: quantity(allocatable['pods']),
    },
    cordonedBy: spec?.unschedulable === true ? cordonerOf(node) : null,
    taints: taints.map(({ key }) => key),
  };
}

/** Whoever manages the field `spec.unschedulable`, as far as managedFields tells. */
function cordonerOf({ metadata }: V1Node): string | null {
  const manager = metadata?.managedFields?.find(({ fieldsV1 }) => {
    const spec = isPlain(fieldsV1) ? plainAt(fieldsV1, 'f:spec') : {};
    return Object.hasOwn(spec, 'f:unschedulable');
  });
  return manager?.manager ?? null;
}

const LABEL = 'k8s-app';

/** What runs on the nodes: kubelets by what they say, the others by the image of their pod. */
export function componentViews(nodes: readonly V1Node[], pods: readonly V1Pod[]): readonly ComponentView[] {
  const kubelets = nodes.map((node) => ({
    node: node.metadata?.name ?? '',
    component: 'kubelet',
    version: node.status?.nodeInfo?.kubeletVersion ?? '',
  }));
  const others = pods.flatMap((pod): ComponentView[] => {
    const component = pod.metadata?.labels?.[LABEL] ?? '';
    const ours = component === 'kube-proxy' || (isMirror(pod) && staticComponents.includes(component));
    const { nodeName, containers = [] } = pod.spec ?? {};
    if (!ours || nodeName === undefined || pod.metadata?.deletionTimestamp !== undefined) return [];
    const container = containers.find(({ name }) => name === component) ?? containers[0];
    return [{ node: nodeName, component, version: tagOf(container?.image ?? '') }];
  });
  return [...kubelets, ...others];
}

/** `v1.34.1` of `registry.k8s.io/kube-apiserver:v1.34.1@sha256:…`. */
function tagOf(image: string): string {
  const [named = ''] = image.split('@');
  return named.slice(named.lastIndexOf('/') + 1).split(':')[1] ?? '';
}

const DECIDED = ['Approved', 'Denied', 'Failed'];

/** Null for a request that was decided. */
export function pendingCsr(csr: Plain): PendingCsr | null {
  if (DECIDED.some((type) => conditionOf(csr, type) !== null)) return null;
  return {
    name: nameOf(csr).name,
    signer: textAt(csr, 'spec', 'signerName'),
    requester: textAt(csr, 'spec', 'username'),
    createdAt: timeAt(csr, 'metadata', 'creationTimestamp') ?? 0,
  };
}

export function apiServiceView(service: Plain): ApiServiceView {
  const condition = conditionOf(service, 'Available');
  return {
    name: nameOf(service).name,
    // One that kube-apiserver serves itself has the condition as well; without it nobody has looked yet.
    available: condition?.status === 'True',
    why: condition === null ? 'it was not looked at yet' : condition.message || condition.reason,
  };
}

/** Resources whose change a drain or an uncordon makes: a webhook about anything else cannot stop a rollout. */
const CONCERNED = ['*', '*/*', 'pods', 'pods/*', 'pods/eviction', '*/eviction', 'nodes', 'nodes/*'];

type Webhook = Omit<FailClosedWebhook, 'endpointNodes'>;

/** The webhooks of a configuration that refuse when they do not answer and that are asked about pods or nodes. */
export function failClosedWebhooks(
  configuration: Plain,
  kind: FailClosedWebhook['kind'],
): readonly Webhook[] {
  return listAt(configuration, 'webhooks')
    .filter(isPlain)
    .filter((webhook) => textAt(webhook, 'failurePolicy') !== 'Ignore' && isConcerned(webhook))
    .map((webhook) => {
      const service = plainAt(webhook, 'clientConfig', 'service');
      const named = { namespace: textAt(service, 'namespace'), name: textAt(service, 'name') };
      return {
        configuration: nameOf(configuration).name,
        name: textAt(webhook, 'name'),
        kind,
        service: named.name === '' ? null : named,
      };
    });
}

function isConcerned(webhook: Plain): boolean {
  return listAt(webhook, 'rules').some((rule) => {
    const groups = textsAt(rule, 'apiGroups');
    return (
      (groups.includes('') || groups.includes('*')) &&
      textsAt(rule, 'resources').some((resource) => CONCERNED.includes(resource))
    );
  });
}

const SLICE_SERVICE = 'kubernetes.io/service-name';

/** Nodes of ready endpoints by `namespace/service`. An endpoint without a node counts as one of its own. */
export function endpointNodes(slices: readonly Plain[]): ReadonlyMap<string, readonly string[]> {
  const byService = new Map<string, string[]>();
  for (const slice of slices) {
    const key = `${nameOf(slice).namespace}/${textAt(slice, 'metadata', 'labels', SLICE_SERVICE)}`;
    const ready = listAt(slice, 'endpoints').filter(
      (endpoint) => plainAt(endpoint, 'conditions')['ready'] !== false,
    );
    const nodes = ready.map(
      (endpoint) => textAt(endpoint, 'nodeName') || textsAt(endpoint, 'addresses').join(),
    );
    byService.set(key, [...(byService.get(key) ?? []), ...nodes]);
  }
  return byService;
}
