// conversations.*: channels, their members and their messages.
import { type Json, textOf } from '../json.ts';
import type { LocalSlack } from '../local.ts';
import { wireMessage } from '../payloads.ts';
import { APP, imOf, type StoredChannel, TEAM } from '../seed.ts';
import { messagesIn, type StoredMessage } from '../store.ts';
import { type Answer, byChannel, cannotUse, type Family, refuse } from './method.ts';

const PAGE_SIZE = 100;
const PAGE_LIMIT = 1000;
const READ_ANY = ['channels:read', 'groups:read', 'im:read', 'mpim:read'];
const KIND_NAMES = { public: 'public_channel', private: 'private_channel', im: 'im' } as const;

const wireChannel = (channel: StoredChannel): Json => ({
  id: channel.id,
  name: channel.name,
  is_channel: channel.kind === 'public',
  is_group: channel.kind === 'private',
  is_im: channel.kind === 'im',
  is_mpim: false,
  is_private: channel.kind !== 'public',
  is_archived: false,
  is_member: channel.members.includes(APP.botUser),
  num_members: channel.members.length,
  context_team_id: TEAM.id,
  topic: { value: channel.topic },
  ...(channel.kind === 'im' ? { user: channel.members.find((member) => member !== APP.botUser) } : {}),
});

/** Private channels the app is not in do not exist for it. */
const seen = (channel: StoredChannel): boolean =>
  channel.kind === 'public' || channel.members.includes(APP.botUser);

/** One page of a list; the cursor is the position, opaque to the caller. */
const paged = <T>(all: readonly T[], args: Json): { page: readonly T[]; next: string } => {
  const size = Math.min(Number(args['limit'] ?? PAGE_SIZE) || PAGE_SIZE, PAGE_LIMIT);
  const from = Number(Buffer.from(textOf(args, 'cursor'), 'base64').toString().slice('at:'.length)) || 0;
  const end = from + size;
  return {
    page: all.slice(from, end),
    next: end < all.length ? Buffer.from(`at:${end}`).toString('base64') : '',
  };
};

const list = (args: Json, local: LocalSlack): Answer => {
  const types = (textOf(args, 'types') || 'public_channel').split(',').map((type) => type.trim());
  const all = [...local.store.channels.values()].filter(
    (channel) => seen(channel) && types.includes(KIND_NAMES[channel.kind]),
  );
  const { page, next } = paged(all, args);
  return { ok: true, channels: page.map(wireChannel), response_metadata: { next_cursor: next } };
};

const info = (args: Json, local: LocalSlack): Answer => {
  const channel = local.store.channels.get(textOf(args, 'channel'));
  if (channel === undefined || !seen(channel)) return refuse('channel_not_found');
  return { ok: true, channel: wireChannel(channel) };
};

const members = (args: Json, local: LocalSlack): Answer => {
  const channel = local.store.channels.get(textOf(args, 'channel'));
  if (channel === undefined || !seen(channel)) return refuse('channel_not_found');
  const { page, next } = paged(channel.members, args);
  return { ok: true, members: page, response_metadata: { next_cursor: next } };
};

const open = (args: Json, local: LocalSlack): Answer => {
  const channel = textOf(args, 'channel');
  const users = textOf(args, 'users').split(',').filter(Boolean);
  if (channel !== '') return info(args, local);
  if (users.length !== 1)
    return refuse('invalid_arguments', 'the local Slack opens direct messages with one person');
  const found = local.store.channels.get(imOf(users[0] ?? ''));
  if (found === undefined) return refuse('user_not_found');
  return { ok: true, no_op: true, already_open: true, channel: { ...wireChannel(found), id: found.id } };
};

const join = (args: Json, local: LocalSlack): Answer => {
  const channel = local.store.channels.get(textOf(args, 'channel'));
  if (channel === undefined || !seen(channel)) return refuse('channel_not_found');
  if (channel.kind !== 'public') return refuse('method_not_supported_for_channel_type');
  if (!channel.members.includes(APP.botUser)) channel.members = [...channel.members, APP.botUser];
  local.store.changed();
  return { ok: true, channel: wireChannel(channel) };
};

const within = (args: Json, message: StoredMessage): boolean => {
  const oldest = textOf(args, 'oldest');
  const latest = textOf(args, 'latest');
  const edges = args['inclusive'] === true;
  const after = oldest === '' || message.ts > oldest || (edges && message.ts === oldest);
  const before = latest === '' || message.ts < latest || (edges && message.ts === latest);
  return after && before;
};

const wire = (args: Json, local: LocalSlack, message: StoredMessage): Json => {
  const { metadata, ...rest } = wireMessage(local.store, message);
  return args['include_all_metadata'] === true && metadata !== undefined ? { ...rest, metadata } : rest;
};

const read = (args: Json, local: LocalSlack, choose: (all: StoredMessage[]) => StoredMessage[]): Answer => {
  const channel = local.store.channels.get(textOf(args, 'channel'));
  const refusal = cannotUse(local, channel);
  if (refusal !== undefined || channel === undefined) return refusal ?? refuse('channel_not_found');
  const open = messagesIn(local.store, channel.id).filter((message) => message.ephemeralFor === undefined);
  const chosen = choose(open);
  if (chosen.length === 0 && textOf(args, 'ts') !== '') return refuse('thread_not_found');
  const { page, next } = paged(
    chosen.filter((message) => within(args, message)),
    args,
  );
  return {
    ok: true,
    messages: page.map((message) => wire(args, local, message)),
    has_more: next !== '',
    response_metadata: { next_cursor: next },
  };
};

const history = (args: Json, local: LocalSlack): Answer =>
  read(args, local, (all) =>
    all
      .filter(
        (message) => message.threadTs === undefined || message.threadTs === message.ts || message.broadcast,
      )
      .reverse(),
  );

const replies = (args: Json, local: LocalSlack): Answer =>
  read(args, local, (all) =>
    all.filter((message) => message.ts === args['ts'] || message.threadTs === args['ts']),
  );

const PAGING = ['cursor', 'limit'];
const RANGE = ['oldest', 'latest', 'inclusive', 'include_all_metadata'];

export const conversations: Family = {
  'conversations.list': {
    token: 'bot',
    scopes: READ_ANY,
    required: [],
    optional: ['types', 'exclude_archived', ...PAGING],
    run: list,
  },
  'conversations.info': {
    token: 'bot',
    scopes: byChannel('read'),
    required: ['channel'],
    optional: ['include_locale', 'include_num_members'],
    run: info,
  },
  'conversations.members': {
    token: 'bot',
    scopes: byChannel('read'),
    required: ['channel'],
    optional: PAGING,
    run: members,
  },
  'conversations.open': {
    token: 'bot',
    scopes: ['im:write', 'mpim:write'],
    required: [],
    optional: ['channel', 'users', 'return_im', 'prevent_creation'],
    run: open,
  },
  'conversations.join': {
    token: 'bot',
    scopes: ['channels:join'],
    required: ['channel'],
    optional: [],
    run: join,
  },
  'conversations.history': {
    token: 'bot',
    scopes: byChannel('history'),
    required: ['channel'],
    optional: [...RANGE, ...PAGING],
    run: history,
  },
  'conversations.replies': {
    token: 'bot',
    scopes: byChannel('history'),
    required: ['channel', 'ts'],
    optional: [...RANGE, ...PAGING],
    run: replies,
  },
};
