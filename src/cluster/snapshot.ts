// What all APIs said about a cluster at one instant, including what did not answer. Never journalled.

import type { AccessView } from './access.ts';
import type { Answer } from './answer.ts';
import type { Aftermath } from './baseline.ts';
import type { Estate } from './estate/estate.ts';
import type { Inspection } from './inspection.ts';
import type { Role } from './node.ts';

export type MachineStage =
  | 'unknown'
  | 'booting'
  | 'installing'
  | 'maintenance'
  | 'running'
  | 'rebooting'
  | 'shutting-down'
  | 'resetting'
  | 'upgrading';

export interface UnmetCondition {
  readonly name: string;
  readonly reason: string;
}

/** One machine as its own API describes it. */
export interface MachineView {
  /** The Talos version tag with its leading v, e.g. `v1.13.4`. */
  readonly version: string;
  /** `metal`, `aws`, … as in the installer image's name. */
  readonly platform: string;
  /** New with every boot of the machine: the proof that it restarted. Empty when our role may not know it: then nothing can be done to it. */
  readonly bootId: string;
  readonly stage: MachineStage;
  readonly ready: boolean;
  readonly unmet: readonly UnmetCondition[];
  /** The Image Factory schematic the machine runs; null when it reports none (a plain installer image). */
  readonly schematic: string | null;
  /** Base URL of the Image Factory its image comes from, as the image itself says; null when it does not say. */
  readonly factoryUrl: string | null;
  /** Names of system extensions, without the virtual `schematic` and `modules.dep` entries, sorted. */
  readonly extensions: readonly string[];
}

export interface EtcdMember {
  /** 16 hex digits, as Talos prints member ids. Compare by this, never by name. */
  readonly id: string;
  /** Empty while a member has never started, and for a moment after a reboot. */
  readonly name: string;
  readonly learner: boolean;
}

/** etcd as one control-plane machine sees it. */
export interface EtcdView {
  readonly memberId: string;
  /** Null when this member knows no leader. */
  readonly leaderId: string | null;
  readonly members: readonly EtcdMember[];
  readonly learner: boolean;
  readonly raftTerm: number;
  readonly raftIndex: number;
  readonly raftAppliedIndex: number;
  /** The database file, and what of it is in use: the rest comes free by defragmenting. */
  readonly dbBytes: number;
  readonly dbInUseBytes: number;
  /** Of the etcd that runs, e.g. `3.6.12`, and of its storage; the latter empty before etcd 3.6. */
  readonly version: string;
  readonly storageVersion: string;
  /** Alarm and health texts of the member's own status. */
  readonly errors: readonly string[];
  readonly alarms: readonly { readonly memberId: string; readonly alarm: 'nospace' | 'corrupt' }[];
}

/** One node as Kubernetes describes it. */
export interface WorkloadNodeView {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly controlPlane: boolean;
  readonly ready: boolean;
  readonly unschedulable: boolean;
  /** The rollout whose mark is on the cordon, if it is one of ours. */
  readonly cordonedBy: string | null;
  readonly kubeletVersion: string;
  readonly bootId: string;
}

/** The static pods of one control-plane node. */
export interface StaticPodView {
  /** `kube-apiserver`, `kube-controller-manager` or `kube-scheduler`. */
  readonly component: string;
  readonly ready: boolean;
}

export interface NodeSnapshot {
  readonly name: string;
  readonly address: string;
  readonly role: Role;
  readonly machine: Answer<MachineView>;
  /** Null when it was not asked for: only a full survey asks, and only machines that answer. */
  readonly inspection: Answer<Inspection> | null;
  /** Null on workers. */
  readonly etcd: Answer<EtcdView> | null;
  /** `value: null` when Kubernetes answered and has no such node. */
  readonly workload: Answer<WorkloadNodeView | null>;
  /** Null on workers. */
  readonly staticPods: Answer<readonly StaticPodView[]> | null;
}

/** What evictions would be answered on one node, asked right before it is drained; nothing was evicted. */
export interface Rehearsal {
  readonly node: string;
  /** Pods asked about. */
  readonly asked: number;
  /** Those that would not go. blocked: a budget forbids it now; refused: for good, until somebody changes something. */
  readonly stuck: readonly {
    readonly pod: string;
    readonly verdict: 'blocked' | 'refused';
    readonly why: string;
  }[];
}

export interface Snapshot {
  readonly cluster: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Milliseconds the machines took to answer: so old is the oldest of their answers at `at`. Absent where nobody counts it. */
  readonly heardMs?: number;
  /** Sorted by name. */
  readonly nodes: readonly NodeSnapshot[];
  /** Why discovery was incomplete; empty when every source that lists nodes answered. */
  readonly silences: readonly string[];
  /** Kubernetes nodes for which no machine was found. */
  readonly strangers: readonly string[];
  /** What Kubernetes says beside its nodes; null when it was not asked, as right before a departure. */
  readonly estate: Estate | null;
  /** Which pods do not run now, and which did not before the rollout; absent where that is not compared. */
  readonly aftermath?: Aftermath;
  /** Only of the node that is next, and only when it will be drained. */
  readonly rehearsal?: Answer<Rehearsal>;
  /** Rollouts of this house, by id: what they hold nobody else does. Absent where nobody compares. */
  readonly ownRollouts?: readonly string[];
  /** What our own certificate allows, and until when; absent where machines are reached without one. */
  readonly access?: AccessView;
}

/** Returns the named node's part, or null. */
export function nodeOf(snapshot: Snapshot, name: string): NodeSnapshot | null {
  return snapshot.nodes.find((node) => node.name === name) ?? null;
}
