/** The few things the Talos half of the world tells, or asks of, the Kubernetes half. */
import type { Strays } from './kubernetes/strays.ts';

/** A node as the machine hands it to Kubernetes when it registers. */
export interface KubernetesNode {
  readonly name: string;
  readonly role: 'control-plane' | 'worker';
  readonly address: string;
  readonly talosVersion: string;
  readonly kubernetesVersion: string;
  readonly schematic: string;
  /** What the kubelet reports as its boot id; a made-up one when left out. */
  readonly bootId?: string;
  /** Absent: none. */
  readonly zone?: string;
}

/** What callers of the Kubernetes API did to one node. */
export interface KubernetesActs {
  readonly cordons: number;
  readonly uncordons: number;
  /** Accepted evictions of pods on the node. */
  readonly evictions: number;
  /** Pods that somebody deleted past the eviction API; absent where nobody counts them. */
  readonly deletions?: number;
}

/** The Kubernetes objects of one simulated cluster, as the machines see them. */
export interface KubernetesSide {
  addNode(node: KubernetesNode): void;
  setNodeReady(name: string, ready: boolean): void;
  setNodeVersion(name: string, talosVersion: string): void;
  setNodeSchematic(name: string, schematic: string): void;
  /** Somebody upgraded Kubernetes: kubelets and what Talos deploys beside them run this version now. */
  setKubernetesVersion(version: string): void;
  /** The machine came up with a new boot id: kubelet registers again, local pods are restarted. */
  rebooted(name: string, bootId: string): void;
  isCordoned(name: string): boolean;
  /** False while no control-plane node serves the Kubernetes API. */
  apiServerUp(anyControlPlaneUp: boolean): void;
  podsRunningOn(name: string): number;
  setUnschedulable(name: string, value: boolean): void;
  /** Makes the disruption budget of a namespace (null = the default one) refuse every eviction. */
  blockBudget(namespace: string | null): void;
  unblockBudget(namespace: string | null): void;
  actsOn(name: string): KubernetesActs;
  onChange(listener: () => void): void;
  /** What faults leave in the API; absent where there is no API. */
  readonly strays?: Strays;
}
