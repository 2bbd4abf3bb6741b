// A private "no": one sentence the person can act on.
import type { Refusal } from '../../rollout/intent.ts';
import { type Message, message, section } from './blocks.ts';
import { type Mrkdwn, mrkdwn, sentence, spoken } from './text.ts';

export function refusalMessage(refusal: Refusal): Message {
  return privateMessage(sentence(refusal.sentence));
}

export function privateMessage(piece: Mrkdwn): Message {
  return message(spoken(piece), [section(piece)]);
}

/** When our own side failed: what happened to the wish, and what to do. */
export function troubleMessage(): Message {
  return privateMessage(
    mrkdwn`Something went wrong on my side, and I cannot say whether this was taken in. Look with \`/talos status\` before you ask again.`,
  );
}

/** When a dialog could not be opened while the press still counted. */
export function notOpenedMessage(): Message {
  return privateMessage(
    mrkdwn`Slack did not open the dialog for this in time. Nothing was decided by that press: press the button again in a moment.`,
  );
}
