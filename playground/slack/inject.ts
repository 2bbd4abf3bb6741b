// Carrying out a fault of Slack's side by its name.
import { no } from './acts/refusal.ts';
import type { Done, FaultRequest, Refused } from './contract.ts';
import { type CallFault, SLACK_FAULTS } from './faults.ts';
import type { Json } from './json.ts';
import type { LocalSlack } from './local.ts';
import { APP, GROUP } from './seed.ts';
import { findMessage, removeMessage, type StoredMessage } from './store.ts';

const newestOfApp = (local: LocalSlack, channel: string): StoredMessage | undefined =>
  [...local.store.messages.entries()]
    .filter(([id]) => channel === '' || id === channel)
    .flatMap(([, messages]) => messages)
    .filter((message) => message.user === APP.botUser && message.ephemeralFor === undefined)
    .toSorted((a, b) => (a.ts < b.ts ? -1 : 1))
    .at(-1);

const deleteMessage = (local: LocalSlack, channel: string, ts: string): Done | Refused => {
  const message = ts === '' ? newestOfApp(local, channel) : findMessage(local.store, channel, ts);
  if (message === undefined || message.removed)
    return no('message_not_found', 'There is no such message to delete.');
  local.store.gone.add(`${message.channel}:${message.ts}`);
  removeMessage(local.store, message);
  return { ok: true };
};

const removeBot = (local: LocalSlack, channel: string): Done | Refused => {
  const rooms = [...local.store.channels.values()].filter(
    (room) =>
      room.kind !== 'im' && room.members.includes(APP.botUser) && (channel === '' || room.id === channel),
  );
  if (rooms.length === 0) return no('channel_not_found', 'The app is in no such channel.');
  for (const room of rooms) room.members = room.members.filter((member) => member !== APP.botUser);
  local.store.changed();
  return { ok: true };
};

const leaveGroup = (local: LocalSlack, user: string): Done | Refused => {
  const group = local.store.groups.get(GROUP.id);
  if (group === undefined || !group.users.includes(user))
    return no('no_such_person', 'This person is not in the group.');
  group.users = group.users.filter((other) => other !== user);
  return { ok: true };
};

const callFault = (name: string, params: Json): CallFault | undefined => {
  switch (name) {
    case 'slack-rate-limit':
      return { kind: 'rate-limit', retryAfterSeconds: Number(params['retryAfterSeconds']) };
    case 'slack-error':
      return { kind: 'error', error: String(params['error']) };
    case 'slack-http-error':
      return { kind: 'http-error', status: Number(params['status']) };
    case 'slack-lost-reply':
      return { kind: 'lost-reply' };
    case 'slack-slow':
      return { kind: 'slow', ms: Number(params['ms']) };
    default:
      return undefined;
  }
};

const socketsOf = (params: Json): 'one' | 'all' => (params['sockets'] === 'all' ? 'all' : 'one');

const endedSome = (count: number): Done | Refused =>
  count > 0 ? { ok: true } : no('no_app', 'The app has no open socket.');

const carryOut = async (name: string, params: Json, local: LocalSlack): Promise<Done | Refused> => {
  const planted = callFault(name, params);
  if (planted !== undefined) {
    local.faults.plant(String(params['method']), Number(params['count']), planted);
    return { ok: true };
  }
  switch (name) {
    case 'slack-drop-acks':
      local.hub.dropAcks(Number(params['count']));
      return { ok: true };
    case 'slack-refresh':
      return endedSome(
        await local.hub.disconnect(socketsOf(params), 'refresh_requested', params['manner'] === 'abrupt'),
      );
    case 'slack-disconnect':
      return endedSome(await local.hub.disconnect(socketsOf(params), String(params['reason']), true));
    case 'slack-kill':
      return endedSome(local.hub.kill(socketsOf(params)));
    case 'slack-redeliver':
      return local.hub.redeliver() ? { ok: true } : no('nothing_to_redeliver', 'Nothing was delivered yet.');
    case 'slack-missing-scope':
      local.faults.lostScopes.add(String(params['scope']));
      return { ok: true };
    case 'slack-invalid-auth':
      local.faults.refusedTokens = params['where'] === 'everywhere' ? 'everywhere' : 'sockets';
      return { ok: true };
    case 'slack-message-deleted':
      return deleteMessage(local, String(params['channel']), String(params['message']));
    case 'slack-remove-bot':
      return removeBot(local, String(params['channel']));
    case 'slack-leave-group':
      return leaveGroup(local, String(params['user']));
    default:
      local.faults.clear();
      local.hub.dropAcks(0);
      return { ok: true };
  }
};

/** Parameters with defaults put in, or what is wrong with them. */
const paramsOf = (request: FaultRequest): { readonly params: Json } | Refused => {
  const { name, ...given } = request;
  const kind = SLACK_FAULTS.find((fault) => fault.name === name);
  if (kind === undefined)
    return no('no_such_fault', `There is no fault "${name}"; GET /ctl/faults lists them.`);
  const strange = Object.keys(given).find((key) => !kind.params.some((param) => param.name === key));
  if (strange !== undefined) return no('no_such_param', `The fault ${name} has no parameter "${strange}".`);
  const params: Json = {};
  for (const param of kind.params) {
    const value = given[param.name] ?? param.default;
    if (value === undefined) return no('missing_param', `The fault ${name} needs "${param.name}".`);
    if (param.kind === 'number' && !(Number(value) >= 0))
      return no('invalid_param', `"${param.name}" must be a number, 0 or more.`);
    if (param.choices !== undefined && !param.choices.some((choice) => choice === value))
      return no('invalid_param', `"${param.name}" must be one of ${param.choices.join(', ')}.`);
    params[param.name] = value;
  }
  return { params };
};

/** Injects one fault of Slack's side. */
export const injectSlackFault = async (request: FaultRequest, local: LocalSlack): Promise<Done | Refused> => {
  const checked = paramsOf(request);
  if ('ok' in checked) return checked;
  local.journal.note('fault', request.name, checked.params);
  return carryOut(request.name, checked.params, local);
};
