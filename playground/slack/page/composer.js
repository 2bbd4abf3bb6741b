// Where one types: keeps drafts, offers commands and names, Enter sends, Shift+Enter starts a line.
import { post } from './api.js';
import { h, icon } from './dom.js';
import { keep, recall } from './keep.js';
import { drawOffers } from './offers.js';
import { roles, session } from './session.js';
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

/** A field with its drafts and offers. It lives as long as the page; `aim` points it at another place. */
export class Composer {
  #listId;
  #list;
  #field;
  #sendButton;
  #onSent;
  /** @type {Target | undefined} */
  #target;
  /** @type {Offer | undefined} */
  #offer;
  #active = 0;
  /** The text for which the offers were waved away. */
  #dismissed = '';
  /** @type {string[]} what was sent here, newest last, for the Up key in an empty field */
  #sent = [];

  /**
   * @param {HTMLElement} host
   * @param {{ name: string, onSent: () => void }} options
   */
  constructor(host, { name, onSent }) {
    this.#onSent = onSent;
    this.#listId = `${name}-offers`;
    this.#list = h('div', {
      class: 'offers',
      id: this.#listId,
      role: 'listbox',
      'aria-label': 'Suggestions',
      hidden: true,
    });
    this.#field = h('textarea', {
      id: `${name}-field`,
      rows: 1,
      class: 'composer-field',
      'aria-autocomplete': 'list',
      'aria-controls': this.#listId,
      autocomplete: 'off',
      spellcheck: 'false',
    });
    const slash = h(
      'button',
      { type: 'button', class: 'icon-button', 'aria-label': 'Commands', title: 'Commands (/)' },
      icon('slash'),
    );
    this.#sendButton = h(
      'button',
      { type: 'button', class: 'send', 'aria-label': 'Send', title: 'Send (Enter)' },
      icon('send', 16),
    );
    const foot = h(
      'div',
      { class: 'composer-foot' },
      slash,
      h('span', { class: 'composer-space' }),
      this.#sendButton,
    );
    host.append(this.#list, h('div', { class: 'composer-box' }, this.#field, foot));
    slash.addEventListener('click', () => this.startCommand());
    this.#sendButton.addEventListener('click', () => void this.#submit());
    this.#listen();
  }

  focus() {
    this.#field.focus();
  }

  /** Puts a slash into an empty field, so that the commands are offered. */
  startCommand() {
    if (this.#field.value === '') this.#field.value = '/';
    this.#field.focus();
    this.#changed();
  }

  /**
   * Points at a channel or thread, as somebody; the draft left there comes back.
   * @param {Target} next
   */
  aim(next) {
    const before = this.#draftKey();
    this.#target = next;
    this.#field.placeholder = next.placeholder;
    this.#field.setAttribute('aria-label', next.placeholder);
    if (before === this.#draftKey()) return;
    const draft = recall(this.#draftKey());
    this.#replace(typeof draft === 'string' ? draft : '');
  }

  #listen() {
    const field = this.#field;
    field.addEventListener('input', () => {
      this.#dismissed = '';
      this.#changed();
    });
    field.addEventListener('click', () => this.#suggest());
    field.addEventListener('focus', () => this.#suggest());
    field.addEventListener('blur', () => this.#suggest());
    field.addEventListener('keydown', (event) => {
      if (event.isComposing || event.altKey || event.ctrlKey || event.metaKey || !this.#key(event)) return;
      event.preventDefault();
      event.stopPropagation();
      this.#draw();
    });
    this.#list.addEventListener('mousedown', (event) => {
      event.preventDefault(); // the field keeps the focus
      const row = event.target instanceof Element ? event.target.closest('[data-index]') : null;
      if (row !== null) this.#take(this.#offer?.items[Number(row.getAttribute('data-index'))]);
    });
  }

  /**
   * @param {KeyboardEvent} event
   * @returns {boolean} whether the key was ours
   */
  #key({ key, shiftKey }) {
    const offer = this.#offer;
    const item = offer?.items[this.#active];
    const count = offer?.items.length ?? 0;
    // A token that is already complete is not completed again: Enter sends it.
    const complete =
      offer !== undefined &&
      item !== undefined &&
      this.#field.value.slice(offer.from, offer.to) === item.insert.trim();
    const takes = item !== undefined && !complete && !shiftKey;
    if (takes && (key === 'Enter' || key === 'Tab')) this.#take(item);
    else if (key === 'Enter' && !shiftKey) void this.#submit();
    else if (key === 'ArrowDown' && count > 0) this.#active = (this.#active + 1) % count;
    else if (key === 'ArrowUp' && count > 0) this.#active = (this.#active - 1 + count) % count;
    else if (key === 'ArrowUp' && this.#field.value === '' && this.#sent.length > 0)
      this.#replace(this.#sent.at(-1) ?? '');
    else if (key === 'Escape' && offer !== undefined) {
      this.#dismissed = this.#field.value;
      this.#suggest();
    } else return false;
    return true;
  }

  #draftKey() {
    return `draft/${this.#target?.user}/${this.#target?.channel}/${this.#target?.thread ?? ''}`;
  }

  /** Something was typed or put into the field. */
  #changed() {
    const { value } = this.#field;
    keep(this.#draftKey(), value === '' ? undefined : value);
    this.#field.style.height = 'auto';
    this.#field.style.height = `${Math.min(HEIGHT_LIMIT_PX, this.#field.scrollHeight)}px`;
    this.#sendButton.toggleAttribute('data-ready', value.trim() !== '');
    this.#suggest();
  }

  /**
   * Puts a text there that was typed before: nothing is offered for it until it is changed.
   * @param {string} text
   */
  #replace(text) {
    this.#field.value = text;
    this.#dismissed = text;
    this.#changed();
  }

  #suggest() {
    const { value, selectionStart } = this.#field;
    const before = JSON.stringify(this.#offer);
    const hidden = value === '' || value === this.#dismissed || document.activeElement !== this.#field;
    this.#offer = hidden ? undefined : offerAt(value, selectionStart, knownNames());
    if (JSON.stringify(this.#offer) !== before) this.#active = 0;
    this.#draw();
  }

  /** @param {Suggestion | undefined} item */
  #take(item) {
    if (item === undefined || this.#offer === undefined) return;
    this.#field.setRangeText(item.insert, this.#offer.from, this.#offer.to, 'end');
    this.#field.focus();
    this.#changed();
  }

  async #submit() {
    const text = this.#field.value.trim();
    const to = this.#target;
    if (text === '' || to === undefined) return;
    const key = this.#draftKey();
    this.#field.value = '';
    this.#changed();
    this.#sent.push(text);
    this.#onSent();
    const failed = await deliver(text, to);
    if (failed && this.#field.value === '' && this.#draftKey() === key) this.#replace(text);
  }

  #draw() {
    drawOffers(this.#list, this.#field, { offer: this.#offer, active: this.#active, listId: this.#listId });
  }
}

/** What can be offered here and now. */
function knownNames() {
  const { state } = session;
  return {
    commands: state?.commands ?? [],
    people: [...roles(), ...(state?.people ?? []).filter((person) => person.kind === 'bot')],
    channels: (state?.channels ?? []).filter((channel) => channel.kind !== 'im'),
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
