// Menus to choose from: static, external, people and channels, one or several; with a filter, arrows and Enter.
import { h, icon } from '../dom.js';
import { openPopup } from '../popup.js';
import { heldBy, hold, send } from './context.js';
import { words } from './text.js';

/**
 * @import { MultiSelect, Select } from '@slack/types'
 * @import { Place } from './choice.js'
 * @import { SuggestedOption } from '../../contract.ts'
 *
 * @typedef {{ value: string, text: string, note?: string, group?: string }} Entry
 */

/** A pause in typing this long asks the app for suggestions. */
const TYPING_PAUSE_MS = 200;

/** A list longer than this gets a filter field. */
const FILTER_FROM = 8;

/**
 * @param {Select | MultiSelect} element
 * @param {Place} place
 * @returns {HTMLElement}
 */
export function select(element, place) {
  const many = element.type.startsWith('multi_');
  const actionId = element.action_id ?? '';
  const { surface, blockId } = place;
  const label = h('span', { class: 'select-label' });
  const labelId = `${surface.key}/${blockId}/${actionId}/chosen`;
  label.id = labelId;
  const control = h(
    'button',
    {
      type: 'button',
      class: 'select',
      'aria-haspopup': 'listbox',
      'aria-expanded': 'false',
      'aria-labelledby': place.labelledBy === undefined ? labelId : `${place.labelledBy} ${labelId}`,
      'aria-describedby': place.describedBy,
      'data-focus': `${blockId}/${actionId}`,
      'data-action': actionId,
    },
    label,
    icon('down', 14),
  );
  const chosen = () => {
    const now = heldBy(surface, blockId, element);
    return Array.isArray(now) ? [...now] : now === null ? [] : [String(now)];
  };
  rememberInitial(element, place);
  const show = () => {
    const names = chosen().map((value) => nameOf(value, element, place));
    label.textContent =
      names.length === 0 ? words(element.placeholder) || 'Select an option' : names.join(', ');
    control.classList.toggle('select-empty', names.length === 0);
  };
  /** @param {string[]} values */
  const choose = async (values) => {
    const before = chosen();
    const value = many ? values : (values[0] ?? null);
    hold(surface, blockId, actionId, value);
    show();
    if (!place.acts) return;
    if (await send(surface, { block_id: blockId, action_id: actionId, value }, control, element.confirm))
      return;
    hold(surface, blockId, actionId, many ? before : (before[0] ?? null));
    show();
  };
  show();
  const open = () => openList({ control, element, place, many, chosen, choose });
  control.addEventListener('click', open);
  control.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    event.stopPropagation();
    open();
  });
  return control;
}

/**
 * @param {{ control: HTMLElement, element: Select | MultiSelect, place: Place, many: boolean, chosen: () => string[],
 *   choose: (values: string[]) => Promise<void> }} state
 */
function openList({ control, element, place, many, chosen, choose }) {
  const external = element.type.includes('external');
  const fixed = entriesOf(element, place);
  const listId = `${control.getAttribute('data-focus')}/list`;
  const list = h('div', {
    class: 'options',
    role: 'listbox',
    id: listId,
    'aria-multiselectable': many ? 'true' : undefined,
  });
  const filter = h('input', {
    class: 'field options-filter',
    type: 'text',
    role: 'combobox',
    'aria-label': 'Filter',
    'aria-controls': listId,
    'aria-expanded': 'true',
    autocomplete: 'off',
    placeholder: external ? 'Type to search' : 'Filter',
    // Short lists need no field to look at, but the keys still go there.
    'data-quiet': !external && fixed.length < FILTER_FROM,
  });
  const box = h('div', { class: 'select-popup' }, filter, list);
  /** @type {Entry[]} */
  let entries = fixed;
  let active = 0;
  let stay = many ? chosen() : [];

  const paint = () => {
    const now = many ? stay : chosen();
    list.replaceChildren(...optionRows(entries, { now, active, listId }));
    if (entries.length === 0)
      list.append(h('div', { class: 'options-none' }, external ? 'No results' : 'Nothing matches'));
    filter.setAttribute('aria-activedescendant', `${listId}/${active}`);
    list.querySelector('[data-active]')?.scrollIntoView({ block: 'nearest' });
  };
  /** @param {Entry | undefined} entry */
  const pick = (entry) => {
    if (entry === undefined) return;
    place.surface.labels.set(entry.value, entry.text);
    if (many) {
      stay = stay.includes(entry.value)
        ? stay.filter((value) => value !== entry.value)
        : [...stay, entry.value];
      paint();
      return;
    }
    box.hidePopover();
    control.focus();
    void choose([entry.value]);
  };
  const search = searcher(element, place, (found) => {
    entries = found;
    active = 0;
    paint();
  });
  filter.addEventListener('input', () => {
    const typed = filter.value.toLowerCase();
    if (external) search(filter.value);
    else entries = fixed.filter((entry) => entry.text.toLowerCase().includes(typed));
    active = 0;
    paint();
  });
  filter.addEventListener('keydown', (event) => {
    if (event.key === 'Enter') pick(entries[active]);
    else if (event.key === 'Tab') box.hidePopover();
    else if (event.key === 'ArrowDown') active = Math.min(active + 1, entries.length - 1);
    else if (event.key === 'ArrowUp') active = Math.max(active - 1, 0);
    else return;
    if (event.key !== 'Tab') event.preventDefault();
    event.stopPropagation();
    if (box.isConnected) paint();
  });
  list.addEventListener('click', (event) => {
    const row = event.target instanceof Element ? event.target.closest('[data-index]') : null;
    if (row !== null) pick(entries[Number(row.getAttribute('data-index'))]);
    filter.focus();
  });
  active = Math.max(
    0,
    entries.findIndex((entry) => chosen().includes(entry.value)),
  );
  openPopup(control, box, {
    matchWidth: true,
    onClose: () => {
      if (many && stay.join('\n') !== chosen().join('\n')) void choose(stay);
    },
  });
  filter.focus();
  paint();
  if (external) search('');
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

/**
 * Asks the app what it offers for the text typed so far, after a pause; only the last question's answer counts.
 * @param {Select | MultiSelect} element
 * @param {Place} place
 * @param {(entries: Entry[]) => void} found
 * @returns {(typed: string) => void}
 */
function searcher(element, { surface, blockId }, found) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let asked = 0;
  const least = 'min_query_length' in element ? (element.min_query_length ?? 3) : 0;
  return (typed) => {
    clearTimeout(timer);
    asked += 1;
    const mine = asked;
    if (typed.length < least) return;
    timer = setTimeout(async () => {
      const answer = await surface.suggest(blockId, element.action_id ?? '', typed);
      if (mine !== asked || !answer.ok) return;
      const grouped = (answer.option_groups ?? []).flatMap((group) =>
        group.options.map((one) => entry(one, words(group.label))),
      );
      found([...answer.options.map((one) => entry(one)), ...grouped]);
    }, TYPING_PAUSE_MS);
  };
}

/**
 * @param {SuggestedOption | { text: unknown, value?: string, description?: unknown }} option
 * @param {string} [group]
 * @returns {Entry}
 */
function entry(option, group) {
  const text = words(option.text);
  const note = words(option.description);
  return {
    value: option.value ?? '',
    text,
    ...(note === '' ? {} : { note }),
    ...(group === undefined ? {} : { group }),
  };
}

/**
 * What can be chosen without asking the app.
 * @param {Select | MultiSelect} element
 * @param {Place} place
 * @returns {Entry[]}
 */
function entriesOf(element, { surface }) {
  if (element.type.includes('users')) return surface.people.map((one) => ({ value: one.id, text: one.text }));
  if (/channels|conversations/.test(element.type))
    return surface.channels.map((one) => ({ value: one.id, text: `#${one.text}` }));
  if (element.type !== 'static_select' && element.type !== 'multi_static_select') return [];
  const groups = (element.option_groups ?? []).flatMap((group) =>
    group.options.map((one) => entry(one, words(group.label))),
  );
  return [...(element.options ?? []).map((one) => entry(one)), ...groups];
}

/**
 * @param {string} value
 * @param {Select | MultiSelect} element
 * @param {Place} place
 */
function nameOf(value, element, place) {
  return (
    entriesOf(element, place).find((one) => one.value === value)?.text ??
    place.surface.labels.get(value) ??
    value
  );
}

/**
 * External selects name their initial options themselves.
 * @param {Select | MultiSelect} element
 * @param {Place} place
 */
function rememberInitial(element, { surface, blockId }) {
  const known = surface.known[blockId]?.[element.action_id ?? ''] ?? {};
  for (const held of [...Object.values(element), ...Object.values(known)].flat()) {
    if (
      held !== null &&
      typeof held === 'object' &&
      'value' in held &&
      'text' in held &&
      typeof held.value === 'string'
    ) {
      surface.labels.set(held.value, words(held.text));
    }
  }
}
