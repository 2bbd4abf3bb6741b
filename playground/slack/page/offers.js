// The list above the composer, with what can stand at the caret.
import { avatar } from './avatar.js';
import { h, icon } from './dom.js';
import { personOf } from './session.js';

/**
 * @import { Offer } from './suggestions.js'
 */

/**
 * @param {HTMLElement} list
 * @param {HTMLElement} field
 * @param {{ offer: Offer | undefined, active: number, listId: string }} state
 */
export function drawOffers(list, field, { offer, active, listId }) {
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
