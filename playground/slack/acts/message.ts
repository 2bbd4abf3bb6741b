// A person writes a message, opens the Home tab, or reads a channel.
import type { Done, HomeRequest, MessageDone, MessageRequest, ReadRequest, Refused } from '../contract.ts';
import { sendEvent } from '../events.ts';
import type { LocalSlack } from '../local.ts';
import { wireView } from '../payloads.ts';
import { APP, imOf, type StoredChannel, TEAM } from '../seed.ts';
import { addMessage, findMessage, messagesIn, type StoredMessage } from '../store.ts';
import { messageText } from '../text.ts';
import { no, roomOf } from './refusal.ts';

const EVENT_OF = { public: 'message.channels', private: 'message.groups', im: 'message.im' } as const;
const CHANNEL_TYPE = { public: 'channel', private: 'group', im: 'im' } as const;
const TEXT_LIMIT = 40_000;

const tellApp = (message: StoredMessage, room: StoredChannel, local: LocalSlack): void => {
  if (!room.members.includes(APP.botUser)) return;
  const event = {
    user: message.user,
    text: message.text,
    ts: message.ts,
    channel: room.id,
    team: TEAM.id,
    ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
  };
  const mentioned = message.text.includes(`<@${APP.botUser}>`) && room.kind !== 'im';
  if (mentioned) void sendEvent('app_mention', { type: 'app_mention', ...event }, local);
  void sendEvent(
    EVENT_OF[room.kind],
    { type: 'message', ...event, channel_type: CHANNEL_TYPE[room.kind] },
    local,
  );
};

/** Writes a message; the app hears of it as its manifest says. */
export const write = (request: MessageRequest, local: LocalSlack): MessageDone | Refused => {
  const room = roomOf(local, request.user, request.channel);
  if ('ok' in room) return room;
  if (request.text.trim() === '' || request.text.length > TEXT_LIMIT)
    return no('invalid_text', `A message has 1 to ${TEXT_LIMIT} characters.`);
  if (room.kind === 'im' && !local.manifest.messagesTab)
    return no('messages_tab_disabled', 'The manifest does not enable the Messages tab.');
  if (request.thread_ts !== undefined && findMessage(local.store, room.id, request.thread_ts) === undefined)
    return no('thread_not_found', 'There is no such thread.');
  const message = addMessage(local.store, {
    channel: room.id,
    user: request.user,
    text: messageText(local.store, request.text),
    blocks: [],
    ...(request.thread_ts === undefined ? {} : { threadTs: request.thread_ts }),
  });
  local.store.reads.set(`${request.user}:${room.id}`, message.ts);
  tellApp(message, room, local);
  return { ok: true, ts: message.ts };
};

/** Opens the Home tab; resolves when the app was told. */
export const openHome = async (request: HomeRequest, local: LocalSlack): Promise<Done | Refused> => {
  if (!local.store.channels.has(imOf(request.user)))
    return no('no_such_person', `There is no person "${request.user}"; GET /state lists them.`);
  if (!local.manifest.homeTab) return no('home_tab_disabled', 'The manifest does not enable the Home tab.');
  const view = local.store.homes.get(request.user);
  await sendEvent(
    'app_home_opened',
    {
      type: 'app_home_opened',
      user: request.user,
      channel: imOf(request.user),
      tab: 'home',
      ...(view === undefined ? {} : { view: wireView(view) }),
    },
    local,
  );
  return { ok: true };
};

/** Marks a channel as read, up to a message or whole. */
export const read = (request: ReadRequest, local: LocalSlack): Done | Refused => {
  const room = roomOf(local, request.user, request.channel);
  if ('ok' in room) return room;
  const last = request.ts ?? messagesIn(local.store, room.id).at(-1)?.ts ?? '';
  const key = `${request.user}:${room.id}`;
  // Reading what is read changes nothing; a page may say so on every look.
  if (last > (local.store.reads.get(key) ?? '')) {
    local.store.reads.set(key, last);
    local.store.changed();
  }
  return { ok: true };
};
