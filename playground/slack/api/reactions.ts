// reactions.*: emoji under a message.
import { type Json, textOf } from '../json.ts';
import type { LocalSlack } from '../local.ts';
import { APP } from '../seed.ts';
import { findMessage } from '../store.ts';
import { type Answer, cannotUse, type Family, refuse } from './method.ts';

const EMOJI_NAME = /^[a-z0-9_+-]{1,100}$/;

const react = (args: Json, local: LocalSlack, present: boolean): Answer => {
  const name = textOf(args, 'name');
  const channel = local.store.channels.get(textOf(args, 'channel'));
  const refusal = cannotUse(local, channel);
  if (refusal !== undefined) return refusal;
  if (!EMOJI_NAME.test(name)) return refuse('invalid_name', 'an emoji name without colons');
  const message = findMessage(local.store, textOf(args, 'channel'), textOf(args, 'timestamp'));
  if (message === undefined || message.removed) return refuse('message_not_found');
  const reaction = message.reactions.find((one) => one.name === name);
  const had = reaction?.users.includes(APP.botUser) ?? false;
  if (had === present) return refuse(present ? 'already_reacted' : 'no_reaction');
  if (reaction === undefined) message.reactions.push({ name, users: [APP.botUser] });
  else
    reaction.users = present
      ? [...reaction.users, APP.botUser]
      : reaction.users.filter((user) => user !== APP.botUser);
  local.store.changed();
  return { ok: true };
};

export const reactions: Family = {
  'reactions.add': {
    token: 'bot',
    scopes: ['reactions:write'],
    required: ['channel', 'timestamp', 'name'],
    optional: [],
    run: (args, local) => react(args, local, true),
  },
  'reactions.remove': {
    token: 'bot',
    scopes: ['reactions:write'],
    required: ['channel', 'timestamp', 'name'],
    optional: [],
    run: (args, local) => react(args, local, false),
  },
};
