// Buttons and overflow menus.
import { h, icon } from '../dom.js';
import { openMenu } from '../popup.js';
import { send } from './context.js';
import { textNode, words } from './text.js';

/**
 * @import { Button, Overflow } from '@slack/types'
 * @import { Surface } from './context.js'
 */

/**
 * @param {Button} element
 * @param {string} blockId
 * @param {Surface} surface
 * @returns {HTMLElement}
 */
export function button(element, blockId, surface) {
  const actionId = element.action_id ?? '';
  const control = h(
    'button',
    {
      type: 'button',
      class: `btn${element.style === undefined ? '' : ` btn-${element.style}`}`,
      'aria-label': element.accessibility_label,
      'data-focus': `${blockId}/${actionId}`,
      'data-action': actionId,
    },
    h('span', { class: 'btn-text' }, textNode(element.text, surface.directory)),
    h('span', { class: 'btn-busy', 'aria-hidden': 'true' }, h('span', { class: 'spinner' }), 'working…'),
  );
  control.addEventListener('click', () => {
    if (element.url !== undefined && /^https?:\/\//i.test(element.url))
      window.open(element.url, '_blank', 'noopener,noreferrer');
    void send(
      surface,
      { block_id: blockId, action_id: actionId, value: element.value ?? null },
      control,
      element.confirm,
    );
  });
  return control;
}

/**
 * @param {Overflow} element
 * @param {string} blockId
 * @param {Surface} surface
 * @returns {HTMLElement}
 */
export function overflow(element, blockId, surface) {
  const actionId = element.action_id ?? '';
  const control = h(
    'button',
    {
      type: 'button',
      class: 'btn btn-icon',
      'aria-label': 'More actions',
      'aria-haspopup': 'menu',
      'data-focus': `${blockId}/${actionId}`,
      'data-action': actionId,
    },
    icon('more'),
  );
  control.addEventListener('click', () => {
    openMenu(
      control,
      element.options.map((option) => ({
        text: words(option.text),
        note: words(option.description),
        run: () => {
          const press = { block_id: blockId, action_id: actionId, value: option.value ?? null };
          void send(surface, press, control, element.confirm);
        },
      })),
    );
  });
  return control;
}
