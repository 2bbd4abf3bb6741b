// Block Kit: every layout block's renderer, found by its type.
import { h, icon } from '../dom.js';
import { markdown } from '../markdown.js';
import { button, overflow } from './button.js';
import { choices, dateInput, textInput } from './choice.js';
import { richText } from './rich-text.js';
import { select } from './select.js';
import { table } from './table.js';
import { plan, taskCard } from './task.js';
import { textNode, words } from './text.js';

/**
 * @import { ActionsBlockElement, InputBlock, InputBlockElement, KnownBlock, SectionBlockAccessory } from '@slack/types'
 * @import { Block } from '../../contract.ts'
 * @import { Surface } from './context.js'
 * @import { Place } from './choice.js'
 */

/**
 * @template {KnownBlock['type']} Type
 * @typedef {Extract<KnownBlock, { type: Type }>} Of
 */

/** @type {{ [Type in KnownBlock['type']]?: (block: Of<Type>, surface: Surface, id: string) => Node }} */
const RENDERERS = {
  header: (block, { directory }) => h('h3', { class: 'block-title' }, textNode(block.text, directory)),
  divider: () => h('hr'),
  section,
  context: (block, { directory }) =>
    h(
      'div',
      { class: 'context' },
      block.elements.map((element) =>
        element.type === 'image'
          ? picture(element.alt_text, 'small')
          : h('span', { class: 'context-text' }, textNode(element, directory)),
      ),
    ),
  actions: (block, surface, id) =>
    h(
      'div',
      { class: 'actions' },
      block.elements.map((element) => control(element, place(surface, id, true))),
    ),
  rich_text: (block, { directory }) => richText(block, directory),
  markdown: (block) => h('div', { class: 'markdown' }, markdown(block.text)),
  image: (block) =>
    h(
      'figure',
      null,
      block.title && h('figcaption', null, words(block.title)),
      picture(block.alt_text, 'large'),
    ),
  input,
  table: (block, { directory }) => table(block, directory),
  data_table: (block, { directory }) => table(block, directory),
  alert: (block, { directory }) => {
    const level = block.level ?? 'default';
    const sign = level === 'success' ? 'check' : level === 'error' || level === 'warning' ? 'warn' : 'help';
    return h(
      'div',
      { class: `alert alert-${level}`, role: 'note' },
      icon(sign),
      h('div', null, textNode(block.text, directory)),
    );
  },
  plan: (block, { directory }) => plan(block, directory),
  task_card: (block, { directory }) => h('div', { class: 'tasks' }, taskCard(block, directory)),
  container,
};

/**
 * Draws blocks in order; one that is unknown here says so instead of vanishing.
 * @param {readonly Block[]} blocks
 * @param {Surface} surface
 * @returns {HTMLElement[]}
 */
export function renderBlocks(blocks, surface) {
  return blocks.map((block) => {
    const render = /** @type {((block: Block, surface: Surface, id: string) => Node) | undefined} */ (
      RENDERERS[/** @type {KnownBlock['type']} */ (block.type)]
    );
    const inside =
      render?.(block, surface, block.block_id) ??
      h('div', { class: 'unknown-block' }, `A “${block.type}” block, which this page does not draw.`);
    return h('div', { class: `block block-${block.type}`, 'data-block': block.block_id }, inside);
  });
}

/**
 * @param {Of<'section'>} block
 * @param {Surface} surface
 * @param {string} id
 */
function section(block, surface, id) {
  const fields = (block.fields ?? []).map((field) =>
    h('div', { class: 'section-field' }, textNode(field, surface.directory)),
  );
  const text = h(
    'div',
    { class: 'section-text' },
    block.text === undefined ? null : h('div', null, textNode(block.text, surface.directory)),
    fields.length > 0 ? h('div', { class: 'section-fields' }, fields) : null,
  );
  if (block.accessory === undefined) return text;
  const beside = control(block.accessory, place(surface, id, true));
  return h('div', { class: 'section-row' }, text, h('div', { class: 'section-accessory' }, beside));
}

/**
 * @param {Of<'container'>} block
 * @param {Surface} surface
 */
function container(block, surface) {
  const { directory } = surface;
  const title =
    block.rich_text_title === undefined
      ? textNode(block.title, directory)
      : richText(block.rich_text_title, directory);
  const subtitle =
    block.subtitle === undefined ? null : h('span', { class: 'quiet' }, textNode(block.subtitle, directory));
  const head = [h('strong', null, title), subtitle];
  const inside = h(
    'div',
    { class: 'container-inside' },
    renderBlocks(/** @type {Block[]} */ (block.child_blocks), surface),
  );
  if (block.is_collapsible !== true)
    return h('div', { class: 'container' }, h('div', { class: 'container-head' }, head), inside);
  return h(
    'details',
    { class: 'container', open: block.default_collapsed !== true },
    h('summary', { class: 'container-head' }, head),
    inside,
  );
}

/**
 * @param {InputBlock} block
 * @param {Surface} surface
 * @param {string} id
 */
function input(block, surface, id) {
  const prefix = `${surface.key}/${id}`;
  const error = surface.errors[id];
  const ids = { label: `${prefix}/label`, hint: `${prefix}/hint`, error: `${prefix}/error` };
  const described = [
    error === undefined ? undefined : ids.error,
    block.hint === undefined ? undefined : ids.hint,
  ];
  const inside = control(block.element, {
    ...place(surface, id, block.dispatch_action === true),
    labelledBy: ids.label,
    describedBy: described.filter((one) => one !== undefined).join(' ') || undefined,
  });
  if (error !== undefined) inside.setAttribute('aria-invalid', 'true');
  if (block.optional !== true) inside.setAttribute('aria-required', 'true');
  return h(
    'div',
    { class: error === undefined ? 'input' : 'input input-wrong' },
    h(
      'div',
      { class: 'input-label', id: ids.label },
      words(block.label),
      block.optional === true ? h('span', { class: 'quiet' }, ' (optional)') : null,
    ),
    inside,
    error === undefined
      ? null
      : h('p', { class: 'input-error', id: ids.error, role: 'alert' }, icon('warn', 14), error),
    block.hint === undefined ? null : h('p', { class: 'input-hint', id: ids.hint }, words(block.hint)),
  );
}

/**
 * @param {Surface} surface
 * @param {string} blockId
 * @param {boolean} acts
 * @returns {Place}
 */
function place(surface, blockId, acts) {
  return { surface, blockId, acts };
}

/**
 * One interactive element (or an image beside a section).
 * @param {ActionsBlockElement | InputBlockElement | SectionBlockAccessory} element
 * @param {Place} where
 * @returns {HTMLElement}
 */
function control(element, where) {
  switch (element.type) {
    case 'button':
      return button(element, where.blockId, where.surface);
    case 'overflow':
      return overflow(element, where.blockId, where.surface);
    case 'plain_text_input':
    case 'email_text_input':
    case 'url_text_input':
    case 'number_input':
      return textInput(element, where);
    case 'datepicker':
    case 'timepicker':
    case 'datetimepicker':
      return dateInput(element, where);
    case 'radio_buttons':
    case 'checkboxes':
      return choices(element, where);
    case 'image':
      return picture(element.alt_text, 'accessory');
    case 'workflow_button':
    case 'rich_text_input':
    case 'file_input':
      return h('span', { class: 'unknown-block' }, `A “${element.type}”, which this page does not draw.`);
    default:
      return select(element, where);
  }
}

/**
 * Pictures come from other hosts, and this page loads nothing from elsewhere: a frame with the words instead.
 * @param {string} alt
 * @param {'small' | 'large' | 'accessory'} size
 */
function picture(alt, size) {
  return h(
    'span',
    { class: `picture picture-${size}`, role: 'img', 'aria-label': alt, title: alt },
    icon('image', size === 'small' ? 14 : 22),
    size === 'large' ? h('span', null, alt) : null,
  );
}
