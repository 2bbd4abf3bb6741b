// The keys of the whole page, and the sheet that lists them.
import { h, icon } from './dom.js';
import { openFaults } from './fault-form.js';
import { channelComposer, closeThread, threadComposer } from './main-pane.js';
import { moveFocus } from './messages.js';
import { toggleDock } from './panel.js';
import { become, openThread, roles, session } from './session.js';
import { neighbour } from './sidebar.js';

const KEYS = [
  ['/', 'Start a command'],
  ['C', 'Write in the channel'],
  ['R', 'Write in the open thread'],
  ['Enter', 'Send'],
  ['Shift Enter', 'New line'],
  ['↑', 'In an empty field: what was sent last'],
  ['J  K', 'Next, previous message (also ↓ ↑ in the list)'],
  ['T', 'Open the thread of the chosen message'],
  ['Tab', 'To the buttons of the chosen message'],
  ['Esc', 'Close the dialog, menu or thread'],
  ['Alt 1 … 4', 'Be somebody else'],
  ['Alt ↑ ↓', 'Previous, next channel'],
  ['N', 'Show or fold the cluster'],
  ['B', 'Break something in the cluster'],
  ['?', 'This sheet'],
];

export function startKeyboard() {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey) return;
    if (event.altKey ? withAlt(event) : plain(event)) event.preventDefault();
  });
}

/**
 * @param {KeyboardEvent} event
 * @returns {boolean} whether the key was ours
 */
function withAlt(event) {
  const digit = /^Digit([1-9])$/.exec(event.code)?.[1];
  const person = digit === undefined ? undefined : roles()[Number(digit) - 1];
  if (person !== undefined) become(person.id);
  else if (event.key === 'ArrowUp') neighbour(-1);
  else if (event.key === 'ArrowDown') neighbour(1);
  else return false;
  return true;
}

/**
 * @param {KeyboardEvent} event
 * @returns {boolean} whether the key was ours
 */
function plain(event) {
  const target = event.target instanceof HTMLElement ? event.target : document.body;
  if (target.closest('dialog, [popover]') !== null) return false;
  if (event.key === 'Escape') return onEscape(target);
  if (target.matches('input, textarea, select')) return false;
  if (target.closest('[role=tablist]') !== null && /^Arrow(Left|Right)$/.test(event.key))
    return tabs(target, event.key);
  const list = target.closest('.message-list');
  const arrow =
    list === null || target.matches('button, a, summary')
      ? undefined
      : { ArrowDown: 1, ArrowUp: -1 }[event.key];
  const step = arrow ?? { j: 1, k: -1 }[event.key];
  if (step !== undefined) {
    const inThread = list?.id === 'thread-messages';
    const messages = document.getElementById(inThread ? 'thread-messages' : 'messages');
    if (messages !== null) moveFocus(messages, step === 1 ? 1 : -1);
    return true;
  }
  return letter(event.key, target);
}

/**
 * @param {string} key
 * @param {HTMLElement} target
 * @returns {boolean}
 */
function letter(key, target) {
  if (key === '/') channelComposer.startCommand();
  else if (key === 'c') channelComposer.focus();
  else if (key === 'r' && session.thread !== undefined) threadComposer.focus();
  else if (key === 'n') toggleDock();
  else if (key === 'b') openFaults();
  else if (key === '?') showHelp();
  else if (key === 't') {
    const message = target.closest('li.message');
    const ts = message?.getAttribute('data-thread');
    if (!ts || message?.hasAttribute('data-ephemeral')) return false;
    openThread(ts);
    threadComposer.focus();
  } else return false;
  return true;
}

/** @param {HTMLElement} target */
function onEscape(target) {
  if (session.thread !== undefined && target.closest('#conversation, .sidebar') === null) closeThread();
  else if (target.matches('textarea')) target.blur();
  else if (session.thread !== undefined) closeThread();
  else return false;
  return true;
}

/**
 * @param {HTMLElement} target
 * @param {string} key
 */
function tabs(target, key) {
  const all = [...(target.parentElement?.children ?? [])];
  const next = all[(all.indexOf(target) + (key === 'ArrowRight' ? 1 : -1) + all.length) % all.length];
  if (!(next instanceof HTMLElement)) return false;
  next.focus();
  next.click();
  return true;
}

export function showHelp() {
  const close = h('button', { type: 'submit', class: 'icon-button', 'aria-label': 'Close' }, icon('close'));
  const rows = KEYS.map(([keys = '', what]) => [
    h(
      'dt',
      null,
      keys.split(/\s+/).map((key) => (key === '…' ? ' … ' : h('kbd', null, key))),
    ),
    h('dd', null, what),
  ]);
  const sheet = h(
    'dialog',
    { class: 'sheet help', 'aria-labelledby': 'help-title' },
    h('form', { method: 'dialog', class: 'sheet-head' }, h('h2', { id: 'help-title' }, 'Keys'), close),
    h('dl', { class: 'keys' }, rows),
  );
  sheet.addEventListener('click', (event) => event.target === sheet && sheet.close());
  sheet.addEventListener('close', () => sheet.remove());
  document.body.append(sheet);
  sheet.showModal();
}
