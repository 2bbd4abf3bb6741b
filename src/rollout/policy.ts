// The rules of one cluster as data: who may do what, how many must agree, how wide and how long.
import type { Weights } from '../checks/catalogue.ts';
import type { NeighbourPolicy } from '../cluster/neighbour.ts';
import type { RebootMode } from '../cluster/reboot-mode.ts';

export interface Limits {
  readonly pullMs: number;
  /** For one copy of etcd, from the first call until it is in the archive. */
  readonly snapshotMs: number;
  readonly drainMs: number;
  readonly installMs: number;
  /** From the accepted reboot until the machine answers with a new boot id. */
  readonly rebootMs: number;
  /** From the new boot id until everything that "done" means holds (design.md invariant 5). */
  readonly returnMs: number;
  /** How long a proof before a departure may stay unsatisfied before the rollout is held. */
  readonly proveMs: number;
  /** How long after its last possible sender stopped an act may still arrive (design.md 4.4). */
  readonly flightMs: number;
}

/** A backup of what runs in the cluster, made before anything is touched (kubernetes.md 3.5). */
export interface VeleroPolicy {
  /** Where Velero lives. */
  readonly namespace: string;
  /** `*` alone = all. */
  readonly includedNamespaces: readonly string[];
  readonly excludedNamespaces: readonly string[];
  readonly defaultVolumesToFsBackup: boolean;
  /** How long Velero keeps it; null = as long as Velero keeps any. */
  readonly ttlMs: number | null;
  /** Null = the default one. */
  readonly storageLocation: string | null;
  readonly timeoutMs: number;
  /** A completed one not older than this will do instead; null = always a new one. */
  readonly freshEnoughMs: number | null;
}

/** Which machines go first. Whatever the order: the etcd leader is the last of the control plane, and it goes one at a time. */
export const ORDERS = [
  'workers-first',
  'canary',
  'canary-then-control-plane',
  'control-plane-first',
] as const;
export type Order = (typeof ORDERS)[number];

/** How long what was upgraded is watched before the next is touched, in milliseconds; 0 = not at all. */
export interface Soak {
  /** After each batch of workers; one at a time is a batch of one. */
  readonly workersMs: number;
  readonly canaryMs: number;
  /** Between workers and control plane, whichever is first. */
  readonly stagesMs: number;
}

/** The worker that goes alone and before all others. */
export interface CanaryPolicy {
  /** Its name; absent: the one whose departure hurts least is chosen. */
  readonly node?: string;
  /** How it restarts, unless the one who asks says how all do; absent: as the others. powercycle proves a cold boot. */
  readonly rebootMode?: RebootMode;
}

export interface Policy {
  /** Slack user ids that may upgrade, roll back, pause, resume, abort, retry and skip. Empty = nobody. */
  readonly operators: readonly string[];
  /** Slack user ids that may approve and deny gates, and override what stops a plan. Empty = nobody. */
  readonly approvers: readonly string[];
  /** How many different people must approve each gate. */
  readonly approvals: number;
  readonly selfApproval: 'refused' | 'allowed';
  /** ask: an operator presses Start below the plan; at-once: a plan that nothing stops starts by itself. */
  readonly start: 'ask' | 'at-once';
  /** How many workers may be away at a time. Control-plane nodes always go alone. */
  readonly parallelWorkers: number;
  /** Absent: workers-first. */
  readonly order?: Order;
  /** Only of the orders that have one. */
  readonly canary?: CanaryPolicy;
  /** Absent: nothing is waited for. */
  readonly soak?: Soak;
  /** How nodes restart unless the one who asks says otherwise. A rollback's call knows no mode. */
  readonly rebootMode: RebootMode;
  /** What weighs otherwise than usual, by the check's name. */
  readonly checks: Weights;
  readonly proposalExpiryMs: number;
  readonly gateExpiryMs: number;
  readonly limits: Limits;
  /** Absent: no backup is made. */
  readonly velero?: VeleroPolicy;
  /** Absent: nobody is suspended. */
  readonly neighbours?: NeighbourPolicy;
}

export function hasCanary({ order }: Pick<Policy, 'order'>): boolean {
  return order === 'canary' || order === 'canary-then-control-plane';
}

export function isOperator(policy: Policy, user: string): boolean {
  return policy.operators.includes(user);
}

export function isApprover(policy: Policy, user: string): boolean {
  return policy.approvers.includes(user);
}
