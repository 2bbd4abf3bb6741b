// The Kubernetes platform itself: its nodes in full, its own components, what extends its API, and what we may do there.
import type { Named } from './pods.ts';

export interface NodeDetail {
  readonly name: string;
  readonly schedulable: boolean;
  readonly ready: boolean;
  readonly controlPlane: boolean;
  /** `MemoryPressure`, `DiskPressure`, `PIDPressure`, `NetworkUnavailable`: those that are True. */
  readonly pressures: readonly string[];
  /** Those of them of which nobody knows: the kubelet has stopped telling. */
  readonly untold: readonly string[];
  readonly zone: string | null;
  readonly allocatable: { readonly cpuMilli: number; readonly memoryBytes: number; readonly pods: number };
  /** The field manager that set `unschedulable`, as far as Kubernetes tells; null when it does not. */
  readonly cordonedBy: string | null;
  /** Label selectors of taints that keep pods away (NoSchedule, NoExecute), cordon's own left out. */
  readonly taints: readonly string[];
}

/** A control-plane component or kubelet and the Kubernetes version it runs. */
export interface ComponentView {
  readonly node: string;
  /** `kube-apiserver`, `kube-controller-manager`, `kube-scheduler`, `kube-proxy` or `kubelet`. */
  readonly component: string;
  /** With its leading v; the image's tag. */
  readonly version: string;
}

/** A certificate signing request nobody decided about. */
export interface PendingCsr {
  readonly name: string;
  readonly signer: string;
  readonly requester: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
}

/** A webhook that lets nothing through when it does not answer (failurePolicy Fail). */
export interface FailClosedWebhook {
  readonly configuration: string;
  readonly name: string;
  readonly kind: 'validating' | 'mutating';
  /** Null when it is called by URL. */
  readonly service: Named | null;
  /** Nodes on which its ready endpoints are; null when it is called by URL or its endpoints were not found. */
  readonly endpointNodes: readonly string[] | null;
}

export interface ApiServiceView {
  readonly name: string;
  readonly available: boolean;
  readonly why: string;
}

/** One thing the bot must be allowed to do in Kubernetes, and whether it is (SelfSubjectAccessReview). */
export interface AccessView {
  /** `patch nodes`, `create pods/eviction`, … */
  readonly act: string;
  readonly allowed: boolean;
}

/** The nodes the bot itself runs on; empty when it runs elsewhere. */
export interface OwnPods {
  readonly nodes: readonly string[];
}
