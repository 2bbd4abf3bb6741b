// The card of a held rollout: the cause in one sentence and what each way on would do; afterwards, who chose what.
import type { Button } from '@slack/types';
import { pauserOf } from '../../rollout/phase.ts';
import type { Policy } from '../../rollout/policy.ts';
import { type Held, nodesArmed, type Rollout } from '../../rollout/rollout.ts';
import { actions, context, type Message, message, section } from './blocks.ts';
import { comesTo, heldButtons, offers } from './buttons.ts';
import { isMachine, logButton } from './slow.ts';
import { bold, code, lines, type Mrkdwn, mrkdwn, person, plainWords, spoken, time, unended } from './text.ts';
import { type Change, retryTold, skipTold } from './ways.ts';
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
    offers(rollout, 'retry', policy) ? retryLine(rollout, held) : null,
    skipLine(comesTo(rollout, 'skip', policy)),
    offers(rollout, 'abort', policy) ? mrkdwn`• *Abort* puts back what was changed and ends` : null,
    nodesArmed(rollout).includes(held.node)
      ? mrkdwn`:warning: ${code(held.node)} is armed: its new version is installed, and any restart boots it`
      : null,
    pausedLine(rollout),
  );
}

/** Whoever chooses here may not know of it, and would wait for what does not come. */
function pausedLine({ phase }: Rollout): Mrkdwn | null {
  const user = pauserOf(phase);
  return user === null
    ? null
    : mrkdwn`:double_vertical_bar: Paused by ${person(user)} before it was held: unless you abort, it stays paused after your choice until somebody resumes it`;
}

function retryLine(rollout: Rollout, held: Held): Mrkdwn {
  const { does, advice } = retryTold(rollout, held);
  return mrkdwn`• *Retry* ${does}${advice === null ? '' : mrkdwn`. ${advice}`}`;
}

function skipLine(change: Change | null): Mrkdwn | null {
  if (change === null) return null;
  const { label, does, tail } = skipTold(change);
  return mrkdwn`• ${bold(label)} ${does}${tail}`;
}

function chosen(choice: HeldChoice): Mrkdwn {
  if (choice.user === null) return mrkdwn`*Settled* ${time(choice.at)} by what was observed`;
  const word = choice.what.charAt(0).toUpperCase() + choice.what.slice(1);
  return mrkdwn`*${word}* by ${person(choice.user)} ${time(choice.at)}`;
}
