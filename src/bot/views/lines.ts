// One-line replies in the thread for the moments that matter and need no card.
import type { RolloutEvent } from '../../rollout/event.ts';
import type { Rollout } from '../../rollout/rollout.ts';
import { type Message, message, section } from './blocks.ts';
import { overrideClause } from './override.ts';
import { code, type Mrkdwn, mrkdwn, person, quote, spoken } from './text.ts';
import { capital, nodeOfGate, nounOf } from './words.ts';

interface Line {
  readonly shown: Mrkdwn;
  /** The same as a full sentence that names the rollout: a notification has no thread around it. */
  readonly said: Mrkdwn;
}

/** Null for facts that the card or another message already shows. */
export function eventLine(
  { cluster, goal }: Pick<Rollout, 'cluster' | 'goal'>,
  event: RolloutEvent,
): Message | null {
  const line = lineOf(nounOf(cluster, goal), event);
  return line === null ? null : message(spoken(line.said), [section(line.shown)]);
}

const FINISHED_FIRST = 'the step in hand is finished';

function lineOf(noun: string, event: RolloutEvent): Line | null {
  const subject = capital(noun);
  switch (event.kind) {
    case 'overridden': {
      const what = overrideClause(event);
      return {
        shown: mrkdwn`:warning: *Overridden*: ${what}`,
        said: mrkdwn`What stopped ${noun} was overridden: ${what}.`,
      };
    }
    case 'started':
      // Where no separate Start is asked for, the card says that it runs.
      return event.user === null
        ? null
        : {
            shown: mrkdwn`*Started* by ${person(event.user)}`,
            said: mrkdwn`${subject} was started by ${person(event.user)}.`,
          };
    case 'paused': {
      if (event.stays === true) return stillPaused(subject, event.user);
      const then = `${FINISHED_FIRST}, nothing new starts`;
      return {
        shown: mrkdwn`:double_vertical_bar: *Paused* by ${person(event.user)}: ${then}`,
        said: mrkdwn`${subject} was paused by ${person(event.user)}: ${then}.`,
      };
    }
    case 'resumed':
      return {
        shown: mrkdwn`:arrow_forward: *Resumed* by ${person(event.user)}`,
        said: mrkdwn`${subject} was resumed by ${person(event.user)}.`,
      };
    case 'soak-shortened': {
      const then = 'what must hold at its end is looked at now';
      return {
        shown: mrkdwn`:arrow_forward: *Soak cut short* by ${person(event.user)}: ${then}`,
        said: mrkdwn`The soak of ${noun} was cut short by ${person(event.user)}: ${then}.`,
      };
    }
    case 'aborted': {
      const then = `${FINISHED_FIRST} and what was changed is put back`;
      return {
        shown: mrkdwn`*Aborted* by ${person(event.user)}: ${then}`,
        said: mrkdwn`${subject} was aborted by ${person(event.user)}: ${then}.`,
      };
    }
    case 'denied':
      return denied(noun, event);
    default:
      return null;
  }
}

/** Right after a choice about what it was held for: whoever chose would wait for it to go on. */
function stillPaused(subject: string, user: string): Line {
  const then = 'nothing new starts until somebody resumes it';
  return {
    shown: mrkdwn`:double_vertical_bar: *Still paused* by ${person(user)}: ${then}`,
    said: mrkdwn`${subject} is still paused by ${person(user)}: ${then}.`,
  };
}

function denied(noun: string, { gate, reason, user }: Extract<RolloutEvent, { kind: 'denied' }>): Line {
  const node = nodeOfGate(gate);
  const why = reason.trim() === '' ? mrkdwn`` : mrkdwn`: ${quote(reason)}`;
  return {
    shown: mrkdwn`:no_entry: ${person(user)} *denied* ${code(node)}${why}. Nothing further is started`,
    said: mrkdwn`${person(user)} denied that ${node} goes down in ${noun}${why}. Nothing further is started.`,
  };
}
