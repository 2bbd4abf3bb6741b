// The left side: the workspace, its channels, the app, and who one is at the moment.
import { avatar } from './avatar.js';
import { byId, fill, h, icon } from './dom.js';
import { appMessages, become, currentChannel, go, roles, session } from './session.js';

/**
 * @import { Channel } from '../contract.ts'
 */

const ROLES = {
  requester: 'requester',
  approver: 'approver',
  bystander: 'bystander',
  bot: 'app',
  slackbot: 'Slack',
};

export function drawSidebar() {
  const { state } = session;
  if (state === undefined) return;
  byId('workspace-name').textContent = state.workspace.name;
  byId('rail-workspace').textContent = state.workspace.name.charAt(0).toUpperCase();
  keepFocus(byId('channels'), state.channels.filter((channel) => channel.kind !== 'im').map(channelRow));
  keepFocus(byId('apps'), [appRow()]);
  drawPeople();
}

/**
 * Redraws a list and gives the focus back to the row that had it.
 * @param {HTMLElement} host
 * @param {readonly HTMLElement[]} rows
 */
function keepFocus(host, rows) {
  const focus = host.contains(document.activeElement)
    ? document.activeElement?.getAttribute('data-focus')
    : null;
  fill(
    host,
    rows.map((row) => h('li', null, row)),
  );
  const same = focus ? host.querySelector(`[data-focus="${CSS.escape(focus)}"]`) : null;
  if (same instanceof HTMLElement) same.focus();
}

/** @param {Channel} channel */
function channelRow(channel) {
  const here = session.place?.kind !== 'app' && currentChannel()?.id === channel.id;
  return row({
    here,
    id: channel.id,
    unread: channel.unread,
    mentions: channel.mentions,
    label: channel.name,
    sign: icon(channel.kind === 'private' ? 'lock' : 'hash', 16),
    run: () => go({ kind: 'channel', id: channel.id }),
  });
}

function appRow() {
  const { state, place } = session;
  const messages = appMessages();
  const bot = state?.people.find((person) => person.id === state.app.botUser);
  const sign = h(
    'span',
    { class: 'sidebar-face' },
    avatar(bot, 'small'),
    h('span', { class: `presence${state?.app.sockets ? ' on' : ''}` }),
  );
  return row({
    here: place?.kind === 'app',
    id: 'app',
    unread: messages?.unread ?? 0,
    mentions: messages?.unread ?? 0,
    label: state?.app.name ?? '',
    sign,
    run: () =>
      go({ kind: 'app', tab: state?.app.homeTab === true && !messages?.unread ? 'home' : 'messages' }),
  });
}

/**
 * @param {{ here: boolean, id: string, unread: number, mentions: number, label: string, sign: Node, run: () => void }} of
 */
function row({ here, id, unread, mentions, label, sign, run }) {
  const news = unread > 0 && !here;
  const button = h(
    'button',
    {
      type: 'button',
      class: `sidebar-row${news ? ' unread' : ''}`,
      'aria-current': here ? 'page' : undefined,
      'aria-label': news ? `${label}, ${unread} unread` : label,
      'data-focus': id,
    },
    sign,
    h('span', { class: 'sidebar-label' }, label),
    mentions > 0 && !here ? h('span', { class: 'count' }, mentions) : null,
  );
  button.addEventListener('click', run);
  return button;
}

function drawPeople() {
  const host = byId('people');
  const had = host.contains(document.activeElement);
  const buttons = roles().map((person, index) => {
    const mine = person.id === session.user;
    const button = h(
      'button',
      {
        type: 'button',
        class: 'face-button',
        role: 'radio',
        'aria-checked': String(mine),
        'aria-label': `${person.realName}, ${ROLES[person.kind]}`,
        title: `${person.realName}, ${ROLES[person.kind]} (Alt+${index + 1})`,
        tabindex: mine ? 0 : -1,
        'data-person': person.id,
      },
      avatar(person, 'medium'),
      h('kbd', { 'aria-hidden': 'true' }, index + 1),
    );
    button.addEventListener('click', () => become(person.id));
    return button;
  });
  fill(host, buttons);
  if (had) buttons.find((button) => button.getAttribute('aria-checked') === 'true')?.focus();
  const me = session.state?.me;
  if (me === undefined) return;
  fill(
    byId('me'),
    h('span', { class: 'me-name' }, me.realName),
    h('span', { class: `role role-${me.kind}` }, ROLES[me.kind]),
    h('span', { class: 'me-title' }, me.title),
  );
}

/** Arrows choose among the people, as in every group of radio buttons. */
export function startSidebar() {
  byId('people').addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (step === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    const all = roles();
    const at = all.findIndex((person) => person.id === session.user);
    const next = all[(at + step + all.length) % all.length];
    if (next !== undefined) become(next.id);
  });
}

/**
 * Goes to the channel above or below in the sidebar.
 * @param {1 | -1} step
 */
export function neighbour(step) {
  const buttons = /** @type {HTMLElement[]} */ ([...document.querySelectorAll('.sidebar-row')]);
  const at = buttons.findIndex((button) => button.getAttribute('aria-current') === 'page');
  buttons[(at + step + buttons.length) % buttons.length]?.click();
}
