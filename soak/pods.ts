// Pods as the simulated cluster has them: what guards one that is asked to go, and which are still on a node that leaves.
import type { House } from '../playground/doubles/house.ts';
import { budgetsOf, isHealthy } from '../playground/world/kubernetes/budget.ts';
import type { BudgetObject, PodObject } from '../playground/world/kubernetes/objects.ts';
import type { PodSeen } from '../src/engine/ports/workloads.ts';

/** A pod right before it was asked to go. */
export interface Guarded {
  readonly uid: string;
  readonly name: string;
  /** Budgets that let nobody go: at 0, or two of them about one pod. Empty when it may go. */
  readonly closed: readonly string[];
}

/** Null when there is no such pod, or it is on its way already. */
export function guardedNow(house: House, { namespace, name, uid }: PodSeen): Guarded | null {
  const pod = podAt(house, namespace, name);
  if (pod === null || pod.metadata.uid !== uid || isLeaving(pod)) return null;
  const budgets = budgetsOf(pod, allBudgets(house));
  const shut = budgets.length > 1 || budgets.some(({ status }) => status.disruptionsAllowed === 0);
  // Pods that do not run are nobody's disruption.
  const counts = isHealthy(pod) && pod.status.phase === 'Running';
  return {
    ...{ uid, name: `${namespace}/${name}` },
    closed: counts && shut ? budgets.map(({ metadata }) => metadata.name) : [],
  };
}

/** Whether it is gone by now, or on its way. */
export function isSentAway(house: House, { namespace, name, uid }: PodSeen): boolean {
  const pod = podAt(house, namespace, name);
  return pod === null || pod.metadata.uid !== uid || isLeaving(pod);
}

/** Pods that a drain would have to send away, with their uids. */
export function movable(house: House, node: string): readonly PodObject['metadata'][] {
  const listed = house.objects.api.list('pods', { fieldSelector: `spec.nodeName=${node}` });
  const items = listed.kind === 'refused' ? [] : listed.object.items;
  return items
    .filter((item): item is PodObject => item.kind === 'Pod')
    .map(({ metadata }) => metadata)
    .filter(({ ownerReferences }) => !['DaemonSet', 'Node'].includes(ownerReferences?.[0]?.kind ?? ''));
}

function isLeaving({ metadata }: PodObject): boolean {
  return metadata.deletionTimestamp !== undefined;
}

function podAt({ objects }: House, namespace: string, name: string): PodObject | null {
  const found = objects.api.get('pods', namespace, name);
  return found.kind === 'refused' ? null : found.object;
}

function allBudgets({ objects }: House): readonly BudgetObject[] {
  const listed = objects.api.list('poddisruptionbudgets', {});
  const items = listed.kind === 'refused' ? [] : listed.object.items;
  return items.filter((item): item is BudgetObject => item.kind === 'PodDisruptionBudget');
}
