// The Kubernetes half of the simulated cluster, as its machines and its faults change it.
import type { WorldClock } from '../clock.ts';
import type { KubernetesNode, KubernetesSide } from '../kubernetes-side.ts';
import { ActCounter, type NodeActs } from './acts.ts';
import {
  type BudgetSpec,
  defaultBudgetNamespace,
  defaultWorkloads,
  type WorkloadSet,
} from './default-workloads.ts';
import { KubernetesApi } from './kubernetes-api.ts';
import {
  type NodeHealth,
  newNode,
  schematicAnnotation,
  withHealth,
  withNodeInfo,
  withOwnedTaints,
  withTalosVersion,
} from './node-object.ts';
import { ObjectStore } from './object-store.ts';
import { type BudgetObject, isTrue, type NodeObject, timeText } from './objects.ts';
import { PodController, type PodTimings } from './pod-controller.ts';
import { withKubernetes } from './pod-object.ts';
import { Shelf } from './shelf.ts';
import { Strays } from './strays.ts';
import { newBudget, storeWorkloads } from './workload-objects.ts';

/** All times in milliseconds of the world's clock. */
export interface KubernetesTimings extends PodTimings {
  /** From the last sign of a kubelet until its node is Ready=Unknown; 40 s in the real node controller. */
  readonly nodeLostMs: number;
}

export interface KubernetesOptions {
  readonly clock: WorldClock;
  readonly workloads?: WorkloadSet;
  readonly timings?: Partial<KubernetesTimings>;
  /** Ordinary pods may land on the control plane: for clusters without workers. */
  readonly controlPlaneSchedulable?: boolean;
}

const usualTimings: KubernetesTimings = { terminationMs: 150, podReadyMs: 50, nodeLostMs: 40_000 };

/** The namespaces that every cluster has. */
const systemNamespaces = ['default', 'kube-node-lease', 'kube-public', 'kube-system'];

export class KubernetesObjects implements KubernetesSide {
  /** What callers of the API see and do; the HTTP server is a thin face of this. */
  readonly api: KubernetesApi;
  /** Kinds that nothing here moves: what operators install, and what is only read. */
  readonly shelf: Shelf;
  /** What faults leave beside all that. */
  readonly strays: Strays;
  readonly #clock: WorldClock;
  readonly #store = new ObjectStore();
  readonly #acts = new ActCounter();
  readonly #pods: PodController;
  readonly #controlPlaneSchedulable: boolean;
  readonly #nodeLostMs: number;
  readonly #apiListeners = new Set<(up: boolean) => void>();
  readonly #lostTimers = new Map<string, () => void>();
  readonly #limitsBefore = new Map<string, BudgetObject['spec']>();
  #apiUp = true;

  constructor(options: KubernetesOptions) {
    const { clock } = options;
    const set = options.workloads ?? defaultWorkloads;
    const timings = { ...usualTimings, ...options.timings };
    const workloads = storeWorkloads(this.#store, set, clock.now());
    this.shelf = new Shelf({
      nextVersion: () => this.#store.nextVersion(),
      newUid: () => this.#store.newUid(),
    });
    this.strays = new Strays({
      clock,
      store: this.#store,
      shelf: this.shelf,
      changed: () => this.#pods.refreshBudgets(),
    });
    this.#clock = clock;
    this.#controlPlaneSchedulable = options.controlPlaneSchedulable ?? false;
    this.#nodeLostMs = timings.nodeLostMs;
    this.#pods = new PodController({ store: this.#store, clock, workloads, timings });
    this.api = new KubernetesApi({
      store: this.#store,
      pods: this.#pods,
      acts: this.#acts,
      now: () => clock.now(),
    });
    const ours = [...set.deployments, ...set.daemons, ...set.budgets].map((one) => one.namespace);
    for (const name of new Set([...systemNamespaces, ...ours])) this.#putNamespace(name, 'Active');
    for (const budget of set.budgets) this.addBudget(budget);
  }

  addNode(node: KubernetesNode): void {
    const object = newNode({
      node,
      uid: this.#store.newUid(),
      nowMs: this.#clock.now(),
      index: this.#store.all('nodes').length,
      controlPlaneSchedulable: this.#controlPlaneSchedulable,
    });
    this.#pods.nodeAdded(this.#store.put('nodes', object));
  }

  setNodeReady(name: string, ready: boolean): void {
    const node = this.#node(name);
    if (node === null || isTrue(node.status.conditions, 'Ready') === ready) return;
    this.#lostTimers.get(name)?.();
    this.#setHealth(name, ready ? 'ready' : 'stopping');
    if (ready) {
      this.#pods.nodeUp(name);
      return;
    }
    this.#pods.nodeDown(name);
    this.#lostTimers.set(
      name,
      this.#clock.after(this.#nodeLostMs, () => this.#setHealth(name, 'silent')),
    );
  }

  setNodeVersion(name: string, talosVersion: string): void {
    const node = this.#node(name);
    if (node !== null) this.#store.put('nodes', withTalosVersion(node, talosVersion));
  }

  setNodeSchematic(name: string, schematic: string): void {
    const node = this.#node(name);
    if (node === null) return;
    const annotations = { ...node.metadata.annotations, [schematicAnnotation]: schematic };
    this.#store.put('nodes', { ...node, metadata: { ...node.metadata, annotations } });
  }

  /** As `talosctl upgrade-k8s` leaves it; the steps in between are not played. */
  setKubernetesVersion(version: string): void {
    for (const node of this.#store.all('nodes'))
      this.#store.put('nodes', withNodeInfo(node, { kubeletVersion: version }));
    for (const pod of this.#store.all('pods')) {
      const next = withKubernetes(pod, version, this.#clock.now());
      if (next !== null) this.#store.put('pods', next);
    }
  }

  rebooted(name: string, bootId: string): void {
    const node = this.#node(name);
    if (node === null) return;
    this.#store.put('nodes', withNodeInfo(node, { bootID: bootId }));
    this.#pods.nodeRestarted(name);
  }

  isCordoned(name: string): boolean {
    return this.#node(name)?.spec.unschedulable ?? false;
  }

  /** A cordon by the machine itself, not counted as somebody's act. */
  setUnschedulable(name: string, value: boolean): void {
    const node = this.#node(name);
    if (node === null || (node.spec.unschedulable ?? false) === value) return;
    const { unschedulable: _before, ...spec } = node.spec;
    const next: NodeObject = { ...node, spec: value ? { ...spec, unschedulable: true } : spec };
    this.#store.put('nodes', withOwnedTaints(next, this.#clock.now()));
    this.#pods.nodesChanged();
  }

  apiServerUp(anyControlPlaneUp: boolean): void {
    if (this.#apiUp === anyControlPlaneUp) return;
    this.#apiUp = anyControlPlaneUp;
    for (const listener of [...this.#apiListeners]) listener(anyControlPlaneUp);
  }

  get apiUp(): boolean {
    return this.#apiUp;
  }

  /** Calls the listener when the API comes or goes; returns how to stop. */
  onApiServer(listener: (up: boolean) => void): () => void {
    this.#apiListeners.add(listener);
    return () => {
      this.#apiListeners.delete(listener);
    };
  }

  podsRunningOn(name: string): number {
    return this.#pods.podsOn(name).filter((pod) => pod.status.phase === 'Running').length;
  }

  /** What callers of the API did to this node. */
  actsOn(node: string): NodeActs {
    return this.#acts.of(node);
  }

  onChange(listener: () => void): void {
    this.#store.subscribe(() => listener());
  }

  setTimings(changed: Partial<PodTimings>): void {
    this.#pods.setTimings(changed);
  }

  addBudget(spec: BudgetSpec): void {
    this.#store.put('poddisruptionbudgets', newBudget(spec, this.#store.newUid(), this.#clock.now()));
    this.#pods.refreshBudgets();
  }

  /** Makes the budgets of a namespace want all of their pods, until `unblockBudget`. */
  blockBudget(namespace: string | null): void {
    for (const budget of this.#budgetsIn(namespace)) {
      const { uid } = budget.metadata;
      if (!this.#limitsBefore.has(uid)) this.#limitsBefore.set(uid, budget.spec);
      this.#setLimits(budget, { minAvailable: '100%', selector: budget.spec.selector });
    }
  }

  unblockBudget(namespace: string | null): void {
    for (const budget of this.#budgetsIn(namespace)) {
      this.#setLimits(budget, this.#limitsBefore.get(budget.metadata.uid) ?? budget.spec);
      this.#limitsBefore.delete(budget.metadata.uid);
    }
  }

  terminateNamespace(name: string): void {
    this.#putNamespace(name, 'Terminating');
  }

  /** As `kubectl delete --cascade=orphan` in its first moments, or a garbage collector that is behind: its pods stay. */
  removeDaemonSet(namespace: string, name: string): void {
    this.#store.remove('daemonsets', namespace, name);
  }

  /** Holds a pod that is being deleted as long as the finalizer is there; null lets it go. */
  setFinalizer(namespace: string, name: string, finalizer: string | null): void {
    const pod = this.#store.get('pods', namespace, name);
    if (pod === null) return;
    const { finalizers: _before, ...metadata } = pod.metadata;
    const next = finalizer === null ? metadata : { ...metadata, finalizers: [finalizer] };
    this.#pods.released(this.#store.put('pods', { ...pod, metadata: next }));
  }

  /** Forgets past changes and list continuations: watches and pages from before are answered 410. */
  compact(): void {
    this.#store.compact();
    this.api.expireLists();
  }

  #budgetsIn(namespace: string | null): readonly BudgetObject[] {
    const wanted = namespace ?? defaultBudgetNamespace;
    return this.#store.all('poddisruptionbudgets').filter((budget) => budget.metadata.namespace === wanted);
  }

  #setLimits(budget: BudgetObject, spec: BudgetObject['spec']): void {
    const generation = (budget.metadata.generation ?? 1) + 1;
    this.#store.put('poddisruptionbudgets', {
      ...budget,
      metadata: { ...budget.metadata, generation },
      spec,
    });
    this.#pods.refreshBudgets();
  }

  #node(name: string): NodeObject | null {
    return this.#store.get('nodes', undefined, name);
  }

  #setHealth(name: string, health: NodeHealth): void {
    const node = this.#node(name);
    if (node !== null) this.#store.put('nodes', withHealth(node, health, this.#clock.now()));
  }

  #putNamespace(name: string, phase: 'Active' | 'Terminating'): void {
    const known = this.#store.get('namespaces', undefined, name)?.metadata;
    const uid = known?.uid ?? this.#store.newUid();
    const creationTimestamp = known?.creationTimestamp ?? timeText(this.#clock.now());
    const metadata = { name, uid, resourceVersion: '', creationTimestamp };
    this.#store.put('namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata, status: { phase } });
  }
}
