// Pods, their budgets and their volumes as the checks see them.
import type { BudgetView, LabelSelector, LocalVolumeView, PodView } from '../../cluster/estate/pods.ts';
import {
  conditionOf,
  hasAt,
  isPlain,
  listAt,
  nameOf,
  numberAt,
  type Plain,
  plainAt,
  textAt,
  textsAt,
  timeAt,
  trueAt,
} from './plain.ts';
import { amountAt, cpuMilli, quantity } from './quantity.ts';

export function podView(pod: Plain): PodView {
  const owner = controllerOf(pod);
  const volumes = listAt(pod, 'spec', 'volumes');
  return {
    ...nameOf(pod),
    node: textAt(pod, 'spec', 'nodeName') || null,
    phase: PHASES.find((phase) => phase === textAt(pod, 'status', 'phase')) ?? 'Unknown',
    ready: conditionOf(pod, 'Ready')?.status === 'True',
    waiting: waitingOf(pod),
    createdAt: timeAt(pod, 'metadata', 'creationTimestamp') ?? 0,
    deleting: hasAt(pod, 'metadata', 'deletionTimestamp'),
    labels: labelsOf(pod),
    owner: owner === null ? null : { kind: textAt(owner, 'kind'), name: ownerName(owner, pod) },
    mirror: hasAt(pod, 'metadata', 'annotations', MIRROR),
    emptyDir: volumes.some((volume) => hasAt(volume, 'emptyDir')),
    claims: volumes.flatMap((volume) => textAt(volume, 'persistentVolumeClaim', 'claimName') || []),
    requests: sumOf(listAt(pod, 'spec', 'containers')),
  };
}

const PHASES: readonly PodView['phase'][] = ['Pending', 'Running', 'Succeeded', 'Failed'];
const MIRROR = 'kubernetes.io/config.mirror';

/** The owner that would create the pod again; null when nobody would. */
export function controllerOf(pod: Plain): Plain | null {
  const owners = listAt(pod, 'metadata', 'ownerReferences').filter(isPlain);
  return owners.find((owner) => trueAt(owner, 'controller')) ?? null;
}

function labelsOf(pod: Plain): Readonly<Record<string, string>> {
  const entries = Object.entries(plainAt(pod, 'metadata', 'labels'));
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

/** Reasons for which a container waits that are nobody's mistake: it is only starting. */
const STARTING = ['ContainerCreating', 'PodInitializing'];

function waitingOf(pod: Plain): string | null {
  const containers = [
    ...listAt(pod, 'status', 'initContainerStatuses'),
    ...listAt(pod, 'status', 'containerStatuses'),
  ];
  const reasons = containers.map((container) => textAt(container, 'state', 'waiting', 'reason'));
  const reason = reasons.find((one) => one !== '' && !STARTING.includes(one));
  if (reason !== undefined) return reason;
  const placed = conditionOf(pod, 'PodScheduled');
  return placed?.status === 'False' ? placed.reason || 'Unschedulable' : null;
}

/** People know their Deployment, not the ReplicaSet of this hour, whose name is the Deployment's and a hash. */
function ownerName(owner: Plain, pod: Plain): string {
  const name = textAt(owner, 'name');
  const hash = textAt(pod, 'metadata', 'labels', 'pod-template-hash');
  return textAt(owner, 'kind') === 'ReplicaSet' && hash !== '' && name.endsWith(`-${hash}`)
    ? name.slice(0, -hash.length - 1)
    : name;
}

function sumOf(containers: readonly unknown[]): PodView['requests'] {
  const asked = containers.map((container) => plainAt(container, 'resources', 'requests'));
  return {
    cpuMilli: asked.reduce((sum, requests) => sum + cpuMilli(amountAt(requests, 'cpu')), 0),
    memoryBytes: asked.reduce((sum, requests) => sum + quantity(amountAt(requests, 'memory')), 0),
  };
}

export function budgetView(budget: Plain): BudgetView {
  const status = plainAt(budget, 'status');
  return {
    ...nameOf(budget),
    selector: hasAt(budget, 'spec', 'selector') ? selectorOf(plainAt(budget, 'spec', 'selector')) : null,
    disruptionsAllowed: numberAt(status, 'disruptionsAllowed') ?? 0,
    currentHealthy: numberAt(status, 'currentHealthy') ?? 0,
    desiredHealthy: numberAt(status, 'desiredHealthy') ?? 0,
    expectedPods: numberAt(status, 'expectedPods') ?? 0,
    observed:
      (numberAt(status, 'observedGeneration') ?? 0) >= (numberAt(budget, 'metadata', 'generation') ?? 0),
    unhealthyPods:
      textAt(budget, 'spec', 'unhealthyPodEvictionPolicy') === 'AlwaysAllow'
        ? 'always-allow'
        : 'if-healthy-budget',
  };
}

function selectorOf(selector: Plain): LabelSelector {
  const labels = Object.entries(plainAt(selector, 'matchLabels'));
  return {
    matchLabels: Object.fromEntries(
      labels.filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
    ),
    matchExpressions: listAt(selector, 'matchExpressions').map((one) => ({
      key: textAt(one, 'key'),
      operator: textAt(one, 'operator'),
      values: textsAt(one, 'values'),
    })),
  };
}

const HOSTNAME = 'kubernetes.io/hostname';

/** The view of a persistent volume that is bound to nodes by their names; null for one that may be anywhere. */
export function localVolumeView(volume: Plain): LocalVolumeView | null {
  const terms = listAt(volume, 'spec', 'nodeAffinity', 'required', 'nodeSelectorTerms').filter(isPlain);
  const hostnames = terms
    .flatMap((term) => listAt(term, 'matchExpressions'))
    .filter((one) => textAt(one, 'key') === HOSTNAME && textAt(one, 'operator') === 'In')
    .flatMap((one) => textsAt(one, 'values'));
  if (hostnames.length === 0) return null;
  const claim = plainAt(volume, 'spec', 'claimRef');
  const named = { namespace: textAt(claim, 'namespace'), name: textAt(claim, 'name') };
  return { name: nameOf(volume).name, claim: named.name === '' ? null : named, hostnames };
}
