// The rules of one cluster as data: who may do what, how many must agree, how wide and how long.

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

export interface Policy {
  /** Slack user ids that may upgrade, roll back, pause, resume, abort, retry and skip. Empty = nobody. */
  readonly operators: readonly string[];
  /** Slack user ids that may approve and deny gates. Empty = nobody. */
  readonly approvers: readonly string[];
  /** How many different people must approve each gate. */
  readonly approvals: number;
  readonly selfApproval: 'refused' | 'allowed';
  /** ask: an operator presses Start below the plan; at-once: the plan starts as soon as it has no blockers. */
  readonly start: 'ask' | 'at-once';
  /** How many workers may be away at a time. Control-plane nodes always go alone. */
  readonly parallelWorkers: number;
  readonly proposalExpiryMs: number;
  readonly gateExpiryMs: number;
  readonly limits: Limits;
}

export function isOperator(policy: Policy, user: string): boolean {
  return policy.operators.includes(user);
}

export function isApprover(policy: Policy, user: string): boolean {
  return policy.approvers.includes(user);
}
