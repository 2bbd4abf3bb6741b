// What a menu offers: fixed options, people, channels, or what the app suggests for the text typed so far.
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

/**
 * Asks the app what it offers for the text typed so far, after a pause; only the last question's answer counts.
 * @param {Select | MultiSelect} element
 * @param {Place} place
 * @param {(entries: Entry[]) => void} found
 * @returns {(typed: string) => void}
 */
export function searcher(element, { surface, blockId }, found) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  let asked = 0;
  const least = 'min_query_length' in element ? (element.min_query_length ?? 3) : 0;
  return (typed) => {
    clearTimeout(timer);
    asked += 1;
    const mine = asked;
    if (typed.length < least) return;
    const ask = async () => {
      const answer = await surface.suggest(blockId, element.action_id ?? '', typed);
      if (mine !== asked || !answer.ok) return;
      const grouped = (answer.option_groups ?? []).flatMap((group) =>
        group.options.map((one) => entry(one, words(group.label))),
      );
      found([...answer.options.map((one) => entry(one)), ...grouped]);
    };
    timer = setTimeout(() => void ask(), TYPING_PAUSE_MS);
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
export function entriesOf(element, { surface }) {
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
export function nameOf(value, element, place) {
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
export function rememberInitial(element, { surface, blockId }) {
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
