// Looking into Block Kit payloads: filling in ids as Slack does, finding buttons and elements.
import type { Block, Button, Confirm } from './contract.ts';
import { isRecord, type Json, plainOf, recordsOf, textOf } from './json.ts';

/** Elements somebody can press, choose in, or type into. */
const INTERACTIVE =
  /^(button|icon_button|feedback_buttons|workflow_button|overflow|checkboxes|radio_buttons|.*_select|datepicker|timepicker|datetimepicker|.*_input)$/;
/** Blocks inside of blocks, by key. */
const CHILD_KEYS = ['child_blocks', 'elements', 'tasks'];
const BLOCK_LIKE = /^(actions|context|divider|header|image|input|rich_text|section|card|task_card|table)$/;

export type FoundElement = { readonly block: string; readonly element: Json };

const fillElement = (element: unknown, nextId: () => string): unknown => {
  if (Array.isArray(element)) return element.map((item) => fillElement(item, nextId));
  if (!isRecord(element)) return element;
  const copy = Object.fromEntries(
    Object.entries(element).map(([key, value]) => [
      key,
      key === 'elements' || key === 'actions' ? fillElement(value, nextId) : value,
    ]),
  );
  if (!INTERACTIVE.test(textOf(copy, 'type')) || textOf(copy, 'action_id') !== '') return copy;
  return { ...copy, action_id: nextId() };
};

const fillBlock = (block: Json, nextId: () => string): Block => {
  const filled: Json = { ...block };
  for (const key of ['element', 'accessory', 'actions']) {
    if (key in block) filled[key] = fillElement(block[key], nextId);
  }
  for (const key of CHILD_KEYS) {
    const children = recordsOf(block[key]);
    if (children.length === 0 || textOf(block, 'type') === 'rich_text') continue;
    filled[key] = children.map((child) =>
      BLOCK_LIKE.test(textOf(child, 'type')) && key !== 'elements'
        ? fillBlock(child, nextId)
        : fillElement(child, nextId),
    );
  }
  return { ...filled, type: textOf(block, 'type'), block_id: textOf(block, 'block_id') || nextId() };
};

/** The same blocks with a `block_id` and `action_id` wherever the app gave none. */
export const withIds = (blocks: unknown, nextId: () => string): Block[] =>
  recordsOf(blocks).map((block) => fillBlock(block, nextId));

const walk = (value: unknown, block: string, found: FoundElement[]): void => {
  if (Array.isArray(value)) {
    for (const item of value) walk(item, block, found);
    return;
  }
  if (!isRecord(value)) return;
  const inside = textOf(value, 'block_id') || block;
  if (textOf(value, 'action_id') !== '' && INTERACTIVE.test(textOf(value, 'type'))) {
    found.push({ block: inside, element: value });
  }
  for (const child of Object.values(value)) walk(child, inside, found);
};

/** Every interactive element with the id of the block it is in, from top to bottom. */
export const elementsIn = (blocks: readonly Block[]): FoundElement[] => {
  const found: FoundElement[] = [];
  walk(blocks, '', found);
  return found;
};

const confirmOf = (confirm: unknown): Confirm | undefined => {
  if (!isRecord(confirm)) return undefined;
  const style = confirm['style'];
  return {
    title: plainOf(confirm['title']) || 'Are you sure?',
    text: plainOf(confirm['text']),
    confirm: plainOf(confirm['confirm']) || 'Yes',
    deny: plainOf(confirm['deny']) || 'No',
    ...(style === 'primary' || style === 'danger' ? { style } : {}),
  };
};

/** One element as a button; undefined when it is something else. */
export const buttonOf = ({ block, element }: FoundElement): Button | undefined => {
  if (textOf(element, 'type') !== 'button') return undefined;
  const style = element['style'];
  const confirm = confirmOf(element['confirm']);
  return {
    text: plainOf(element['text']),
    action_id: textOf(element, 'action_id'),
    block_id: block,
    ...(typeof element['value'] === 'string' ? { value: element['value'] } : {}),
    ...(typeof element['url'] === 'string' ? { url: element['url'] } : {}),
    ...(style === 'primary' || style === 'danger' ? { style } : {}),
    ...(confirm === undefined ? {} : { confirm }),
  };
};

export const buttonsIn = (blocks: readonly Block[]): Button[] =>
  elementsIn(blocks)
    .map(buttonOf)
    .filter((button) => button !== undefined);
