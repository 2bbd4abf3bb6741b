// One-line replies in the thread for the moments that matter and need no card.
import type { RolloutEvent } from '../../rollout/event.ts';
import { type Message, message, section } from './blocks.ts';
import { overrideClause } from './override.ts';
import { code, type Mrkdwn, mrkdwn, person, quote, spoken } from './text.ts';
import { nodeOfGate } from './words.ts';

/** Null for facts that the card or another message already shows. */
export function eventLine(event: RolloutEvent): Message | null {
  const line = lineOf(event);
  return line === null ? null : message(spoken(line), [section(line)]);
}

function lineOf(event: RolloutEvent): Mrkdwn | null {
  switch (event.kind) {
    case 'overridden':
      return mrkdwn`:warning: *Overridden*: ${overrideClause(event)}`;
    case 'started':
      return event.user === null
        ? mrkdwn`*Started* at once: no separate Start is asked for`
        : mrkdwn`*Started* by ${person(event.user)}`;
    case 'paused':
      return mrkdwn`:double_vertical_bar: *Paused* by ${person(event.user)}: the step in hand is finished, nothing new starts`;
    case 'resumed':
      return mrkdwn`:arrow_forward: *Resumed* by ${person(event.user)}`;
    case 'soak-shortened':
      return mrkdwn`:arrow_forward: *Soak cut short* by ${person(event.user)}: what must hold at its end is looked at now`;
    case 'aborted':
      return mrkdwn`*Aborted* by ${person(event.user)}: the step in hand is finished and what was changed is put back`;
    case 'denied': {
      const why = event.reason.trim() === '' ? mrkdwn`` : mrkdwn`: ${quote(event.reason)}`;
      return mrkdwn`:no_entry: ${person(event.user)} *denied* ${code(nodeOfGate(event.gate))}${why}. Nothing further is started`;
    }
    default:
      return null;
  }
}
