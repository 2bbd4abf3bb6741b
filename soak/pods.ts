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

/** A pod as people know it: `shop/web-1` of `shop/ReplicaSet web`. */
export interface Movable {
  readonly uid: string;
  readonly name: string;
  /** Who would create it again; itself where nobody would. */
  readonly owner: string;
}

/** Pods that a drain would have to send away. */
export function movable(house: House, node: string): readonly Movable[] {
  return podsOf(house, { fieldSelector: `spec.nodeName=${node}` })
    .map(({ metadata }) => metadata)
    .filter(({ ownerReferences }) => !['DaemonSet', 'Node'].includes(ownerReferences?.[0]?.kind ?? ''))
    .map((metadata) => {
      const { uid, namespace = '', name } = metadata;
      return { uid, name: `${namespace}/${name}`, owner: `${namespace}/${ownerOf(metadata)}` };
    });
}

/** A ReplicaSet is known by its Deployment, whose template its own name ends with. */
function ownerOf({ name, labels, ownerReferences }: PodObject['metadata']): string {
  const [owner] = ownerReferences ?? [];
  if (owner === undefined) return name;
  const ending = `-${labels?.['pod-template-hash']}`;
  const short = owner.name.endsWith(ending) ? owner.name.slice(0, -ending.length) : owner.name;
  return `${owner.kind} ${short}`;
}

function podsOf(house: House, query: { readonly fieldSelector?: string }): readonly PodObject[] {
  const listed = house.objects.api.list('pods', query);
  const items = listed.kind === 'refused' ? [] : listed.object.items;
  return items.filter((item): item is PodObject => item.kind === 'Pod');
}

/** When pods came, from the moment somebody puts some on a node that would not be there else: what was there before came long ago. */
export class Arrivals {
  readonly #house: House;
  readonly #at = new Map<string, number>();
  #watched = false;

  constructor(house: House) {
    this.#house = house;
  }

  watch(): void {
    if (this.#watched) return;
    this.#watched = true;
    this.#look(Number.NEGATIVE_INFINITY);
    this.#house.objects.onChange(() => this.#look(this.#house.time.now()));
  }

  /** Whether it came within the last so many milliseconds. */
  within(uid: string, ms: number): boolean {
    return this.#house.time.now() - (this.#at.get(uid) ?? Number.NEGATIVE_INFINITY) < ms;
  }

  #look(at: number): void {
    for (const { metadata } of podsOf(this.#house, {}))
      if (!this.#at.has(metadata.uid)) this.#at.set(metadata.uid, at);
  }
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
