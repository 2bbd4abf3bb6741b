// Nodes in full, the versions of Kubernetes' own components, and what extends its API.
import type {
  ApiServiceView,
  ComponentView,
  FailClosedWebhook,
  NodeDetail,
  PendingCsr,
} from '../../cluster/estate/platform.ts';
import { controlPlaneLabel as CONTROL_PLANE } from '../node-view.ts';
import { staticComponents } from '../pod-view.ts';
import {
  conditionOf,
  hasAt,
  isPlain,
  listAt,
  nameOf,
  type Plain,
  plainAt,
  textAt,
  textsAt,
  timeAt,
  trueAt,
} from './plain.ts';
import { podView } from './pods.ts';
import { amountAt, cpuMilli, quantity } from './quantity.ts';

const PRESSURES = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'NetworkUnavailable'];
/** A condition that is neither is `Unknown`: its kubelet has been silent for a while. A node without the condition has no such trouble. */
const TOLD = ['True', 'False'];
const ZONE = 'topology.kubernetes.io/zone';
const CORDON_TAINT = 'node.kubernetes.io/unschedulable';

export function nodeDetail(node: Plain): NodeDetail {
  const allocatable = plainAt(node, 'status', 'allocatable');
  const taints = listAt(node, 'spec', 'taints').filter(
    (taint) => textAt(taint, 'effect') !== 'PreferNoSchedule' && textAt(taint, 'key') !== CORDON_TAINT,
  );
  const cordoned = trueAt(node, 'spec', 'unschedulable');
  return {
    name: nameOf(node).name,
    schedulable: !cordoned,
    ready: conditionOf(node, 'Ready')?.status === 'True',
    controlPlane: hasAt(node, 'metadata', 'labels', CONTROL_PLANE),
    pressures: PRESSURES.filter((type) => conditionOf(node, type)?.status === 'True'),
    untold: PRESSURES.filter((type) => !TOLD.includes(conditionOf(node, type)?.status ?? 'False')),
    zone: textAt(node, 'metadata', 'labels', ZONE) || null,
    allocatable: {
      cpuMilli: cpuMilli(amountAt(allocatable, 'cpu')),
      memoryBytes: quantity(amountAt(allocatable, 'memory')),
      pods: quantity(amountAt(allocatable, 'pods')),
    },
    cordonedBy: cordoned ? cordonerOf(node) : null,
    taints: taints.map((taint) => textAt(taint, 'key')),
  };
}

/** Talos marks the cordons it makes itself (kubernetes.md 2.7). */
const TALOS_CORDON = 'talos.dev/cordoned';

/** Talos where it says so, else whoever manages the field `spec.unschedulable`, as far as managedFields tells. */
function cordonerOf(node: Plain): string | null {
  if (textAt(node, 'metadata', 'annotations', TALOS_CORDON) === 'true') return 'Talos';
  const managers = listAt(node, 'metadata', 'managedFields');
  const manager = managers.find((one) => hasAt(one, 'fieldsV1', 'f:spec', 'f:unschedulable'));
  return textAt(manager, 'manager') || null;
}

const LABEL = 'k8s-app';
const SYSTEM = 'kube-system';

export function kubeletOf(node: Plain): ComponentView {
  return {
    node: nameOf(node).name,
    component: 'kubelet',
    version: textAt(node, 'status', 'nodeInfo', 'kubeletVersion'),
  };
}

/** The part of Kubernetes that a pod is, by the image it runs; null for all other pods. */
export function componentOf(pod: Plain): ComponentView | null {
  const component = textAt(pod, 'metadata', 'labels', LABEL);
  const { namespace, mirror, node, deleting } = podView(pod);
  const ours = component === 'kube-proxy' || (mirror && staticComponents.includes(component));
  if (!ours || namespace !== SYSTEM || node === null || deleting) return null;
  const containers = listAt(pod, 'spec', 'containers');
  const container = containers.find((one) => textAt(one, 'name') === component) ?? containers[0];
  return { node, component, version: tagOf(textAt(container, 'image')) };
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
