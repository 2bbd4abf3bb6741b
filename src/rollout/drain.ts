// Who may decide what becomes of a drain that is blocked: more time is one person's word, what overrides a budget takes two.
import { notApprover, others } from './approval.ts';
import {
  type Blocker,
  comingBack,
  type DrainChoice,
  drainOf,
  type Question,
  questionOf,
  questionSubject,
} from './blockade.ts';
import { type Circumstances, type Decided, decided } from './decided.ts';
import { type Asked, type Intent, type Refusal, refuse } from './intent.ts';
import { isOutOfDate } from './occasion.ts';
import { isEnding } from './phase.ts';
import { isApprover, isOperator, type Policy } from './policy.ts';
import type { Rollout } from './rollout.ts';

type Choosing = Extract<Intent, { kind: 'drain' }>;

/** Every answer is about the pods that were shown with the question, and about no others. */
export function chooseDrain(
  rollout: Rollout,
  asked: Asked,
  intent: Choosing,
  { policy }: Circumstances,
): Decided | Refusal {
  const { step, choice } = intent;
  const { user, delivery } = asked;
  if (!mayDecide(policy, user)) return notTheirs(rollout, policy);
  const question = questionOf(rollout, step);
  if (question === null || isOverFor(rollout)) return refuse('wrong-phase', overSentence(rollout, step));
  if (isOutOfDate(rollout, questionSubject(step), intent))
    return refuse('wrong-phase', 'This card is out of date: what is asked has changed, see it again.');
  if (choice === 'wait') {
    // Each wait would keep the card away on which people decide about that.
    if (isHeldUp(rollout))
      return refuse(
        'wrong-phase',
        'Another node has failed, and the rollout is held as soon as this drain is over: it gets no more time.',
      );
    return decided({ kind: 'drain-decided', step, choice, pods: [], askedBy: user, user, delivery });
  }
  const pods = podsFor(rollout, step, { choice, question });
  if (pods.length === 0)
    return refuse(
      'wrong-phase',
      'All of these pods are being deleted already, or come back: to delete them once more would change nothing.',
    );
  const { proposal } = question;
  // Whoever lost the right to it meanwhile is no longer one of the two.
  const stands = proposal !== null && proposal.choice === choice && mayDecide(policy, proposal.user);
  if (!stands) return decided({ kind: 'drain-proposed', step, choice, user, delivery });
  const refusal = mayConfirm(rollout, user, { policy, proposer: proposal.user });
  if (refusal !== null) return refusal;
  const uids = pods.map(({ uid }) => uid);
  const coming = choice === 'leave' ? comingBack(pods) : [];
  return decided({
    kind: 'drain-decided',
    ...{ step, choice, pods: uids },
    ...(coming.length === 0 ? {} : { workloads: coming }),
    ...{ askedBy: proposal.user, user, delivery },
  });
}

/** Pods that the choice would change something for. One that is being deleted, was deleted by us, or comes back is not deleted again. */
export function podsFor(
  rollout: Rollout,
  step: string,
  { choice, question }: { readonly choice: DrainChoice; readonly question: Question },
): readonly Blocker[] {
  if (choice !== 'force') return question.blockers;
  const { forced } = drainOf(rollout, step);
  return question.blockers.filter(
    ({ uid, cause }) => cause !== 'stuck' && cause !== 'comes-back' && !forced.includes(uid),
  );
}

/**
 * Two different people, whatever the policy says of gates: a budget belongs to somebody else than who wants to be done. Only where
 * nobody else is configured and the policy lets people approve alone, the second click may be theirs (docs/decisions/0029).
 */
export function confirmersOf(policy: Policy, proposer: string): readonly string[] {
  const second = policy.approvers.filter((user) => user !== proposer);
  const alone = second.length === 0 && policy.selfApproval === 'allowed';
  return alone ? policy.approvers : second;
}

function mayConfirm(
  rollout: Rollout,
  user: string,
  { policy, proposer }: { readonly policy: Policy; readonly proposer: string },
): Refusal | null {
  const who = confirmersOf(policy, proposer);
  if (who.includes(user)) return null;
  if (user !== proposer) return notApprover(rollout, policy);
  const named = who.length === 0 ? 'nobody else is configured' : who.map((one) => `<@${one}>`).join(', ');
  return refuse('own-request', `You asked for this, so another approver has to confirm it: ${named}.`);
}

function mayDecide(policy: Policy, user: string): boolean {
  return isOperator(policy, user) || isApprover(policy, user);
}

function notTheirs(rollout: Rollout, policy: Policy): Refusal {
  const sentence = `You are neither an operator nor an approver of ${rollout.cluster}: ${others({ ...policy, selfApproval: 'allowed' }, '')}.`;
  return refuse('not-operator', sentence);
}

/** True when nobody is asked about drains any more, whatever stays: the rollout ends, or has ended. */
export function isOverFor({ phase }: Rollout): boolean {
  return phase.phase !== 'running' || isEnding(phase);
}

/** True when something else failed, and the rollout is held as soon as its drains are over: no drain is given more time. */
export function isHeldUp({ phase }: Rollout): boolean {
  return phase.phase === 'running' && phase.halt?.kind === 'failure';
}

function overSentence(rollout: Rollout, step: string): string {
  if (isOverFor(rollout)) return 'That drain is over: nothing is asked about it any more.';
  return drainOf(rollout, step).decidedAt > 0
    ? 'Somebody was quicker: this was decided already.'
    : 'The drain went on by itself: nothing is asked about it any more.';
}
