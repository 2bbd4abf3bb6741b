// A person types a slash command.
import type { CommandRequest, Done, Refused } from '../contract.ts';
import type { Json } from '../json.ts';
import type { LocalSlack } from '../local.ts';
import { slashCommand } from '../payloads.ts';
import { respond } from '../response-url.ts';
import { APP } from '../seed.ts';
import { addMessage } from '../store.ts';
import { commandText, messageText } from '../text.ts';
import { no, notice, roomOf, unanswered } from './refusal.ts';

const COMMAND = /^(\/\S+)(?:\s+([\s\S]*))?$/;

/** Slack's own commands here. */
export const BUILTINS = [
  { command: '/invite', description: 'Invite the app to this channel', usageHint: '@app' },
];

const invite = (request: CommandRequest, text: string, local: LocalSlack): Done | Refused => {
  const bot = local.store.people.get(APP.botUser);
  const room = local.store.channels.get(request.channel);
  if (bot === undefined || room === undefined || text.trim() !== `@${bot.name}`)
    return no('user_not_found', `Only the app can be invited here: /invite @${bot?.name ?? 'app'}`);
  if (!room.members.includes(bot.id)) room.members = [...room.members, bot.id];
  notice(local, request.user, room.id, `@${bot.name} is in #${room.name} now.`);
  return { ok: true };
};

/** Carries out what came with the acknowledgement. */
const answered = (payload: Json, request: CommandRequest, local: LocalSlack): Done | Refused => {
  const target = { user: request.user, channel: request.channel };
  const { response_type: type, ...content } = payload;
  if (type === 'in_channel') {
    addMessage(local.store, { ...target, text: messageText(local.store, request.text), blocks: [] });
  }
  if (Object.keys(content).length === 0) return { ok: true };
  const error = respond(payload, target, local);
  if (error === undefined) return { ok: true };
  notice(local, request.user, request.channel, `The app answered something Slack does not take (${error}).`);
  return no('invalid_response', `The app answered with ${error}.`);
};

/** Types a command; resolves when the app acknowledged it, or can not any more. */
export const typeCommand = async (request: CommandRequest, local: LocalSlack): Promise<Done | Refused> => {
  const room = roomOf(local, request.user, request.channel);
  if ('ok' in room) return room;
  const [, name = '', rest = ''] = COMMAND.exec(request.text.trim()) ?? [];
  local.journal.note('person', 'command', request);
  if (name === '/invite') return invite(request, rest, local);
  const command = local.manifest.commands.find((one) => one.command === name);
  if (command === undefined) {
    notice(local, request.user, room.id, `\`${name || request.text}\` is not a valid command.`);
    return no('unknown_command', `The manifest has no command "${name}".`);
  }
  if (request.thread_ts !== undefined) {
    notice(local, request.user, room.id, `\`${name}\` is not supported in threads. Sorry!`);
    return no('thread_not_supported', 'Slash commands do not work in threads.');
  }
  const delivery = await local.hub.deliver(
    'slash_commands',
    slashCommand(local.store, {
      user: request.user,
      channel: room.id,
      command: name,
      text: commandText(local.store, rest, command.shouldEscape),
      responseUrl: local.origin() + local.responseUrls.issue({ user: request.user, channel: room.id }),
      triggerId: local.triggers.issue({ user: request.user }),
    }),
  );
  if (delivery.kind === 'acknowledged') return answered(delivery.payload, request, local);
  notice(local, request.user, room.id, `\`${name}\` failed with the error "operation_timeout"`);
  return unanswered(delivery);
};
