// The middle and the right: the head of a channel or app, its messages, and the open thread.
import { avatar } from './avatar.js';
import { Composer } from './composer.js';
import { byId, fill, h, icon } from './dom.js';
import { messageList } from './messages.js';
import { currentChannel, go, markRead, openThread, personOf, session } from './session.js';
import { ago } from './time.js';

/**
 * @import { AppTab } from './session.js'
 * @import { Channel } from '../contract.ts'
 */

const channelList = messageList({
  list: byId('messages'),
  scroller: byId('messages-scroll'),
  kind: 'channel',
  pill: byId('messages-pill'),
});
const threadList = messageList({
  list: byId('thread-messages'),
  scroller: byId('thread-scroll'),
  kind: 'thread',
  pill: byId('thread-pill'),
});
export const channelComposer = new Composer(byId('composer'), {
  name: 'composer',
  onSent: () => channelList.toEnd(),
});
export const threadComposer = new Composer(byId('thread-composer'), {
  name: 'thread',
  onSent: () => threadList.toEnd(),
});

/** How often "4 minutes ago" is put right. */
const AGO_EVERY_MS = 20_000;

export function startMainPane() {
  byId('thread-close').addEventListener('click', closeThread);
  setInterval(() => {
    for (const time of document.querySelectorAll('[data-ago]'))
      time.textContent = ago(Number(time.getAttribute('data-ago')));
  }, AGO_EVERY_MS);
  document.addEventListener('visibilitychange', markRead);
}

/**
 * Scrolls to a message that a link named, and chooses it.
 * @param {string} ts
 */
export function showMessage(ts) {
  const message = document.querySelector(`li.message[data-ts="${CSS.escape(ts)}"]`);
  if (!(message instanceof HTMLElement)) return;
  message.scrollIntoView({ block: 'center' });
  message.tabIndex = 0;
  message.focus({ preventScroll: true });
}

/** Closes the thread and puts the focus on the message it belongs to. */
export function closeThread() {
  const { thread } = session;
  if (thread === undefined) return;
  openThread(undefined);
  const parent = byId('messages').querySelector(`[data-ts="${CSS.escape(thread)}"]`);
  if (parent instanceof HTMLElement) parent.focus({ preventScroll: true });
}

export function drawMainPane() {
  const { state, place } = session;
  if (state === undefined) return;
  const channel = currentChannel();
  const inApp = place?.kind === 'app';
  fill(byId('channel-title'), inApp ? appTitle() : channelTitle(channel));
  drawTabs(inApp);
  const showsMessages = channel !== undefined;
  byId('conversation').hidden = !showsMessages;
  drawThread(channel);
  if (channel === undefined) return;
  const name = channel.kind === 'im' ? state.app.name : `#${channel.name}`;
  byId('messages').setAttribute('aria-label', `Messages in ${name}`);
  // Until the messages of the chosen channel are here, the old ones would be a lie.
  const messages = session.shown === channel.id ? state.messages : [];
  byId('beginning').hidden = session.shown !== channel.id;
  fill(byId('beginning'), beginning(channel));
  channelList.draw(`${channel.id}/${session.shown}`, messages, session.news);
  channelComposer.aim({
    user: state.me.id,
    channel: channel.id,
    thread: undefined,
    placeholder: `Message ${name}`,
  });
  markRead();
}

/** @param {Channel | undefined} channel */
function channelTitle(channel) {
  if (channel === undefined) return null;
  const members = channel.members.map(personOf).filter((person) => person !== undefined);
  return [
    h('span', { class: 'title-sign' }, icon(channel.kind === 'private' ? 'lock' : 'hash', 18)),
    h('h1', null, channel.name),
    h('span', { class: 'topic' }, channel.topic),
    h(
      'span',
      { class: 'members', title: members.map((person) => person.realName).join(', ') },
      h(
        'span',
        { class: 'faces' },
        members.slice(0, 4).map((person) => avatar(person, 'small')),
      ),
      h('span', null, members.length),
      h('span', { class: 'visually-hidden' }, 'members'),
    ),
  ];
}

function appTitle() {
  const bot = personOf(session.state?.app.botUser ?? '');
  return [
    avatar(bot, 'medium'),
    h('h1', null, session.state?.app.name ?? ''),
    h('span', { class: 'badge' }, 'APP'),
  ];
}

/** @param {boolean} inApp */
function drawTabs(inApp) {
  const { state, place } = session;
  const host = byId('tabs');
  host.hidden = !inApp;
  if (!inApp || state === undefined) return;
  /** @type {[AppTab, string, boolean][]} */
  const all = [
    ['home', 'Home', state.app.homeTab],
    ['messages', 'Messages', state.app.messagesTab],
    ['about', 'About', true],
  ];
  const had = host.contains(document.activeElement);
  const buttons = all
    .filter(([, , offered]) => offered)
    .map(([tab, label]) => {
      const here = place?.kind === 'app' && place.tab === tab;
      const button = h(
        'button',
        { type: 'button', role: 'tab', class: 'tab', 'aria-selected': String(here), tabindex: here ? 0 : -1 },
        label,
      );
      button.addEventListener('click', () => go({ kind: 'app', tab }));
      return button;
    });
  fill(host, buttons);
  if (had) buttons.find((button) => button.getAttribute('aria-selected') === 'true')?.focus();
}

/** @param {Channel} channel */
function beginning(channel) {
  const { state } = session;
  const bot = state?.app.name ?? 'the app';
  const handle = personOf(state?.app.botUser ?? '')?.name ?? bot;
  if (channel.kind === 'im') {
    return [
      avatar(personOf(state?.app.botUser ?? '')),
      h('h2', null, bot),
      h(
        'p',
        null,
        `This is where ${bot} writes to you alone. `,
        h('span', { class: 'quiet' }, state?.app.description ?? ''),
      ),
    ];
  }
  const command = state?.commands.find((one) => one.builtin !== true);
  const hint = channel.botIsMember
    ? command === undefined
      ? null
      : h(
          'p',
          null,
          'Type ',
          h('code', null, `${command.command} help`),
          ' to see what ',
          bot,
          ' can do, or ',
          h('kbd', null, '?'),
          ' for the keys of this page.',
        )
    : h(
        'p',
        null,
        bot,
        ' is not in this channel: ',
        h('code', null, `/invite @${handle}`),
        ' brings it here.',
      );
  return [
    h('h2', null, icon(channel.kind === 'private' ? 'lock' : 'hash', 22), channel.name),
    h('p', { class: 'quiet' }, channel.topic),
    hint,
  ];
}

/** @param {Channel | undefined} channel */
function drawThread(channel) {
  const pane = byId('thread');
  const open = session.thread !== undefined && channel !== undefined;
  pane.hidden = !open;
  document.body.classList.toggle('has-thread', open);
  if (!open || channel === undefined || session.thread === undefined) return;
  byId('thread-where').textContent =
    channel.kind === 'im' ? (session.state?.app.name ?? '') : `#${channel.name}`;
  const messages = session.state?.thread ?? [];
  const here = messages[0]?.ts === session.thread ? messages : [];
  threadList.draw(`${session.thread}/${here.length > 0}`, here, { after: '', until: '' });
  threadComposer.aim({
    user: session.state?.me.id ?? session.user,
    channel: channel.id,
    thread: session.thread,
    placeholder: 'Reply…',
  });
}
