// Which steps want the advisory Lease, what is said while another bot has it, and when a call must not leave.
import { holderText } from '../cluster/lease.ts';
import { type Lane, laneOfStep } from '../rollout/plan.ts';
import { changesNode, type Step, type StepFacts } from '../rollout/step.ts';
import { CLEAR, earlierHolders, type Guarded } from './guard.ts';
import { LEASE_DURATION_MS } from './ports/advisory-lease.ts';
import type { TaskContext } from './work.ts';

/** Milliseconds to wait however short the limits are: a holder that died is known to be gone by then; some for a slow API. */
const HOLDER_GONE_MS = LEASE_DURATION_MS + 15_000;

/**
 * needed: up to the departure, of workers as well; wanted: while the node is away, when waiting would help nobody; none: what
 * changes no node, and what only puts back.
 */
export function leaseNeed(lane: Lane, step: Step): 'needed' | 'wanted' | 'none' {
  if (lane.role === null || !changesNode(step)) return 'none';
  const departs = lane.steps.findIndex(({ presence }) => presence === 'departs');
  const at = lane.steps.findIndex(({ id }) => id === step.id);
  if (departs < 0 || at <= departs) return 'needed';
  return step.kind === 'return' ? 'wanted' : 'none';
}

/**
 * Takes the Lease for a step that is about to begin. Another bot that has it keeps the step waiting; Kubernetes that does not
 * answer, or does not let us, keeps nobody: the Lease only advises, and what protects the cluster is proved elsewhere.
 */
export async function leased({ lease, session, parts }: TaskContext, step: Step): Promise<Guarded> {
  const { plan } = session.rollout;
  const lane = laneOfStep(plan, step.id);
  const need = lane === null ? 'none' : leaseNeed(lane, step);
  if (lease === null || need === 'none') return CLEAR;
  if (need === 'wanted') {
    lease.pursue(earlierHolders(session, 'lease'));
    return CLEAR;
  }
  const departs = step.presence === 'departs';
  const grip = await lease.grasp({ earlier: earlierHolders(session, 'lease'), departs });
  switch (grip.kind) {
    case 'held':
      return { kind: 'clear', facts: { lease: grip.hold.holder, leaseEpoch: grip.hold.epoch } };
    case 'elsewhere': {
      const why = `The cluster's Lease is held by ${holderText(grip.seen)}: two bots must not change it at once. Wait for it; when that bot is no more, a retry takes the Lease after ${LEASE_DURATION_MS / 60_000} minutes without a sign of it`;
      return { kind: 'waiting', why, patienceMs: HOLDER_GONE_MS };
    }
    case 'unanswered':
      parts.log.warn('a node is changed without the Lease', {
        rollout: session.rollout.id,
        node: step.node,
        error: grip.fault.message,
      });
      return { kind: 'clear', facts: { lease: null, leaseTrouble: grip.fault.message } };
  }
}

/** Tries to have it again while a node is away: whoever took a dead process's place has not got it yet. */
export function keptOut({ lease, session }: TaskContext, step: Step): void {
  const { plan } = session.rollout;
  const lane = laneOfStep(plan, step.id);
  if (lane !== null && leaseNeed(lane, step) !== 'none') lease?.pursue(earlierHolders(session, 'lease'));
}

/** Why a call that is sent only once must not leave now: since the step was begun somebody else was seen to have the Lease. */
export function outbid({ lease }: TaskContext, evidence: StepFacts): string | null {
  const begunUnder = evidence['lease'];
  if (lease === null || typeof begunUnder !== 'string' || lease.hold !== null) return null;
  return "the cluster's Lease was taken by another bot before the call was sent";
}
