// Who may say yes or no to a gate, and when their word counts.
import type { Circumstances, Decided } from './decided.ts';
import { type Asked, type Intent, type Refusal, refuse } from './intent.ts';
import { isOutOfDate } from './occasion.ts';
import { isApprover, type Policy } from './policy.ts';
import { type GateState, gateState, type Rollout } from './rollout.ts';

type OpenGate = Extract<GateState, { state: 'open' }>;
type Judging<K extends 'approve' | 'deny'> = Extract<Intent, { kind: K }>;

export function approve(
  rollout: Rollout,
  asked: Asked,
  intent: Judging<'approve'>,
  around: Circumstances,
): Decided | Refusal {
  const { gate } = intent;
  const open = mayJudge(rollout, asked.user, intent, around);
  if ('kind' in open) return open;
  if (agreed(open))
    return refuse('gate-closed', 'Enough people approved this already; it is being proved once more.');
  if (asked.user === rollout.user && around.policy.selfApproval === 'refused') {
    return refuse(
      'own-request',
      `You asked for this rollout, so somebody else has to approve it: ${others(around.policy, rollout.user)}.`,
    );
  }
  if (open.approvals.some((approval) => approval.user === asked.user)) {
    const missing = open.needs - open.approvals.length;
    return refuse(
      'already-approved',
      `You already approved this; ${missing} more approval${missing === 1 ? '' : 's'} by other people needed.`,
    );
  }
  return {
    kind: 'decided',
    events: [
      { kind: 'approved', gate, fingerprint: open.fingerprint, user: asked.user, delivery: asked.delivery },
    ],
  };
}

/** Any approver may stop a rollout, also their own; saying no needs nobody else, and counts until the gate is passed. */
export function deny(
  rollout: Rollout,
  asked: Asked,
  intent: Judging<'deny'>,
  around: Circumstances,
): Decided | Refusal {
  const open = mayJudge(rollout, asked.user, intent, around);
  if ('kind' in open) return open;
  return {
    kind: 'decided',
    events: [
      {
        kind: 'denied',
        gate: intent.gate,
        user: asked.user,
        reason: intent.reason,
        delivery: asked.delivery,
      },
    ],
  };
}

function mayJudge(
  rollout: Rollout,
  user: string,
  intent: Judging<'approve' | 'deny'>,
  around: Circumstances,
): OpenGate | Refusal {
  if (!isApprover(around.policy, user)) return notApprover(rollout, around.policy);
  const state = gateState(rollout, intent.gate);
  // Once enough people agreed it does not expire any more: it is passed, or void.
  const judgeable = state.state === 'open' && (agreed(state) || around.now < state.expiresAt);
  if (!judgeable) return refuse('gate-closed', closedSentence(state));
  if (!isOutOfDate(rollout, intent.gate, intent)) return state;
  return refuse('gate-closed', 'This card is out of date: a newer one for this node is in the thread.');
}

function agreed(open: OpenGate): boolean {
  return open.approvals.length >= open.needs;
}

function closedSentence(state: GateState): string {
  switch (state.state) {
    case 'closed':
      return 'This card is out of date: a new one will be posted once the cluster is proved ready again.';
    case 'open':
    case 'expired':
      return 'This request expired. Ask again.';
    case 'passed':
      return 'This was approved already.';
    case 'denied':
      return `This was denied by <@${state.user}>.`;
  }
}

export function notApprover(rollout: Rollout, policy: Policy): Refusal {
  const who =
    policy.approvers.length === 0
      ? 'nobody is configured as one'
      : `they are ${others(policy, rollout.user)}`;
  return refuse('not-approver', `You are not an approver of ${rollout.cluster}: ${who}.`);
}

/** Those whose yes counts for what this requester asked for, in the configuration's order. */
export function mayApprove(
  { approvers, selfApproval }: Pick<Policy, 'approvers' | 'selfApproval'>,
  requester: string,
): readonly string[] {
  return selfApproval === 'allowed' ? approvers : approvers.filter((user) => user !== requester);
}

/** The same people as text for a sentence. */
export function others(policy: Policy, requester: string): string {
  const people = mayApprove(policy, requester);
  return people.length === 0 ? 'nobody else is configured' : people.map((user) => `<@${user}>`).join(', ');
}
