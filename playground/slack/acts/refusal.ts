// Refusing what a person tried, in the contract's shape.
import type { Refused } from '../contract.ts';
import type { LocalSlack } from '../local.ts';
import type { StoredChannel } from '../seed.ts';
import { SLACKBOT } from '../seed.ts';
import type { Delivery } from '../socket.ts';
import { addMessage } from '../store.ts';

export const no = (error: string, hint: string, errors?: Record<string, string>): Refused => ({
  ok: false,
  error,
  hint,
  ...(errors === undefined ? {} : { errors }),
});

/** The channel, when this person is in it. */
export const roomOf = (local: LocalSlack, user: string, channel: string): StoredChannel | Refused => {
  const person = local.store.people.get(user);
  if (person === undefined || person.kind === 'bot' || person.kind === 'slackbot')
    return no('no_such_person', `There is no person "${user}"; GET /state lists them.`);
  const room = local.store.channels.get(channel);
  if (room === undefined) return no('channel_not_found', `There is no channel "${channel}".`);
  return room.members.includes(user)
    ? room
    : no('not_in_channel', `${person.realName} is not in #${room.name}.`);
};

/** What Slack says to one person, and nobody else sees. */
export const notice = (local: LocalSlack, user: string, channel: string, text: string): void => {
  addMessage(local.store, { channel, user: SLACKBOT, text, blocks: [], ephemeralFor: user, notice: true });
};

/** An act the app did not acknowledge in time; the app may well have done what was asked. */
export const unanswered = (delivery: Exclude<Delivery, { kind: 'acknowledged' }>): Refused =>
  delivery.kind === 'timeout'
    ? no(
        'operation_timeout',
        'The app did not acknowledge within three seconds; it may still do what was asked.',
      )
    : no('no_app', 'The app has no open socket, so nobody heard this.');
