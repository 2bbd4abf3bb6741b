// A list of messages that only touches what changed, keeps its place while one reads, and its end while one watches.
import { announce, h } from './dom.js';
import { renderMessage, spoken } from './message.js';
import { session } from './session.js';
import { dayName, tsMs } from './time.js';

/**
 * @import { Message } from '../contract.ts'
 *
 * @typedef {{ after: string, until: string }} News what was unread when one came here
 * @typedef {{ key: string, signature: string, make: () => HTMLElement }} Row
 */

/** Messages of one person within this time stand together under one name. */
const TOGETHER_MS = 5 * 60_000;

/** So close to the end counts as "at the end", in pixels. */
const END_PX = 60;

/**
 * Manages the messages in `list`, which scrolls inside `scroller`.
 * @param {{ list: HTMLElement, scroller: HTMLElement, kind: 'channel' | 'thread', pill: HTMLElement }} parts
 */
export function messageList({ list, scroller, kind, pill }) {
  /** @type {Map<string, { element: HTMLElement, signature: string }>} */
  let shown = new Map();
  let subject = '';
  let follow = true;

  const atEnd = () => scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < END_PX;
  const toEnd = () => {
    scroller.scrollTop = scroller.scrollHeight;
    follow = true;
    pill.hidden = true;
  };
  // The pane and the list grow and shrink (dock, banner, edited messages): whoever watched the end still does. A scroll that
  // comes with such a change is the browser's, not the person's, and decides nothing.
  let size = '';
  const sizeNow = () => `${scroller.clientHeight}/${scroller.scrollHeight}`;
  const resized = new ResizeObserver(() => {
    size = sizeNow();
    if (follow) toEnd();
  });
  resized.observe(scroller);
  resized.observe(list);
  scroller.addEventListener('scroll', () => {
    if (sizeNow() !== size) return;
    follow = atEnd();
    if (follow) pill.hidden = true;
  });
  pill.addEventListener('click', toEnd);

  /**
   * @param {string} about which channel or thread: another one starts at its end
   * @param {readonly Message[]} messages
   * @param {News} news
   */
  const draw = (about, messages, news) => {
    const other = about !== subject;
    subject = about;
    const rows = rowsOf(messages, { kind, news });
    const before = other ? new Map() : shown;
    if (other) list.replaceChildren();
    const fresh = messages.filter((message) => !before.has(keyOf(message)));
    shown = reconcile(list, rows, before);
    if (!list.contains(document.activeElement)) roveTo(list);
    if (other || follow) toEnd();
    else if (fresh.length > 0) pill.hidden = false;
    if (!other) for (const message of fresh) if (message.user !== session.user) announce(spoken(message));
  };
  return { draw, toEnd };
}

/** @param {Message} message */
function keyOf(message) {
  return `${message.ts}${message.ephemeral ? '/private' : ''}`;
}

/**
 * @param {readonly Message[]} messages
 * @param {{ kind: 'channel' | 'thread', news: News }} how
 * @returns {Row[]}
 */
function rowsOf(messages, { kind, news }) {
  /** @type {Row[]} */
  const rows = [];
  let newDrawn = false;
  messages.forEach((message, index) => {
    const previous = messages[index - 1];
    const day = dayName(tsMs(message.ts));
    const otherDay = kind === 'channel' && (previous === undefined || day !== dayName(tsMs(previous.ts)));
    if (otherDay) rows.push({ key: `day/${day}`, signature: day, make: () => rule('day', day) });
    const isNew = message.ts > news.after && message.ts <= news.until;
    const unread = isNew && !message.ephemeral && message.user !== session.user;
    const startsNew = unread && !newDrawn && previous !== undefined;
    if (startsNew) rows.push({ key: 'new', signature: '', make: () => rule('new', 'New') });
    if (unread) newDrawn = true;
    if (kind === 'thread' && index === 1) rows.push(repliesRule(messages.length - 1));
    const compact =
      !otherDay && !startsNew && !(kind === 'thread' && index === 1) && belongsTo(message, previous);
    rows.push({
      key: keyOf(message),
      signature: JSON.stringify([message, compact, session.user]),
      make: () => renderMessage(message, { compact, list: kind }),
    });
  });
  return rows;
}

/**
 * @param {Message} message
 * @param {Message | undefined} previous
 */
function belongsTo(message, previous) {
  if (previous === undefined || previous.user !== message.user) return false;
  if (previous.ephemeral || message.ephemeral || message.broadcast === true) return false;
  return tsMs(message.ts) - tsMs(previous.ts) < TOGETHER_MS;
}

/** @param {number} count */
function repliesRule(count) {
  const words = count === 1 ? '1 reply' : `${count} replies`;
  return { key: 'replies', signature: words, make: () => rule('replies', words) };
}

/**
 * @param {'day' | 'new' | 'replies'} kind
 * @param {string} words
 */
function rule(kind, words) {
  return h('li', { class: `rule rule-${kind}` }, h('span', null, words));
}

/**
 * Makes the list show these rows, reusing every element whose content is the same, and giving the focus back to the same control.
 * @param {HTMLElement} list
 * @param {readonly Row[]} rows
 * @param {Map<string, { element: HTMLElement, signature: string }>} before
 */
function reconcile(list, rows, before) {
  const active =
    document.activeElement instanceof HTMLElement && list.contains(document.activeElement)
      ? document.activeElement
      : null;
  const focus = {
    row: active?.closest('li')?.getAttribute('data-key'),
    control: active?.getAttribute('data-focus'),
  };
  /** @type {Map<string, { element: HTMLElement, signature: string }>} */
  const after = new Map();
  for (const row of rows) {
    const old = before.get(row.key);
    const element = old?.signature === row.signature ? old.element : row.make();
    element.setAttribute('data-key', row.key);
    if (old === undefined && before.size > 0) element.classList.add('arrived');
    after.set(row.key, { element, signature: row.signature });
  }
  for (const [key, { element }] of before) if (after.get(key)?.element !== element) element.remove();
  let at = list.firstChild;
  for (const { element } of after.values()) {
    if (element === at) at = at.nextSibling;
    else list.insertBefore(element, at);
  }
  if (focus.row && !list.contains(document.activeElement))
    refocus(after.get(focus.row)?.element, focus.control);
  return after;
}

/**
 * @param {HTMLElement | undefined} element
 * @param {string | null | undefined} control
 */
function refocus(element, control) {
  if (element === undefined) return;
  const same = control ? element.querySelector(`[data-focus="${CSS.escape(control)}"]`) : null;
  const target = same instanceof HTMLElement ? same : element;
  if (target === element) element.tabIndex = 0;
  target.focus({ preventScroll: true });
}

/**
 * One message of the list takes part in the Tab order: the last, or the one that was focused.
 * @param {HTMLElement} list
 */
function roveTo(list) {
  const messages = [...list.querySelectorAll('li.message')];
  if (messages.some((message) => message.getAttribute('tabindex') === '0')) return;
  messages.at(-1)?.setAttribute('tabindex', '0');
}

/**
 * Moves the focus to a neighbouring message.
 * @param {HTMLElement} list
 * @param {1 | -1} step
 */
export function moveFocus(list, step) {
  const messages = /** @type {HTMLElement[]} */ ([...list.querySelectorAll('li.message')]);
  const at = messages.findIndex((message) => message.contains(document.activeElement));
  const next = messages[at < 0 ? messages.length - 1 : Math.min(messages.length - 1, Math.max(0, at + step))];
  if (next === undefined) return;
  for (const message of messages) message.tabIndex = message === next ? 0 : -1;
  next.focus();
  next.scrollIntoView({ block: 'nearest' });
}
