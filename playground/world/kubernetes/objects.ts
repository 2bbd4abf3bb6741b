// The Kubernetes objects of the simulator, in the shapes of the real API and with only the fields somebody reads.
import { isoText } from '../clock.ts';

export type Labels = Readonly<Record<string, string>>;

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly controller: true;
}

export interface ObjectMeta {
  readonly name: string;
  readonly namespace?: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly generation?: number;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly labels?: Labels;
  readonly annotations?: Labels;
  readonly finalizers?: readonly string[];
  readonly ownerReferences?: readonly OwnerReference[];
  readonly managedFields?: readonly ManagedFields[];
}

/** Who wrote which fields last. */
export interface ManagedFields {
  readonly manager: string;
  readonly operation: 'Update';
  readonly apiVersion: string;
  readonly fieldsType: 'FieldsV1';
  readonly fieldsV1: Readonly<Record<string, object>>;
}

export interface Condition {
  readonly type: string;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  readonly message: string;
  readonly lastTransitionTime: string;
  readonly lastHeartbeatTime?: string;
  readonly observedGeneration?: number;
}

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: 'NoSchedule' | 'PreferNoSchedule' | 'NoExecute';
  readonly timeAdded?: string;
}

export interface KubeObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: ObjectMeta;
}

export interface NodeObject extends KubeObject {
  readonly kind: 'Node';
  readonly spec: {
    readonly podCIDR: string;
    readonly unschedulable?: true;
    readonly taints?: readonly Taint[];
  };
  readonly status: {
    readonly capacity: Labels;
    readonly allocatable: Labels;
    readonly addresses: readonly { readonly type: string; readonly address: string }[];
    readonly conditions: readonly Condition[];
    readonly nodeInfo: Labels;
  };
}

export interface Volume {
  readonly name: string;
  readonly emptyDir?: Record<string, never>;
  readonly hostPath?: { readonly path: string };
  readonly persistentVolumeClaim?: { readonly claimName: string };
}

export interface PodObject extends KubeObject {
  readonly kind: 'Pod';
  readonly spec: {
    readonly nodeName?: string;
    readonly terminationGracePeriodSeconds: number;
    readonly containers: readonly {
      readonly name: string;
      readonly image: string;
      readonly resources?: { readonly requests: Labels };
    }[];
    readonly volumes?: readonly Volume[];
    readonly tolerations?: readonly { readonly key?: string; readonly operator: 'Exists' }[];
  };
  readonly status: {
    readonly phase: 'Pending' | 'Running' | 'Succeeded' | 'Failed';
    readonly hostIP?: string;
    readonly podIP?: string;
    readonly startTime?: string;
    readonly conditions: readonly Condition[];
    readonly containerStatuses: readonly {
      readonly name: string;
      readonly image: string;
      readonly imageID: string;
      readonly ready: boolean;
      readonly started: boolean;
      readonly restartCount: number;
      readonly state: Readonly<Record<string, Labels>>;
    }[];
  };
}

export interface BudgetObject extends KubeObject {
  readonly kind: 'PodDisruptionBudget';
  readonly spec: {
    readonly minAvailable?: number | string;
    readonly maxUnavailable?: number | string;
    readonly selector: { readonly matchLabels: Labels };
    readonly unhealthyPodEvictionPolicy?: 'IfHealthyBudget' | 'AlwaysAllow';
  };
  readonly status: {
    readonly observedGeneration: number;
    readonly disruptionsAllowed: number;
    readonly currentHealthy: number;
    readonly desiredHealthy: number;
    readonly expectedPods: number;
    readonly conditions: readonly Condition[];
  };
}

export interface NamespaceObject extends KubeObject {
  readonly kind: 'Namespace';
  readonly status: { readonly phase: 'Active' | 'Terminating' };
}

/** A Deployment or a DaemonSet, only as far as a drain asks whether the owner still exists. */
export interface WorkloadObject extends KubeObject {
  readonly kind: 'Deployment' | 'DaemonSet';
  readonly spec: { readonly replicas?: number; readonly selector: { readonly matchLabels: Labels } };
}

/** Which object type lives under which plural name of the API. */
export interface Kinds {
  readonly nodes: NodeObject;
  readonly pods: PodObject;
  readonly poddisruptionbudgets: BudgetObject;
  readonly namespaces: NamespaceObject;
  readonly deployments: WorkloadObject;
  readonly daemonsets: WorkloadObject;
}

export type Resource = keyof Kinds;

/** The API's time text: RFC 3339 with whole seconds. */
export function timeText(atMs: number): string {
  return `${isoText(atMs).slice(0, 19)}Z`;
}

/** True when the named condition is exactly `True`. */
export function isTrue(conditions: readonly Condition[], type: string): boolean {
  return conditions.some((condition) => condition.type === type && condition.status === 'True');
}

/** Replaces the condition of the same type, keeping its transition time when the status did not change. */
export function withCondition(conditions: readonly Condition[], next: Condition): readonly Condition[] {
  const before = conditions.find((condition) => condition.type === next.type);
  const lastTransitionTime =
    before?.status === next.status ? before.lastTransitionTime : next.lastTransitionTime;
  return [...conditions.filter((condition) => condition.type !== next.type), { ...next, lastTransitionTime }];
}
