// The open list of a menu: a filter that has the keys, and the options below it.
import { h, icon } from '../dom.js';
import { openPopup } from '../popup.js';
import { entriesOf, searcher } from './entries.js';

/**
 * @import { MultiSelect, Select } from '@slack/types'
 * @import { Place } from './choice.js'
 * @import { Entry } from './entries.js'
 *
 * @typedef {object} Menu
 * @property {HTMLElement} control the button that opens the list
 * @property {Select | MultiSelect} element
 * @property {Place} place
 * @property {() => string[]} chosen
 * @property {(values: string[]) => Promise<void>} choose
 */

/** A shorter list needs no field to look at, but the keys still go there. */
const FILTER_FROM = 8;

/** @param {Menu} menu */
export function openOptions(menu) {
  new OptionList(menu).open();
}

/** One opened list; it is gone when the popup closes. */
class OptionList {
  #menu;
  #external;
  #many;
  #fixed;
  /** @type {readonly Entry[]} */
  #entries;
  #active = 0;
  /** @type {string[]} of a menu for several: what is chosen until the list closes */
  #picked;
  #listId;
  #list;
  #filter;
  #box;
  #search;

  /** @param {Menu} menu */
  constructor(menu) {
    const { element, place, control } = menu;
    this.#menu = menu;
    this.#external = element.type.includes('external');
    this.#many = element.type.startsWith('multi_');
    this.#fixed = entriesOf(element, place);
    this.#entries = this.#fixed;
    this.#picked = menu.chosen();
    this.#listId = `${control.getAttribute('data-focus')}/list`;
    const many = this.#many ? 'true' : undefined;
    this.#list = h('div', {
      class: 'options',
      role: 'listbox',
      id: this.#listId,
      'aria-multiselectable': many,
    });
    this.#filter = h('input', {
      class: 'field options-filter',
      type: 'text',
      role: 'combobox',
      'aria-label': 'Filter',
      'aria-controls': this.#listId,
      'aria-expanded': 'true',
      autocomplete: 'off',
      placeholder: this.#external ? 'Type to search' : 'Filter',
      'data-quiet': !this.#external && this.#fixed.length < FILTER_FROM,
    });
    this.#box = h('div', { class: 'select-popup' }, this.#filter, this.#list);
    this.#search = searcher(element, place, (found) => this.#offer(found));
  }

  open() {
    const { control, chosen, choose } = this.#menu;
    this.#active = Math.max(
      0,
      this.#entries.findIndex((entry) => this.#picked.includes(entry.value)),
    );
    this.#filter.addEventListener('input', () => this.#filtered());
    this.#filter.addEventListener('keydown', (event) => {
      if (!this.#key(event.key)) return;
      if (event.key !== 'Tab') event.preventDefault();
      event.stopPropagation();
    });
    this.#list.addEventListener('click', (event) => {
      const row = event.target instanceof Element ? event.target.closest('[data-index]') : null;
      if (row !== null) this.#pick(this.#entries[Number(row.getAttribute('data-index'))]);
    });
    openPopup(control, this.#box, {
      matchWidth: true,
      onClose: () => {
        if (this.#many && this.#picked.join('\n') !== chosen().join('\n')) void choose(this.#picked);
      },
    });
    this.#filter.focus();
    this.#draw();
    if (this.#external) this.#search('');
  }

  #filtered() {
    const typed = this.#filter.value;
    if (this.#external) this.#search(typed);
    else this.#offer(this.#fixed.filter((entry) => entry.text.toLowerCase().includes(typed.toLowerCase())));
  }

  /** @param {readonly Entry[]} entries */
  #offer(entries) {
    this.#entries = entries;
    this.#active = 0;
    this.#draw();
  }

  /**
   * @param {string} key
   * @returns {boolean} whether the key was ours
   */
  #key(key) {
    if (key === 'Enter') this.#pick(this.#entries[this.#active]);
    else if (key === 'Tab') this.#box.hidePopover();
    else if (key === 'ArrowDown') this.#move(1);
    else if (key === 'ArrowUp') this.#move(-1);
    else return false;
    return true;
  }

  /** @param {1 | -1} step */
  #move(step) {
    this.#active = Math.max(0, Math.min(this.#entries.length - 1, this.#active + step));
    this.#draw();
  }

  /** @param {Entry | undefined} entry */
  #pick(entry) {
    if (entry === undefined) return;
    const { place, control, choose } = this.#menu;
    place.surface.labels.set(entry.value, entry.text);
    if (!this.#many) {
      this.#box.hidePopover();
      control.focus();
      void choose([entry.value]);
      return;
    }
    const without = this.#picked.filter((value) => value !== entry.value);
    this.#picked = without.length < this.#picked.length ? without : [...this.#picked, entry.value];
    this.#draw();
  }

  #draw() {
    const none = h('div', { class: 'options-none' }, this.#external ? 'No results' : 'Nothing matches');
    const rows = optionRows(this.#entries, { now: this.#picked, active: this.#active, listId: this.#listId });
    this.#list.replaceChildren(...(rows.length > 0 ? rows : [none]));
    this.#filter.setAttribute('aria-activedescendant', `${this.#listId}/${this.#active}`);
    this.#list.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest' });
  }
}

/**
 * @param {readonly Entry[]} entries
 * @param {{ now: readonly string[], active: number, listId: string }} state
 * @returns {HTMLElement[]}
 */
function optionRows(entries, { now, active, listId }) {
  /** @type {HTMLElement[]} */
  const rows = [];
  entries.forEach((entry, index) => {
    if (entry.group !== undefined && entry.group !== entries[index - 1]?.group) {
      rows.push(h('div', { class: 'options-group', role: 'presentation' }, entry.group));
    }
    const selected = now.includes(entry.value);
    const note = entry.note ? h('span', { class: 'menu-note' }, entry.note) : null;
    rows.push(
      h(
        'div',
        {
          class: 'option',
          role: 'option',
          id: `${listId}/${index}`,
          'aria-selected': String(selected),
          'data-index': index,
          'data-active': index === active,
        },
        h('span', { class: 'menu-text' }, h('span', null, entry.text), note),
        selected ? icon('check', 14) : null,
      ),
    );
  });
  return rows;
}
