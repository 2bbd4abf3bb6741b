// Pods, what protects them from eviction, and where their data lies: what a drain will meet.

/** Names one object of a namespace. */
export interface Named {
  readonly namespace: string;
  readonly name: string;
}

export interface PodView extends Named {
  /** Null while no node has it. */
  readonly node: string | null;
  readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed' | 'Unknown';
  readonly ready: boolean;
  /** Why a container waits (`CrashLoopBackOff`, `ImagePullBackOff`, …) or the pod cannot be placed; null when nothing does. */
  readonly waiting: string | null;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  readonly deleting: boolean;
  readonly labels: Readonly<Record<string, string>>;
  /** The controlling owner; null when nobody would create the pod again. */
  readonly owner: { readonly kind: string; readonly name: string } | null;
  readonly mirror: boolean;
  readonly emptyDir: boolean;
  /** Names of the persistent volume claims it mounts. */
  readonly claims: readonly string[];
  /** Sum over its containers, in thousandths of a CPU and bytes. */
  readonly requests: { readonly cpuMilli: number; readonly memoryBytes: number };
}

/** One name for all pods of an owner: `prod/StatefulSet db`. */
export function workloadOf({
  namespace,
  name,
  owner,
}: Pick<PodView, 'namespace' | 'name' | 'owner'>): string {
  return owner === null ? `${namespace}/${name}` : `${namespace}/${owner.kind} ${owner.name}`;
}

/** A label selector as Kubernetes writes it; null selects nothing, empty selects everything of its namespace. */
export interface LabelSelector {
  readonly matchLabels: Readonly<Record<string, string>>;
  readonly matchExpressions: readonly {
    readonly key: string;
    readonly operator: string;
    readonly values: readonly string[];
  }[];
}

/** A PodDisruptionBudget with the counts of its status. */
export interface BudgetView extends Named {
  readonly selector: LabelSelector | null;
  readonly disruptionsAllowed: number;
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly expectedPods: number;
  /** False while its status is about an older generation: its counts then mean nothing. */
  readonly observed: boolean;
  readonly unhealthyPods: 'if-healthy-budget' | 'always-allow';
}

/** A persistent volume that exists on certain nodes only. */
export interface LocalVolumeView {
  readonly name: string;
  readonly claim: Named | null;
  /** Hostnames its node affinity allows. */
  readonly hostnames: readonly string[];
}
