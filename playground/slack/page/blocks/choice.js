// Inputs that are always open: text fields, dates and times, radio buttons, checkboxes.
import { h } from '../dom.js';
import { heldBy, hold, send } from './context.js';
import { textNode, words } from './text.js';

/**
 * @import { Checkboxes, Datepicker, DateTimepicker, EmailInput, NumberInput, Option, PlainTextInput, RadioButtons, Timepicker, URLInput }
 *   from '@slack/types'
 * @import { Surface } from './context.js'
 * @import { InputValue } from '../../contract.ts'
 */

/**
 * How an element is used: alone it acts on every change, inside an input block only when asked to.
 * @typedef {{ blockId: string, surface: Surface, acts: boolean, describedBy?: string | undefined, labelledBy?: string | undefined }} Place
 */

/** @typedef {PlainTextInput | EmailInput | URLInput | NumberInput} TextInput */

/**
 * @param {TextInput} element
 * @param {Place} place
 * @returns {HTMLElement}
 */
export function textInput(element, place) {
  const multiline = element.type === 'plain_text_input' && element.multiline === true;
  const kinds = {
    email_text_input: 'email',
    url_text_input: 'url',
    number_input: 'number',
    plain_text_input: 'text',
  };
  const common = {
    ...names(element, place),
    class: 'field',
    placeholder: words(element.placeholder),
    autocomplete: 'off',
    value: String(heldBy(place.surface, place.blockId, element) ?? ''),
    ...(element.type === 'plain_text_input'
      ? { maxlength: element.max_length, minlength: element.min_length }
      : {}),
  };
  const field = multiline
    ? h('textarea', { ...common, rows: 4 })
    : h('input', {
        ...common,
        type: kinds[element.type],
        ...(element.type === 'number_input'
          ? { min: element.min_value, max: element.max_value, step: 'any' }
          : {}),
      });
  const actionId = element.action_id ?? '';
  const value = () => (field.value === '' ? null : field.value);
  field.addEventListener('input', () => hold(place.surface, place.blockId, actionId, value()));
  if (place.acts) field.addEventListener('change', () => tell(place, actionId, value(), field));
  return field;
}

/**
 * @param {Datepicker | Timepicker | DateTimepicker} element
 * @param {Place} place
 * @returns {HTMLElement}
 */
export function dateInput(element, place) {
  const kinds = { datepicker: 'date', timepicker: 'time', datetimepicker: 'datetime-local' };
  const moment = element.type === 'datetimepicker';
  const now = heldBy(place.surface, place.blockId, element);
  const value = moment && typeof now === 'string' ? localMinute(Number(now)) : now;
  const field = h('input', {
    ...names(element, place),
    class: 'field',
    type: kinds[element.type],
    value: String(value ?? ''),
  });
  const actionId = element.action_id ?? '';
  field.addEventListener('change', () => {
    const chosen = moment ? String(Math.floor(new Date(field.value).getTime() / 1000)) : field.value;
    hold(place.surface, place.blockId, actionId, field.value === '' ? null : chosen);
    if (place.acts) tell(place, actionId, chosen, field);
  });
  return field;
}

/**
 * A moment as `<input type=datetime-local>` wants it, in the reader's zone.
 * @param {number} unixS
 */
function localMinute(unixS) {
  const date = new Date(unixS * 1000);
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

/**
 * @param {RadioButtons | Checkboxes} element
 * @param {Place} place
 * @returns {HTMLElement}
 */
export function choices(element, place) {
  const many = element.type === 'checkboxes';
  const actionId = element.action_id ?? '';
  const now = heldBy(place.surface, place.blockId, element);
  const chosen = new Set(Array.isArray(now) ? now : now === null ? [] : [String(now)]);
  const group = h('div', {
    class: 'choices',
    role: many ? 'group' : 'radiogroup',
    'aria-labelledby': place.labelledBy,
    'aria-describedby': place.describedBy,
  });
  element.options.forEach((option, index) => {
    const value = option.value ?? '';
    const box = h('input', {
      type: many ? 'checkbox' : 'radio',
      name: `${place.surface.key}/${place.blockId}/${actionId}`,
      checked: chosen.has(value),
      'data-focus': `${place.blockId}/${actionId}/${index}`,
    });
    box.addEventListener('change', () => {
      if (!many) chosen.clear();
      if (box.checked) chosen.add(value);
      else chosen.delete(value);
      const held = many ? [...chosen] : value;
      hold(place.surface, place.blockId, actionId, held);
      if (place.acts) tell(place, actionId, held, group);
    });
    group.append(choice(option, box, place));
  });
  return group;
}

/**
 * @param {Option} option
 * @param {HTMLElement} box
 * @param {Place} place
 */
function choice(option, box, place) {
  const { directory } = place.surface;
  const note =
    option.description === undefined
      ? null
      : h('span', { class: 'choice-note' }, textNode(option.description, directory));
  return h('label', { class: 'choice' }, box, h('span', null, textNode(option.text, directory), note));
}

/**
 * @param {{ action_id?: string }} element
 * @param {Place} place
 */
function names(element, { blockId, describedBy, labelledBy }) {
  return {
    'data-focus': `${blockId}/${element.action_id ?? ''}`,
    'data-action': element.action_id,
    'aria-labelledby': labelledBy,
    'aria-describedby': describedBy,
  };
}

/**
 * @param {Place} place
 * @param {string} actionId
 * @param {InputValue} value
 * @param {HTMLElement} control
 */
function tell(place, actionId, value, control) {
  void send(place.surface, { block_id: place.blockId, action_id: actionId, value }, control, undefined);
}
