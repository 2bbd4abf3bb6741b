// The card of a held rollout: the cause in one sentence and what each way on would do; afterwards, who chose what.
import type { Button } from '@slack/types';
import { laneOfStep, stepById } from '../../rollout/plan.ts';
import type { Policy } from '../../rollout/policy.ts';
import { type Held, isOwed, nodesArmed, type Rollout } from '../../rollout/rollout.ts';
import { besideRetry, besideSkip } from './beside.ts';
import { actions, context, type Message, message, section } from './blocks.ts';
import { heldButtons, offers } from './buttons.ts';
import { isMachine, logButton } from './slow.ts';
import { code, lines, type Mrkdwn, mrkdwn, person, plainWords, spoken, time, unended } from './text.ts';
import { capital, heldClause, nounOf } from './words.ts';

export interface HeldCard {
  readonly held: Held;
  readonly at: number;
  readonly choice: HeldChoice | null;
}

export interface HeldChoice {
  readonly what: 'retried' | 'skipped' | 'aborted' | 'taken over' | 'settled';
  /** Null when nobody chose: the facts settled it. */
  readonly user: string | null;
  readonly at: number;
}

/** What a cause may take of the card: installer output can be long. */
const MAX_WHY = 1_200;

export function heldCard(rollout: Rollout, card: HeldCard, policy: Policy): Message {
  const { held, choice } = card;
  return message(sentenceOf(rollout, card), [
    section(
      lines(
        mrkdwn`:warning: *${choice === null ? 'Held' : 'Was held'}* at ${code(held.node)}: ${heldClause(held)}`,
        mrkdwn`>${plainWords(held.why, MAX_WHY)}`,
      ),
    ),
    section(choice === null ? ways(rollout, policy, held) : chosen(choice)),
    context(
      mrkdwn`${held.kind === 'withheld' ? 'Gate' : 'Step'} ${code(held.subject)}, since ${time(card.at)}`,
    ),
    actions('held', choice === null ? [...heldButtons(rollout, policy), ...logOf(rollout, held)] : []),
  ]);
}

function logOf(rollout: Rollout, { node }: Held): readonly Button[] {
  return isMachine(rollout, node) ? [logButton(rollout, node)] : [];
}

function sentenceOf(rollout: Rollout, { held, choice }: HeldCard): Mrkdwn {
  const noun = nounOf(rollout.cluster, rollout.goal);
  if (choice !== null) return mrkdwn`${capital(noun)} was held at ${held.node}. ${spoken(chosen(choice))}.`;
  return mrkdwn`${capital(noun)} is held at ${held.node}, ${heldClause(held)}: ${unended(plainWords(held.why, 200))}. ${person(rollout.keeper)}, an operator has to decide.`;
}

function ways(rollout: Rollout, policy: Policy, held: Held): Mrkdwn {
  return lines(
    mrkdwn`Nothing new is started until an operator decides, ${person(rollout.keeper)}:`,
    offers(rollout, 'retry', policy) ? mrkdwn`• ${{ mrkdwn: retryWords(rollout, held) }}` : null,
    offers(rollout, 'skip', policy) ? skipLine(rollout, held) : null,
    offers(rollout, 'abort', policy) ? mrkdwn`• *Abort* puts back what was changed and ends` : null,
    nodesArmed(rollout).includes(held.node)
      ? mrkdwn`:warning: ${code(held.node)} is armed: its new version is installed, and any restart boots it`
      : null,
  );
}

function retryWords(rollout: Rollout, held: Held): string {
  if (held.kind === 'doubted' && isRollback(rollout, held))
    return '*Retry* sends the call again only if the log of the machine shows that it never arrived, and else restarts it: it then boots whichever entry is the default';
  if (held.kind === 'doubted')
    return '*Retry* sends the call again, as soon as the first copy can no longer arrive';
  if (held.kind === 'withheld') return '*Retry* proves again and posts a new card';
  const lane = rollout.plan === null ? null : laneOfStep(rollout.plan, held.subject);
  const failed = lane?.steps.find((step) => step.id === held.subject);
  if (failed?.kind !== 'return') return besideRetry(failed?.kind) ?? '*Retry* does the step again';
  const away = lane?.role === 'worker' ? 'abort (or skip this worker)' : 'abort';
  return `*Retry* only looks again, for a node that may still become ready or that you mended. If it fell back, or runs another version or image: ${away} and ask again`;
}

/** Sent twice it would go forward again (talos-api.md section 4). */
function isRollback({ plan }: Rollout, { subject }: Held): boolean {
  return plan !== null && stepById(plan, subject)?.kind === 'rollback';
}

/** Skipping what would put something back means that a person takes it over. */
function skipLine(rollout: Rollout, held: Held): Mrkdwn {
  const lane = rollout.plan === null ? null : laneOfStep(rollout.plan, held.subject);
  // In a lane with a gate it belongs to the node, which does not go without it.
  if (lane !== null && lane.gate === null && lane.steps.some(({ kind }) => kind === 'snapshot'))
    return mrkdwn`• *Skip* goes on without a snapshot`;
  const step = lane?.steps.find(({ id }) => id === held.subject) ?? null;
  const beside = besideSkip(step);
  if (beside !== null) return beside;
  return isOwed(rollout, held.subject)
    ? mrkdwn`• *Take over* leaves ${code(held.node)} as it is, for you to put back by hand`
    : mrkdwn`• *Skip* leaves ${code(held.node)} behind and goes on with the others`;
}

function chosen(choice: HeldChoice): Mrkdwn {
  if (choice.user === null) return mrkdwn`*Settled* ${time(choice.at)} by what was observed`;
  const word = choice.what.charAt(0).toUpperCase() + choice.what.slice(1);
  return mrkdwn`*${word}* by ${person(choice.user)} ${time(choice.at)}`;
}
