// The Kubernetes side of one cluster: what the engine needs to empty a node and to see that it is back.
import type { BudgetView, Named } from '../../cluster/estate/pods.ts';
import type { StaticPodView, WorkloadNodeView } from '../../cluster/snapshot.ts';
import type { May } from './machines.ts';

/** A pod with what the drain rules ask about it (kubernetes.md 2.2). */
export interface PodSeen {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  readonly ready: boolean;
  /** Kind of the controlling owner, or null when nobody would create it again: there is none, or it is a DaemonSet that is gone. */
  readonly ownerKind: string | null;
  /** One name for all pods of its owner, as `workloadOf` writes it: `shop/ReplicaSet web`. */
  readonly workload: string;
  /** Why a container waits, or the pod cannot be placed; null when nothing is known to be wrong. */
  readonly waiting: string | null;
  /** A static pod's mirror: it belongs to the kubelet and cannot be evicted. */
  readonly mirror: boolean;
  readonly emptyDir: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** Names of the persistent volume claims it mounts. */
  readonly claims: readonly string[];
  /** What must be taken off it by others before it can go. */
  readonly finalizers: readonly string[];
  /** Milliseconds since 1970 of the deletion mark (request plus grace), or null. */
  readonly deletingAt: number | null;
  readonly graceMs: number;
  /** The scheduler may place it on a node although that is cordoned. */
  readonly toleratesCordon: boolean;
}

export type EvictAnswer =
  | { readonly kind: 'accepted' }
  | { readonly kind: 'gone' }
  /**
   * Not now: `why` is the server's sentence. budget: it names the budget; namespace: it is being deleted, and admits no eviction; webhook:
   * one says "not now" and moves the pod itself, as KubeVirt does; busy: the API protects itself, or somebody wrote in between.
   */
  | {
      readonly kind: 'blocked';
      readonly cause: 'budget' | 'namespace' | 'webhook' | 'busy';
      readonly why: string;
      readonly retryAfterMs: number;
    }
  /** It will never be allowed without somebody's change: several budgets, or rights and admission. */
  | { readonly kind: 'refused'; readonly cause: 'budgets' | 'refused'; readonly why: string };

/** A persistent volume that a node holds (kubernetes.md 2.6). */
export interface AttachmentSeen {
  readonly volume: string;
  /** Null when no claim is known of it. */
  readonly claim: Named | null;
  /** What went wrong with attaching or detaching it, in the driver's words; empty when nothing is known. */
  readonly trouble: string;
}

export type CordonFound = 'schedulable' | 'cordoned';

/** How a node was found; `by`: the mark of another rollout whose cordon it is under, which was left to it. */
export interface Cordoned {
  readonly found: CordonFound;
  readonly by?: string;
}

export interface CordonOptions {
  /** Asked before every write, also one that is decided anew because somebody else wrote in between. */
  readonly may?: May;
  /** How this rollout found the node when it cordoned it first: it counts for more than what the node shows now. */
  readonly first?: CordonFound;
}

export interface RestoreOptions {
  /** Asked before every write. */
  readonly may?: May;
  /** Nobody saw the act end that this one undoes: where it left no mark it may still arrive, and is made to be refused then. */
  readonly unseen?: boolean;
}

/** Everything throws Fault. Every call has the adapter's own deadline. */
export interface Workloads {
  nodes(): Promise<readonly WorkloadNodeView[]>;
  /** Ready state of the control plane's static pods by node name. */
  staticPods(): Promise<ReadonlyMap<string, readonly StaticPodView[]>>;
  podsOn(node: string): Promise<readonly PodSeen[]>;
  /** Marks the node unschedulable with our mark in the same patch; answers how it was found (by us earlier: as recorded then). */
  cordon(node: string, mark: string, options?: CordonOptions): Promise<Cordoned>;
  /** Puts the node back as it was found under this mark; when the mark is gone it leaves it as it is and says so. */
  uncordon(
    node: string,
    mark: string,
    options?: RestoreOptions,
  ): Promise<{ readonly restored: CordonFound | 'not-ours' }>;
  evict(pod: PodSeen): Promise<EvictAnswer>;
  /** Deletes exactly this pod (by uid) past every budget, with its own grace. */
  remove(pod: PodSeen): Promise<EvictAnswer>;
  /** The disruption budgets of a namespace, with their counts. */
  budgets(namespace: string): Promise<readonly BudgetView[]>;
  /** Volumes that are attached to this node, or are still being detached from it. */
  attachments(node: string): Promise<readonly AttachmentSeen[]>;
  /** What an eviction would be answered now; nothing is evicted (dry run). */
  rehearse(pod: PodSeen): Promise<EvictAnswer>;
  /** True when the pod with this uid is no more (also when its name was taken by a successor). */
  gone(pod: PodSeen): Promise<boolean>;
  close(): Promise<void>;
}
