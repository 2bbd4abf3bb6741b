// One message: face, name, time, blocks or text, files, reactions and the line that leads to its thread.
import { post } from './api.js';
import { avatar } from './avatar.js';
import { stillThere } from './blocks/context.js';
import { renderBlocks } from './blocks/layout.js';
import { h, icon } from './dom.js';
import { emoji } from './emoji.js';
import { mrkdwn } from './mrkdwn.js';
import { directory, openThread, personOf, refresh, roles, session } from './session.js';
import { ago, clock, fullTime, tsMs } from './time.js';

/**
 * @import { FileInfo, Message } from '../contract.ts'
 * @import { Held, Surface } from './blocks/context.js'
 */

/** @type {Map<string, { held: Held, labels: Map<string, string> }>} */
const held = new Map();

/**
 * @param {Message} message
 * @param {string} prefix the same message may stand in the channel and in its thread
 * @returns {Surface}
 */
function surfaceOf(message, prefix) {
  const key = `${session.user}/${message.channel}/${message.ts}`;
  const own = held.get(key) ?? { held: {}, labels: new Map() };
  held.set(key, own);
  const where = { user: session.user, channel: message.channel, message: message.ts };
  return {
    kind: 'message',
    key: `${prefix}/${message.ts}`,
    directory: directory(),
    ...own,
    known: {},
    errors: {},
    people: roles().map((person) => ({ id: person.id, text: person.realName })),
    channels: (session.state?.channels ?? [])
      .filter((one) => one.kind !== 'im')
      .map((one) => ({ id: one.id, text: one.name })),
    act: async (press) => {
      const answer = await post('action', {
        ...where,
        ...press,
        values: stillThere(own.held, message.blocks),
      });
      void refresh();
      return answer.ok ? undefined : answer;
    },
    suggest: (blockId, actionId, typed) =>
      post('suggest', { ...where, block_id: blockId, action_id: actionId, value: typed }),
    edited: () => undefined,
  };
}

/**
 * @param {Message} message
 * @param {{ compact: boolean, list: 'channel' | 'thread' }} how compact: it follows another of the same person
 * @returns {HTMLElement}
 */
export function renderMessage(message, { compact, list }) {
  const ms = tsMs(message.ts);
  const person = personOf(message.user);
  const time = h(
    'time',
    { class: 'time', datetime: new Date(ms).toISOString(), title: fullTime(ms) },
    clock(ms),
  );
  const name = person?.kind === 'bot' ? person.name : (person?.realName ?? message.userName);
  const head = h(
    'div',
    { class: 'message-head' },
    h('span', { class: 'name' }, name),
    message.fromBot ? h('span', { class: 'badge' }, 'APP') : null,
    time,
  );
  const classes = [
    'message',
    compact && 'compact',
    message.ephemeral && 'ephemeral',
    message.notice && 'notice',
  ];
  return h(
    'li',
    {
      class: classes.filter(Boolean).join(' '),
      tabindex: -1,
      'data-ts': message.ts,
      'data-thread': message.thread_ts ?? message.ts,
      'data-ephemeral': message.ephemeral,
      'aria-label': `${name}, ${clock(ms)}${message.ephemeral ? ', only visible to you' : ''}`,
    },
    message.ephemeral ? h('div', { class: 'only-you' }, icon('eye', 13), 'Only visible to you') : null,
    h('div', { class: 'gutter' }, compact ? time : avatar(person)),
    h('div', { class: 'message-body' }, compact ? null : head, body(message, list)),
    message.ephemeral ? null : tools(message, list),
  );
}

/**
 * @param {Message} message
 * @param {'channel' | 'thread'} list
 */
function body(message, list) {
  const words = directory();
  // Slack marks an edit only where there are no blocks.
  const edited =
    message.edited === undefined || message.blocks.length > 0
      ? null
      : h('span', { class: 'edited' }, ' (edited)');
  const content =
    message.blocks.length > 0
      ? renderBlocks(message.blocks, surfaceOf(message, list))
      : h('div', { class: 'text' }, mrkdwn(message.text, words), edited);
  return [
    message.broadcast === true && list === 'channel' ? broadcastLine(message) : null,
    h('div', { class: 'blocks' }, content),
    message.files.map(file),
    message.reactions.length > 0 ? reactions(message) : null,
    list === 'channel' && message.replyCount > 0 ? threadLine(message) : null,
  ];
}

/** @param {Message} message */
function broadcastLine(message) {
  const line = h('button', { type: 'button', class: 'link-button' }, 'a thread');
  line.addEventListener('click', () => openThread(message.thread_ts));
  return h('div', { class: 'broadcast quiet' }, 'replied to ', line);
}

/** @param {Message} message */
function threadLine(message) {
  const count = message.replyCount === 1 ? '1 reply' : `${message.replyCount} replies`;
  const last = message.latestReply === undefined ? null : tsMs(message.latestReply);
  const line = h(
    'button',
    { type: 'button', class: 'thread-line', 'data-focus': 'thread' },
    h(
      'span',
      { class: 'faces' },
      message.replyUsers.slice(0, 5).map((id) => avatar(personOf(id), 'small')),
    ),
    h('span', { class: 'thread-count' }, count),
    last === null
      ? null
      : h('span', { class: 'quiet' }, 'Last reply ', h('time', { 'data-ago': last }, ago(last))),
    h('span', { class: 'thread-open quiet' }, 'View thread'),
  );
  line.addEventListener('click', () => openThread(message.ts));
  return line;
}

/** @param {Message} message */
function reactions(message) {
  return h(
    'div',
    { class: 'reactions' },
    message.reactions.map((reaction) => {
      const who = reaction.users.map((id) => directory().person(id) ?? id).join(', ');
      const mine = reaction.users.includes(session.user ?? '');
      return h(
        'span',
        {
          class: mine ? 'reaction reaction-mine' : 'reaction',
          title: `${who} reacted with :${reaction.name}:`,
        },
        h('span', { class: 'emoji' }, emoji(reaction.name)),
        h('span', null, reaction.users.length),
      );
    }),
  );
}

/** @param {FileInfo} info */
function file(info) {
  const size = info.sizeBytes < 1024 ? `${info.sizeBytes} B` : `${Math.round(info.sizeBytes / 1024)} kB`;
  const kind = info.mimetype.startsWith('text/') ? 'Text' : info.mimetype;
  const card = h(
    'a',
    { class: 'file-card', href: info.url.startsWith('/') ? info.url : undefined, download: info.name },
    h('span', { class: 'file-icon' }, icon('file', 20)),
    h(
      'span',
      { class: 'menu-text' },
      h('strong', null, info.title || info.name),
      h('span', { class: 'menu-note' }, `${kind}, ${size}`),
    ),
  );
  if (info.preview === undefined) return h('div', { class: 'file' }, card);
  const preview = h(
    'details',
    null,
    h('summary', null, 'Preview'),
    h('pre', { class: 'fence' }, info.preview),
  );
  return h('div', { class: 'file' }, card, preview);
}

/**
 * @param {Message} message
 * @param {'channel' | 'thread'} list
 */
function tools(message, list) {
  if (list === 'thread') return null;
  const reply = h(
    'button',
    {
      type: 'button',
      class: 'icon-button',
      'aria-label': 'Reply in thread',
      title: 'Reply in thread (T)',
      tabindex: -1,
    },
    icon('thread', 16),
  );
  reply.addEventListener('click', () => openThread(message.thread_ts ?? message.ts));
  return h('div', { class: 'tools' }, reply);
}

/**
 * A message in words, for screen readers.
 * @param {Message} message
 */
export function spoken(message) {
  const name = directory().person(message.user) ?? message.userName;
  return `${name}: ${mrkdwn(message.text, directory()).textContent ?? ''}`.slice(0, 300);
}
