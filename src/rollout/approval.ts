// Who may say yes or no to a gate, and when their word counts.
import type { Circumstances, Decided } from './decided.ts';
import { type Asked, type Refusal, refuse } from './intent.ts';
import { isApprover, type Policy } from './policy.ts';
import { type GateState, gateState, type Rollout } from './rollout.ts';

type OpenGate = Extract<GateState, { state: 'open' }>;

export function approve(
  rollout: Rollout,
  asked: Asked,
  gate: string,
  around: Circumstances,
): Decided | Refusal {
  const open = mayJudge(rollout, asked.user, gate, around);
  if ('kind' in open) return open;
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

/** Any approver may stop a rollout, also their own; saying no needs nobody else. */
export function deny(
  rollout: Rollout,
  asked: Asked,
  intent: { readonly gate: string; readonly reason: string },
  around: Circumstances,
): Decided | Refusal {
  const open = mayJudge(rollout, asked.user, intent.gate, around);
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

function mayJudge(rollout: Rollout, user: string, gate: string, around: Circumstances): OpenGate | Refusal {
  if (!isApprover(around.policy, user)) {
    const who =
      around.policy.approvers.length === 0
        ? 'nobody is configured as one'
        : `they are ${others(around.policy, rollout.user)}`;
    return refuse('not-approver', `You are not an approver of ${rollout.cluster}: ${who}.`);
  }
  const state = gateState(rollout, gate);
  if (state.state === 'open' && around.now < state.expiresAt) {
    if (state.approvals.length < state.needs) return state;
    return refuse('gate-closed', 'Enough people approved this already; it is being proved once more.');
  }
  return refuse('gate-closed', closedSentence(state));
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

function others(policy: Policy, requester: string): string {
  const people =
    policy.selfApproval === 'allowed'
      ? policy.approvers
      : policy.approvers.filter((user) => user !== requester);
  return people.length === 0 ? 'nobody else is configured' : people.map((user) => `<@${user}>`).join(', ');
}
