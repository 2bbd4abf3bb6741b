// Pods, their budgets and their volumes as the checks see them.
import type { V1Container, V1Pod } from '@kubernetes/client-node';
import type { BudgetView, LabelSelector, LocalVolumeView, PodView } from '../../cluster/estate/pods.ts';
import { isMirror, isReady, podPhase } from '../pod-view.ts';
import { hasAt, isPlain, listAt, nameOf, numberAt, type Plain, plainAt, textAt, textsAt } from './plain.ts';
import { cpuMilli, quantity } from './quantity.ts';

export function podView(pod: V1Pod): PodView {
  const { metadata, spec } = pod;
  const owner = metadata?.ownerReferences?.find((reference) => reference.controller === true);
  const volumes = spec?.volumes ?? [];
  return {
    namespace: metadata?.namespace ?? '',
    name: metadata?.name ?? '',
    node: spec?.nodeName ?? null,
    phase: podPhase(pod),
    ready: isReady(pod),
    waiting: waitingOf(pod),
    createdAt: metadata?.creationTimestamp?.getTime() ?? 0,
    deleting: metadata?.deletionTimestamp !== undefined,
    labels: metadata?.labels ?? {},
    owner: owner === undefined ? null : { kind: owner.kind, name: ownerName(owner.kind, owner.name, pod) },
    mirror: isMirror(pod),
    emptyDir: volumes.some((volume) => volume.emptyDir !== undefined),
    claims: volumes.flatMap((volume) => volume.persistentVolumeClaim?.claimName ?? []),
    requests: sumOf(spec?.containers ?? []),
  };
}

/** Reasons for which a container waits that are nobody's mistake: it is only starting. */
const STARTING = ['ContainerCreating', 'PodInitializing'];

function waitingOf({ status }: V1Pod): string | null {
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const reasons = containers.flatMap(({ state }) => state?.waiting?.reason ?? []);
  const reason = reasons.find((one) => !STARTING.includes(one));
  if (reason !== undefined) return reason;
  const placed = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  return placed?.status === 'False' ? (placed.reason ?? 'Unschedulable') : null;
}

/** People know their Deployment, not the ReplicaSet of this hour, whose name is the Deployment's and a hash. */
function ownerName(kind: string, name: string, pod: V1Pod): string {
  const hash = pod.metadata?.labels?.['pod-template-hash'];
  return kind === 'ReplicaSet' && hash !== undefined && name.endsWith(`-${hash}`)
    ? name.slice(0, -hash.length - 1)
    : name;
}

function sumOf(containers: readonly V1Container[]): PodView['requests'] {
  const asked = containers.map(({ resources }) => resources?.requests ?? {});
  return {
    cpuMilli: asked.reduce((sum, requests) => sum + cpuMilli(requests['cpu']), 0),
    memoryBytes: asked.reduce((sum, requests) => sum + quantity(requests['memory']), 0),
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
