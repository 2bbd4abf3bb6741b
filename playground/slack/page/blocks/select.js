// Menus to choose from: static, external, people and channels, one or several; with a filter, arrows and Enter.
import { h, icon } from '../dom.js';
import { heldBy, hold, send } from './context.js';
import { nameOf, rememberInitial } from './entries.js';
import { openOptions } from './option-list.js';
import { words } from './text.js';

/**
 * @import { MultiSelect, Select } from '@slack/types'
 * @import { Place } from './choice.js'
 */

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
  const open = () => openOptions({ control, element, place, chosen, choose });
  control.addEventListener('click', open);
  control.addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    event.stopPropagation();
    open();
  });
  return control;
}
