// Where one types: keeps drafts, offers commands and names, Enter sends, Shift+Enter starts a line.
import { post } from './api.js';
import { avatar } from './avatar.js';
import { h, icon } from './dom.js';
import { keep, recall } from './keep.js';
import { personOf, roles, session } from './session.js';
import { offerAt } from './suggestions.js';
import { toast } from './toast.js';

/**
 * @import { Offer, Suggestion } from './suggestions.js'
 *
 * @typedef {{ user: string, channel: string, thread: string | undefined, placeholder: string }} Target
 */

/** Refusals of a command that the person sees as a notice in the channel. */
const NOTICED = new Set([
  'unknown_command',
  'thread_not_supported',
  'operation_timeout',
  'no_app',
  'invalid_response',
]);

/** After these the command may have done its work: it does not come back into the field. */
const CARRIED_OUT = new Set(['operation_timeout', 'invalid_response']);

/** The field grows with its text up to this height, then scrolls. */
const HEIGHT_LIMIT_PX = 220;

/**
 * @param {HTMLElement} host
 * @param {{ name: string, onSent: () => void }} options
 */
export function composer(host, { name, onSent }) {
  const listId = `${name}-offers`;
  const list = h('div', {
    class: 'offers',
    id: listId,
    role: 'listbox',
    'aria-label': 'Suggestions',
    hidden: true,
  });
  const field = h('textarea', {
    id: `${name}-field`,
    rows: 1,
    class: 'composer-field',
    'aria-autocomplete': 'list',
    'aria-controls': listId,
    autocomplete: 'off',
    spellcheck: 'false',
  });
  const slash = h(
    'button',
    { type: 'button', class: 'icon-button', 'aria-label': 'Commands', title: 'Commands (/)' },
    icon('slash'),
  );
  const sendButton = h(
    'button',
    { type: 'button', class: 'send', 'aria-label': 'Send', title: 'Send (Enter)' },
    icon('send', 16),
  );
  const foot = h('div', { class: 'composer-foot' }, slash, h('span', { class: 'composer-hint' }), sendButton);
  host.append(list, h('div', { class: 'composer-box' }, field, foot));

  /** @type {Target | undefined} */
  let target;
  /** @type {Offer | undefined} */
  let offer;
  let active = 0;
  let dismissed = '';
  /** @type {string[]} what was sent here, newest last, for the Up key in an empty field */
  const sent = [];

  const draftKey = () => `draft/${target?.user}/${target?.channel}/${target?.thread ?? ''}`;
  const changed = () => {
    keep(draftKey(), field.value === '' ? undefined : field.value);
    grow();
    suggest();
  };
  const grow = () => {
    field.style.height = 'auto';
    field.style.height = `${Math.min(HEIGHT_LIMIT_PX, field.scrollHeight)}px`;
    sendButton.toggleAttribute('data-ready', field.value.trim() !== '');
  };
  const suggest = () => {
    const { state } = session;
    const known = {
      commands: state?.commands ?? [],
      people: [...roles(), ...(state?.people ?? []).filter((person) => person.kind === 'bot')],
      channels: (state?.channels ?? []).filter((channel) => channel.kind !== 'im'),
    };
    const before = JSON.stringify(offer);
    const hidden = field.value === '' || field.value === dismissed || document.activeElement !== field;
    offer = hidden ? undefined : offerAt(field.value, field.selectionStart, known);
    if (JSON.stringify(offer) !== before) active = 0;
    drawOffers(list, field, { offer, active, listId });
  };
  /** @param {Suggestion | undefined} item */
  const take = (item) => {
    if (item === undefined || offer === undefined) return;
    field.setRangeText(item.insert, offer.from, offer.to, 'end');
    field.focus();
    changed();
  };
  const submit = async () => {
    const text = field.value.trim();
    if (text === '' || target === undefined) return;
    const to = target;
    const key = draftKey();
    field.value = '';
    changed();
    sent.push(text);
    onSent();
    const failed = await deliver(text, to);
    if (!failed || field.value !== '' || draftKey() !== key) return;
    field.value = text;
    dismissed = text;
    changed();
  };

  field.addEventListener('input', () => {
    dismissed = '';
    changed();
  });
  field.addEventListener('click', suggest);
  field.addEventListener('focus', suggest);
  field.addEventListener('blur', () => setTimeout(suggest, 100)); // after the click that took the focus has done its work
  field.addEventListener('keydown', (event) => {
    if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    const item = offer?.items[active];
    const count = offer?.items.length ?? 0;
    // A token that is already complete is not completed again: Enter sends it.
    const complete =
      offer !== undefined &&
      item !== undefined &&
      field.value.slice(offer.from, offer.to) === item.insert.trim();
    if (event.key === 'Enter' && !event.shiftKey) item === undefined || complete ? void submit() : take(item);
    else if (event.key === 'Tab' && !event.shiftKey && item !== undefined && !complete) take(item);
    else if (event.key === 'ArrowDown' && count > 0) active = (active + 1) % count;
    else if (event.key === 'ArrowUp' && count > 0) active = (active - 1 + count) % count;
    else if (event.key === 'ArrowUp' && field.value === '' && sent.length > 0) {
      field.value = sent.at(-1) ?? '';
      dismissed = field.value;
      changed();
    } else if (event.key === 'Escape' && offer !== undefined) {
      dismissed = field.value;
      suggest();
    } else return;
    event.preventDefault();
    event.stopPropagation();
    drawOffers(list, field, { offer, active, listId });
  });
  list.addEventListener('mousedown', (event) => {
    event.preventDefault(); // the field keeps the focus
    const row = event.target instanceof Element ? event.target.closest('[data-index]') : null;
    if (row !== null) take(offer?.items[Number(row.getAttribute('data-index'))]);
  });
  sendButton.addEventListener('click', () => void submit());
  slash.addEventListener('click', () => startCommand());

  const startCommand = () => {
    if (field.value === '') field.value = '/';
    field.focus();
    changed();
  };
  return {
    field,
    startCommand,
    /** @param {Target | undefined} next */
    aim: (next) => {
      const before = draftKey();
      target = next;
      field.placeholder = next?.placeholder ?? '';
      field.setAttribute('aria-label', next?.placeholder ?? '');
      if (before === draftKey()) return;
      const draft = recall(draftKey());
      field.value = typeof draft === 'string' ? draft : '';
      dismissed = field.value;
      grow();
      suggest();
    },
  };
}

/**
 * Sends a command or a message; says whether the text should come back to be corrected.
 * @param {string} text
 * @param {Target} to
 * @returns {Promise<boolean>}
 */
async function deliver(text, { user, channel, thread }) {
  const body = { user, channel, text, ...(thread === undefined ? {} : { thread_ts: thread }) };
  const isCommand = text.startsWith('/');
  const answer = await post(isCommand ? 'command' : 'message', body);
  if (answer.ok) return false;
  // Slack says in the channel what became of a command; everything else, and whatever happens beside a thread, is said here.
  if (!isCommand || thread !== undefined || !NOTICED.has(answer.error))
    toast(answer.hint || answer.error, 'error');
  return !CARRIED_OUT.has(answer.error);
}

/**
 * @param {HTMLElement} list
 * @param {HTMLElement} field
 * @param {{ offer: Offer | undefined, active: number, listId: string }} state
 */
function drawOffers(list, field, { offer, active, listId }) {
  list.hidden = offer === undefined;
  if (offer === undefined) {
    field.removeAttribute('aria-activedescendant');
    list.replaceChildren();
    return;
  }
  field.setAttribute('aria-activedescendant', `${listId}-${active}`);
  const rows = offer.items.map((item, index) =>
    h(
      'div',
      {
        class: 'offer',
        role: 'option',
        id: `${listId}-${index}`,
        'data-index': index,
        'aria-selected': String(index === active),
      },
      item.kind === 'person'
        ? avatar(personOf(item.id ?? ''), 'small')
        : icon(item.kind === 'channel' ? 'hash' : 'slash', 16),
      h('span', { class: 'offer-text' }, item.text),
      item.hint ? h('span', { class: 'offer-hint' }, item.hint) : null,
      item.note ? h('span', { class: 'offer-note' }, item.note) : null,
    ),
  );
  const keys = h(
    'span',
    { class: 'offers-keys' },
    h('kbd', null, '↑↓'),
    ' choose ',
    h('kbd', null, 'Tab'),
    ' take',
  );
  list.replaceChildren(
    h('div', { class: 'offers-title' }, h('span', null, offer.title), rows.length > 0 ? keys : null),
    ...rows,
  );
  rows[active]?.scrollIntoView({ block: 'nearest' });
}
