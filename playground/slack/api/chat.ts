// chat.*: posting, editing and deleting messages.
import { withIds } from '../blocks.ts';
import { isRecord, type Json, textOf } from '../json.ts';
import type { LocalSlack } from '../local.ts';
import { wireMessage } from '../payloads.ts';
import { APP, type StoredChannel } from '../seed.ts';
import { addMessage, findMessage, removeMessage, type StoredMessage } from '../store.ts';
import { validateMessage } from '../validate.ts';
import { type Answer, cannotUse, channelFor, type Family, refuse, refuseProblems } from './method.ts';

const SCOPES = ['chat:write'];
/** Longer text is cut with a warning when posting, and refused when editing (facts/slack.md 3.5, 3.6). */
const POST_TEXT_LIMIT = 40_000;
const LOOKS = ['unfurl_links', 'unfurl_media', 'parse', 'link_names', 'mrkdwn'];

/** What posting refuses of a body: text above the recommended 4,000 passes, only editing refuses it. */
export const postProblems = (args: Json): Answer | undefined => {
  const problems = validateMessage(args).filter((problem) => problem.code !== 'msg_too_long');
  return problems.length > 0 ? refuseProblems(problems, 'invalid_blocks') : undefined;
};

const body = (args: Json, local: LocalSlack): Pick<StoredMessage, 'text' | 'blocks' | 'metadata'> => {
  const metadata = args['metadata'];
  return {
    text: textOf(args, 'text').slice(0, POST_TEXT_LIMIT),
    blocks: withIds(args['blocks'], () => local.store.nextId('b')),
    ...(isRecord(metadata) ? { metadata } : {}),
  };
};

/** The first message of the thread, or a refusal; '' when none was asked for. */
const threadOf = (local: LocalSlack, channel: StoredChannel, args: Json): string | Answer => {
  const ts = textOf(args, 'thread_ts');
  if (ts === '') return '';
  const first = findMessage(local.store, channel.id, ts);
  if (first === undefined) {
    return local.store.gone.has(`${channel.id}:${ts}`)
      ? ts
      : refuse('thread_not_found', 'no message has this thread_ts');
  }
  if (first.threadTs !== undefined && first.threadTs !== ts)
    return refuse('cannot_reply_to_message', 'thread_ts is a reply, not the first message of a thread');
  return ts;
};

type Draft = { readonly channel: StoredChannel; readonly threadTs: string };

const draft = (args: Json, local: LocalSlack): Draft | Answer => {
  const channel = channelFor(local, textOf(args, 'channel'));
  const refusal = cannotUse(local, channel, 'chat:write.public') ?? postProblems(args);
  if (refusal !== undefined || channel === undefined) return refusal ?? refuse('channel_not_found');
  const threadTs = threadOf(local, channel, args);
  return typeof threadTs === 'string' ? { channel, threadTs } : threadTs;
};

const postMessage = (args: Json, local: LocalSlack): Answer => {
  const drafted = draft(args, local);
  if ('ok' in drafted) return drafted;
  const message = addMessage(local.store, {
    channel: drafted.channel.id,
    user: APP.botUser,
    ...body(args, local),
    ...(drafted.threadTs === '' ? {} : { threadTs: drafted.threadTs }),
    broadcast: args['reply_broadcast'] === true,
  });
  const cut = textOf(args, 'text').length > POST_TEXT_LIMIT;
  return {
    ok: true,
    channel: drafted.channel.id,
    ts: message.ts,
    message: wireMessage(local.store, message),
    ...(cut ? { warning: 'message_truncated', response_metadata: { warnings: ['message_truncated'] } } : {}),
  };
};

const postEphemeral = (args: Json, local: LocalSlack): Answer => {
  const drafted = draft(args, local);
  if ('ok' in drafted) return drafted;
  const user = textOf(args, 'user');
  if (!drafted.channel.members.includes(user)) return refuse('user_not_in_channel');
  const message = addMessage(local.store, {
    channel: drafted.channel.id,
    user: APP.botUser,
    ...body(args, local),
    ...(drafted.threadTs === '' ? {} : { threadTs: drafted.threadTs }),
    ephemeralFor: user,
  });
  return { ok: true, message_ts: message.ts };
};

/** Slack accepts only the app's own, visible messages here. */
const ownMessage = (args: Json, local: LocalSlack, notOurs: string): StoredMessage | Answer => {
  const channel = textOf(args, 'channel');
  if (!local.store.channels.has(channel))
    return refuse('channel_not_found', 'an edit needs the id of the channel');
  const message = findMessage(local.store, channel, textOf(args, 'ts'));
  if (message === undefined || message.removed || message.ephemeralFor !== undefined)
    return refuse('message_not_found');
  return message.user === APP.botUser ? message : refuse(notOurs);
};

const update = (args: Json, local: LocalSlack): Answer => {
  const message = ownMessage(args, local, 'cant_update_message');
  if ('ok' in message) return message;
  const problems = validateMessage(args);
  if (problems.length > 0) return refuseProblems(problems, 'invalid_blocks');
  const next = body(args, local);
  message.text = next.text;
  // Blocks go when only text is given: the new text would contradict them.
  message.blocks = next.blocks;
  if (next.metadata !== undefined) message.metadata = next.metadata;
  if (next.blocks.length === 0) message.edited = { user: APP.botUser, ts: local.store.nextTs() };
  local.store.changed();
  return {
    ok: true,
    channel: message.channel,
    ts: message.ts,
    text: message.text,
    message: wireMessage(local.store, message),
  };
};

const remove = (args: Json, local: LocalSlack): Answer => {
  const message = ownMessage(args, local, 'cant_delete_message');
  if ('ok' in message) return message;
  removeMessage(local.store, message);
  return { ok: true, channel: message.channel, ts: message.ts };
};

const getPermalink = (args: Json, local: LocalSlack): Answer => {
  const channel = textOf(args, 'channel');
  const ts = textOf(args, 'message_ts');
  if (!local.store.channels.has(channel)) return refuse('channel_not_found');
  const message = findMessage(local.store, channel, ts);
  if (message === undefined || message.removed) return refuse('message_not_found');
  const thread = message.threadTs === undefined ? '' : `?thread_ts=${message.threadTs}&cid=${channel}`;
  return {
    ok: true,
    channel,
    permalink: `${local.origin()}/archives/${channel}/p${ts.replace('.', '')}${thread}`,
  };
};

export const chat: Family = {
  'chat.postMessage': {
    token: 'bot',
    scopes: SCOPES,
    required: ['channel'],
    optional: ['text', 'blocks', 'metadata', 'thread_ts', 'reply_broadcast', ...LOOKS],
    run: postMessage,
  },
  'chat.postEphemeral': {
    token: 'bot',
    scopes: SCOPES,
    required: ['channel', 'user'],
    optional: ['text', 'blocks', 'thread_ts', 'parse', 'link_names'],
    run: postEphemeral,
  },
  'chat.update': {
    token: 'bot',
    scopes: SCOPES,
    required: ['channel', 'ts'],
    optional: [
      'text',
      'blocks',
      'metadata',
      'reply_broadcast',
      'parse',
      'link_names',
      'unfurl_links',
      'unfurl_media',
    ],
    run: update,
  },
  'chat.delete': {
    token: 'bot',
    scopes: SCOPES,
    required: ['channel', 'ts'],
    optional: [],
    run: remove,
  },
  'chat.getPermalink': {
    token: 'bot',
    scopes: [],
    required: ['channel', 'message_ts'],
    optional: [],
    run: getPermalink,
  },
};
