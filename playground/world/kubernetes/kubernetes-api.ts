// What callers of the simulated Kubernetes API may read and do; every no is the Status body the real server would send.
import type { ActCounter } from './acts.ts';
import {
  budgetVerdict,
  type EvictionRequest,
  namespaceTerminating,
  preconditionFailure,
} from './eviction.ts';
import { Listing, type ListQuery, type Page } from './listing.ts';
import { withManager } from './managed-fields.ts';
import { controlPlaneLabel, withOwnedTaints } from './node-object.ts';
import type { ObjectStore } from './object-store.ts';
import type { Kinds, NodeObject, PodObject, Resource } from './objects.ts';
import { type PatchKind, patchedNode } from './patch.ts';
import type { PodController } from './pod-controller.ts';
import { type ApiAnswer, notFound, refused, type StatusBody } from './statuses.ts';
import { type WatchEvent, type WatchQuery, watch } from './watching.ts';

export interface PatchRequest {
  readonly patch: unknown;
  readonly kind: PatchKind;
  readonly dryRun: boolean;
  /** Who is written down as the manager of what is changed; absent = nobody asks. */
  readonly manager?: string;
}

interface Parts {
  readonly store: ObjectStore;
  readonly pods: PodController;
  readonly acts: ActCounter;
  readonly now: () => number;
}

export class KubernetesApi {
  readonly #parts: Parts;
  readonly #listing: Listing;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#listing = new Listing(parts.store);
  }

  /** The version of the last write, as a list without items would report it. */
  get resourceVersion(): string {
    return String(this.#parts.store.version);
  }

  /** The version the API server reports: that of the first control-plane node. */
  get serverVersion(): string {
    const controlPlane = this.#parts.store
      .all('nodes')
      .find((node) => node.metadata.labels?.[controlPlaneLabel] !== undefined);
    return controlPlane?.status.nodeInfo['kubeletVersion'] ?? 'v0.0.0';
  }

  get<R extends Resource>(resource: R, namespace: string | undefined, name: string): ApiAnswer<Kinds[R]> {
    const object = this.#parts.store.get(resource, namespace, name);
    return object === null ? refused(notFound(resource, name)) : { kind: 'object', object };
  }

  list(resource: Resource, query: ListQuery): ApiAnswer<Page> {
    return this.#listing.page(resource, query);
  }

  /** Forgets every continue token: pages from before are answered 410. */
  expireLists(): void {
    this.#listing.expireAll();
  }

  watch(resource: Resource, query: WatchQuery, onEvent: (event: WatchEvent) => void): () => void {
    return watch(this.#parts.store, resource, query, onEvent);
  }

  patchNode(name: string, request: PatchRequest): ApiAnswer<NodeObject> {
    const { store, pods, acts, now } = this.#parts;
    const node = store.get('nodes', undefined, name);
    if (node === null) return refused(notFound('nodes', name));
    const answer = patchedNode(node, request.patch, request.kind);
    if (answer.kind === 'refused' || request.dryRun) return answer;
    const before = node.spec.unschedulable ?? false;
    const after = answer.object.spec.unschedulable ?? false;
    if (before !== after) acts.count(name, after ? 'cordons' : 'uncordons');
    const managed = withManager(answer.object, node, request.manager ?? '');
    const stored = store.put('nodes', withOwnedTaints(managed, now()));
    pods.nodesChanged();
    return { kind: 'object', object: stored };
  }

  evict(namespace: string, name: string, request: EvictionRequest): ApiAnswer<null> {
    const { store, pods, acts } = this.#parts;
    const verdict = this.#evictionVerdict(namespace, name, request);
    const pod = store.get('pods', namespace, name);
    if (pod === null) return refused(verdict ?? notFound('pods', name));
    const node = pod.spec.nodeName ?? '';
    if (!request.dryRun) acts.count(node, verdict === null ? 'evictions' : 'refusedEvictions');
    if (verdict !== null) return refused(verdict);
    if (!request.dryRun) pods.remove(pod, { graceSeconds: graceOf(pod, request), by: 'eviction' });
    return { kind: 'object', object: null };
  }

  deletePod(namespace: string, name: string, request: EvictionRequest): ApiAnswer<PodObject> {
    const { store, pods, acts } = this.#parts;
    const pod = store.get('pods', namespace, name);
    if (pod === null) return refused(notFound('pods', name));
    const precondition = preconditionFailure(pod, request);
    if (precondition !== null) return refused(precondition);
    if (request.dryRun) return { kind: 'object', object: pod };
    acts.count(pod.spec.nodeName ?? '', 'deletions');
    return {
      kind: 'object',
      object: pods.remove(pod, { graceSeconds: graceOf(pod, request), by: 'deletion' }),
    };
  }

  #evictionVerdict(namespace: string, name: string, request: EvictionRequest): StatusBody | null {
    const { store } = this.#parts;
    // Admission looks at the namespace before anybody looks for the pod.
    const phase = store.get('namespaces', undefined, namespace)?.status.phase;
    if (phase === 'Terminating') return namespaceTerminating(name, namespace);
    const pod = store.get('pods', namespace, name);
    if (pod === null) return notFound('pods', name);
    // The budgets are asked before the preconditions: another pod's uid is told only when they agree (seen in 1.34).
    return budgetVerdict(pod, store.all('poddisruptionbudgets')) ?? preconditionFailure(pod, request);
  }
}

function graceOf(pod: PodObject, request: EvictionRequest): number {
  return request.graceSeconds ?? pod.spec.terminationGracePeriodSeconds;
}
