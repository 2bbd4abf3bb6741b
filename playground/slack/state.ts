// What one person sees: the store folded into the contract's State.
import { BUILTINS } from './acts/command.ts';
import { visibleTo } from './acts/find.ts';
import { buttonsIn } from './blocks.ts';
import type { Channel, FileInfo, Message, Person, State, View } from './contract.ts';
import { isRecord, plainOf, textOf } from './json.ts';
import type { LocalSlack } from './local.ts';
import { titleOf } from './payloads.ts';
import { APP, type StoredChannel, type StoredPerson, TEAM } from './seed.ts';
import {
  messagesIn,
  type Store,
  type StoredFile,
  type StoredMessage,
  type StoredView,
  stackOf,
} from './store.ts';

const PREVIEW_CHARACTERS = 2000;
const TEXT_FILE = /\.(txt|log|diff|patch|md|ya?ml|json|csv)$/i;

export const mimeOf = (name: string): string =>
  TEXT_FILE.test(name) ? 'text/plain' : 'application/octet-stream';

const fileInfo = (file: StoredFile): FileInfo => {
  const text = mimeOf(file.name) === 'text/plain' && file.content !== undefined;
  return {
    id: file.id,
    name: file.name,
    title: file.title,
    mimetype: mimeOf(file.name),
    sizeBytes: file.content?.length ?? file.lengthBytes,
    url: `/files/${file.id}`,
    ...(text ? { preview: new TextDecoder().decode(file.content).slice(0, PREVIEW_CHARACTERS) } : {}),
  };
};

const repliesTo = (store: Store, message: StoredMessage): StoredMessage[] =>
  messagesIn(store, message.channel).filter(
    (other) => other.threadTs === message.ts && other.ts !== message.ts && other.ephemeralFor === undefined,
  );

/** A stored message as everybody reads it. */
const messageOf = (store: Store, message: StoredMessage): Message => {
  const replies = repliesTo(store, message);
  const threadTs = message.threadTs ?? (replies.length > 0 ? message.ts : undefined);
  const latest = replies.at(-1);
  return {
    ts: message.ts,
    channel: message.channel,
    ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    ...(message.broadcast ? { broadcast: true as const } : {}),
    user: message.user,
    userName: store.people.get(message.user)?.realName ?? message.user,
    fromBot: message.user === APP.botUser,
    text: message.text,
    blocks: message.blocks,
    buttons: buttonsIn(message.blocks),
    ephemeral: message.ephemeralFor !== undefined,
    ...(message.notice ? { notice: true as const } : {}),
    ...(message.edited === undefined ? {} : { edited: message.edited }),
    reactions: message.reactions.filter((reaction) => reaction.users.length > 0),
    files: message.files
      .map((id) => store.files.get(id))
      .filter((file) => file !== undefined)
      .map(fileInfo),
    replyCount: replies.length,
    replyUsers: [...new Set(replies.map((reply) => reply.user))],
    ...(latest === undefined ? {} : { latestReply: latest.ts }),
  };
};

const isReply = (message: StoredMessage): boolean =>
  message.threadTs !== undefined && message.threadTs !== message.ts;

/** What is listed in a channel: no replies, unless sent to the channel too. */
export const channelMessages = (store: Store, channel: string, user: string): Message[] =>
  messagesIn(store, channel)
    .filter((message) => user === '*' || visibleTo(message, user))
    .filter((message) => !isReply(message) || message.broadcast)
    .map((message) => messageOf(store, message));

export const threadMessages = (store: Store, channel: string, ts: string, user: string): Message[] =>
  messagesIn(store, channel)
    .filter((message) => user === '*' || visibleTo(message, user))
    .filter((message) => message.ts === ts || message.threadTs === ts)
    .map((message) => messageOf(store, message));

const mentions = (message: StoredMessage, user: string): boolean =>
  JSON.stringify([message.text, message.blocks]).includes(`<@${user}`) ||
  /<!(here|channel|everyone)/.test(message.text);

/** Unread: others' messages since the last look; replies only of threads this person is in. */
const unreadOf = (store: Store, channel: string, user: string): StoredMessage[] => {
  const since = store.reads.get(`${user}:${channel}`) ?? '';
  const all = messagesIn(store, channel);
  const mine = new Set(all.filter((one) => one.user === user).map((one) => one.threadTs ?? one.ts));
  return all.filter(
    (message) =>
      message.ts > since &&
      message.user !== user &&
      visibleTo(message, user) &&
      (!isReply(message) || mine.has(message.threadTs ?? '') || mentions(message, user)),
  );
};

const channelOf = (local: LocalSlack, channel: StoredChannel, user: string): Channel => {
  const unread = unreadOf(local.store, channel.id, user);
  return {
    id: channel.id,
    name: channel.kind === 'im' ? local.manifest.botName : channel.name,
    kind: channel.kind,
    topic: channel.topic,
    members: channel.members,
    botIsMember: channel.members.includes(APP.botUser),
    unread: unread.length,
    mentions: unread.filter((message) => mentions(message, user)).length,
    lastRead: local.store.reads.get(`${user}:${channel.id}`) ?? '',
  };
};

const viewOf = (view: StoredView): View => {
  const { submit, close } = view.payload;
  return {
    id: view.id,
    type: view.type,
    title: titleOf(view),
    ...(isRecord(submit) ? { submit: plainOf(submit) } : {}),
    ...(isRecord(close) ? { close: plainOf(close) } : {}),
    callback_id: textOf(view.payload, 'callback_id'),
    blocks: view.payload.blocks,
    hash: view.hash,
    errors: view.errors,
    state: { values: view.values },
  };
};

const withoutEmail = ({ email: _email, ...person }: StoredPerson): Person => person;

/** All a page shows to one person; undefined when there is no such person. */
export const stateFor = (
  local: LocalSlack,
  asked: { readonly user: string; readonly channel: string; readonly thread: string },
): State | undefined => {
  const { store, manifest } = local;
  const me = store.people.get(asked.user);
  if (me === undefined) return undefined;
  const rooms = [...store.channels.values()].filter((channel) => channel.members.includes(me.id));
  const open = rooms.some((channel) => channel.id === asked.channel);
  const home = store.homes.get(me.id);
  return {
    ok: true,
    revision: store.revision(),
    nowMs: store.now(),
    workspace: TEAM,
    app: {
      id: APP.id,
      name: manifest.name,
      description: manifest.description,
      color: manifest.backgroundColor,
      botUser: APP.botUser,
      homeTab: manifest.homeTab,
      messagesTab: manifest.messagesTab,
      sockets: local.hub.count(),
    },
    me: withoutEmail(me),
    people: [...store.people.values()].map(withoutEmail),
    channels: rooms.map((channel) => channelOf(local, channel, me.id)),
    messages: open ? channelMessages(store, asked.channel, me.id) : [],
    thread: open && asked.thread !== '' ? threadMessages(store, asked.channel, asked.thread, me.id) : [],
    views: stackOf(store, me.id).map(viewOf),
    home: home === undefined ? null : viewOf(home),
    commands: [
      ...manifest.commands.map(({ command, description, usageHint }) => ({
        command,
        description,
        usageHint,
      })),
      ...BUILTINS.map((builtin) => ({ ...builtin, builtin: true as const })),
    ],
  };
};
