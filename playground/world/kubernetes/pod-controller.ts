// The life of pods: placed, started, terminated and replaced, as the controllers, the scheduler and the kubelets do it.
import type { WorldClock } from '../clock.ts';
import { sameStatus, withStatus } from './budget.ts';
import type { ObjectStore } from './object-store.ts';
import { type BudgetObject, isTrue, type NodeObject, type PodObject } from './objects.ts';
import {
  bound,
  crashes,
  disrupted,
  newPod,
  type PodTemplate,
  restarted,
  running,
  stopped,
  stopsAfterMs,
  terminating,
  unschedulable,
} from './pod-object.ts';
import { place } from './scheduler.ts';
import type { PodSource, ReplicaSource, Workloads } from './workload-objects.ts';

/** All times in milliseconds of the world's clock. */
export interface PodTimings {
  /** From the deletion mark until the pod is gone; a shorter grace of the pod wins. */
  readonly terminationMs: number;
  /** From landing on a node until Ready; also from the node's return until its pods are Ready again. */
  readonly podReadyMs: number;
}

export interface Removal {
  readonly graceSeconds: number;
  readonly by: 'eviction' | 'deletion';
}

/** Letters of generated names, as Kubernetes chooses them (no vowels, so no words). */
const nameLetters = 'bcdfghjklmnpqrstvwxz2456789';
const nameLength = 5;

export class PodController {
  readonly #store: ObjectStore;
  readonly #clock: WorldClock;
  readonly #workloads: Workloads;
  #timings: PodTimings;
  #names = 0;
  /** Until the first act or fault the cluster is being built, and each new node gets its share of the replicas. */
  #building = true;

  constructor(parts: { store: ObjectStore; clock: WorldClock; workloads: Workloads; timings: PodTimings }) {
    this.#store = parts.store;
    this.#clock = parts.clock;
    this.#workloads = parts.workloads;
    this.#timings = parts.timings;
  }

  setTimings(changed: Partial<PodTimings>): void {
    this.#timings = { ...this.#timings, ...changed };
  }

  podsOn(node: string): readonly PodObject[] {
    return this.#store.all('pods').filter((pod) => pod.spec.nodeName === node);
  }

  /** Starts what belongs to the node itself: daemons and, on the control plane, mirrors of static pods. */
  nodeAdded(node: NodeObject): void {
    for (const source of this.#workloads.sourcesOf(node)) this.#startOn(node, source);
    if (this.#building) this.#placeAllAnew();
    else this.#reconcile();
  }

  /** A node became schedulable, or stopped being so: pods without a place look again. */
  nodesChanged(): void {
    this.#building = false;
    this.#reconcile();
  }

  /** Marks a pod for deletion; its successor is made at once, as a ReplicaSet does. */
  remove(pod: PodObject, removal: Removal): PodObject {
    this.#building = false;
    const now = this.#clock.now();
    const marked = removal.by === 'eviction' ? disrupted(pod, now) : pod;
    const stored = this.#put(terminating(marked, removal.graceSeconds, now));
    if (removal.graceSeconds === 0 || pod.spec.nodeName === undefined)
      this.#finish(stored.metadata.uid, 'forced');
    else {
      this.#clock.after(this.#stopsAfterMs(pod, removal.graceSeconds * 1_000), () =>
        this.#finish(stored.metadata.uid, 'asked'),
      );
    }
    this.#reconcile();
    return stored;
  }

  /** The node is away: its pods stay objects, but nobody counts on them. */
  nodeDown(name: string): void {
    this.#building = false;
    for (const pod of this.podsOn(name)) {
      if (isTrue(pod.status.conditions, 'Ready')) this.#put(running(pod, false, this.#clock.now()));
    }
    this.refreshBudgets();
  }

  nodeUp(name: string): void {
    for (const pod of this.podsOn(name)) {
      if (this.#overdue(pod)) this.#finish(pod.metadata.uid, 'asked');
      else this.#readyLater(pod.metadata.uid);
    }
    this.#reconcile();
  }

  nodeRestarted(name: string): void {
    for (const pod of this.podsOn(name)) if (!crashes(pod)) this.#put(restarted(pod, this.#clock.now()));
  }

  /** Lets go of a pod that a finalizer held; it disappears when its time had come. */
  released(pod: PodObject): void {
    if (this.#overdue(pod)) this.#finish(pod.metadata.uid, 'asked');
  }

  refreshBudgets(): void {
    const pods = this.#store.all('pods');
    for (const budget of this.#store.all('poddisruptionbudgets')) {
      const next = withStatus(budget, {
        pods,
        expectedPods: this.#expectedPods(budget),
        nowMs: this.#clock.now(),
      });
      if (!sameStatus(budget, next)) this.#store.put('poddisruptionbudgets', next);
    }
  }

  /** All replicas spread over the nodes there are, Ready at once: nothing has happened to them yet. */
  #placeAllAnew(): void {
    for (const pod of this.#store.all('pods')) {
      if (this.#replicaOf(pod) !== null)
        this.#store.remove('pods', pod.metadata.namespace, pod.metadata.name);
    }
    this.#addMissingReplicas();
    for (const pod of this.#store.all('pods')) {
      if (pod.spec.nodeName !== undefined) this.#put(running(pod, true, this.#clock.now()));
    }
    this.refreshBudgets();
  }

  /** Adds missing replicas and looks for a place for those without one. */
  #reconcile(): void {
    this.#addMissingReplicas();
    for (const pod of this.#store.all('pods')) {
      if (pod.spec.nodeName === undefined && pod.metadata.deletionTimestamp === undefined) this.#bind(pod);
    }
    this.refreshBudgets();
  }

  #expectedPods(budget: BudgetObject): number {
    const matching = this.#store
      .all('deployments')
      .filter(
        (deployment) =>
          deployment.metadata.namespace === budget.metadata.namespace &&
          deployment.spec.selector.matchLabels['app'] === budget.spec.selector.matchLabels['app'],
      );
    return matching.reduce((sum, deployment) => sum + (deployment.spec.replicas ?? 0), 0);
  }

  #addMissingReplicas(): void {
    for (const source of this.#workloads.replicas) {
      const alive = this.#store
        .all('pods')
        .filter((pod) => this.#replicaOf(pod) === source.owner.uid && !this.#ending(pod));
      for (let count = alive.length; count < source.replicas; count += 1) this.#create(source);
    }
  }

  #replicaOf(pod: PodObject): string | null {
    const owner = pod.metadata.ownerReferences?.[0];
    return owner?.kind === 'ReplicaSet' ? owner.uid : null;
  }

  #ending(pod: PodObject): boolean {
    return (
      pod.metadata.deletionTimestamp !== undefined ||
      pod.status.phase === 'Failed' ||
      pod.status.phase === 'Succeeded'
    );
  }

  #create(source: ReplicaSource): void {
    const pod = this.#newPod(`${source.owner.name}-${this.#nextName()}`, source.template, {
      owner: source.owner,
      mirrorOf: null,
    });
    this.#bind(pod);
  }

  #startOn(node: NodeObject, source: PodSource): void {
    const name = source.podName ?? `${source.template.app}-${this.#nextName()}`;
    const pod = this.#newPod(name, source.template, source);
    const address = node.status.addresses[0]?.address ?? '';
    const placed = bound(pod, { name: node.metadata.name, address }, this.#clock.now());
    this.#put(running(placed, isTrue(node.status.conditions, 'Ready'), this.#clock.now()));
  }

  #newPod(name: string, template: PodTemplate, from: Pick<PodSource, 'owner' | 'mirrorOf'>): PodObject {
    const uid = this.#store.newUid();
    return this.#put(
      newPod({ name, uid, nowMs: this.#clock.now(), template, owner: from.owner, mirrorOf: from.mirrorOf }),
    );
  }

  #bind(pod: PodObject): void {
    const placement = place(pod, this.#store.all('nodes'), this.#store.all('pods'));
    const now = this.#clock.now();
    if (placement.kind === 'none') {
      const known = pod.status.conditions.find((condition) => condition.type === 'PodScheduled')?.message;
      if (known !== placement.why) this.#put(unschedulable(pod, placement.why, now));
      return;
    }
    const { metadata, status } = placement.node;
    this.#put(bound(pod, { name: metadata.name, address: status.addresses[0]?.address ?? '' }, now));
    this.#readyLater(pod.metadata.uid);
  }

  #readyLater(uid: string): void {
    this.#clock.after(this.#timings.podReadyMs, () => {
      const pod = this.#byUid(uid);
      if (pod === null || pod.metadata.deletionTimestamp !== undefined || !this.#nodeIsReady(pod)) return;
      if (crashes(pod)) return;
      this.#put(running(pod, true, this.#clock.now()));
      this.refreshBudgets();
    });
  }

  /** Only a kubelet that is there can say that the containers have ended; `forced` does not ask it. */
  #finish(uid: string, how: 'asked' | 'forced'): void {
    const pod = this.#byUid(uid);
    if (pod === null) return;
    if (how === 'asked' && !this.#nodeIsReady(pod)) return;
    // The kubelet has nothing left to wait for, so its own deletion takes the rest of the grace away; the object stays.
    if ((pod.metadata.finalizers?.length ?? 0) > 0) {
      this.#put(stopped(pod, this.#clock.now()));
      return;
    }
    this.#store.remove('pods', pod.metadata.namespace, pod.metadata.name);
    const node =
      pod.spec.nodeName === undefined ? null : this.#store.get('nodes', undefined, pod.spec.nodeName);
    const source =
      node === null
        ? undefined
        : this.#workloads.sourcesOf(node).find((one) => one.template.app === pod.metadata.labels?.['app']);
    if (node !== null && source !== undefined && this.#replicaOf(pod) === null) this.#startOn(node, source);
    this.#reconcile();
  }

  /** True when the time after which the pod would have been removed has passed. */
  #overdue(pod: PodObject): boolean {
    const { deletionTimestamp, deletionGracePeriodSeconds } = pod.metadata;
    if (deletionTimestamp === undefined) return false;
    const graceMs = (deletionGracePeriodSeconds ?? 0) * 1_000;
    const markedAtMs = Date.parse(deletionTimestamp) - graceMs;
    return this.#clock.now() >= markedAtMs + this.#stopsAfterMs(pod, graceMs);
  }

  #stopsAfterMs(pod: PodObject, graceMs: number): number {
    return Math.min(stopsAfterMs(pod) ?? this.#timings.terminationMs, graceMs);
  }

  #nodeIsReady(pod: PodObject): boolean {
    const node =
      pod.spec.nodeName === undefined ? null : this.#store.get('nodes', undefined, pod.spec.nodeName);
    return node !== null && isTrue(node.status.conditions, 'Ready');
  }

  #byUid(uid: string): PodObject | null {
    return this.#store.all('pods').find((pod) => pod.metadata.uid === uid) ?? null;
  }

  #put(pod: PodObject): PodObject {
    return this.#store.put('pods', pod);
  }

  #nextName(): string {
    this.#names += 1;
    // Steps through all five-letter names once, in an order that does not look counted.
    let rest = (this.#names * 7_654_321) % nameLetters.length ** nameLength;
    let name = '';
    for (let index = 0; index < nameLength; index += 1) {
      name += nameLetters[rest % nameLetters.length] ?? '';
      rest = Math.floor(rest / nameLetters.length);
    }
    return name;
  }
}
