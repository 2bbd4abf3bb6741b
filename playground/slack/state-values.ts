// What people typed and chose, in Slack's shape: block_id → action_id → {type, value | selected_…} (facts/slack.md 2.5).
import { elementsIn } from './blocks.ts';
import type { Block, InputValue, InputValues, SuggestedOption } from './contract.ts';
import { isRecord, type Json, recordsOf, textOf } from './json.ts';

type ElementState = Record<string, unknown>;
export type Values = Record<string, Record<string, ElementState>>;

/** How the state of an element is called, by its type: a single thing, several, or a plain value. */
type Shape =
  | { readonly kind: 'value'; readonly key: string; readonly initial: string }
  | { readonly kind: 'option'; readonly key: 'selected_option'; readonly initial: 'initial_option' }
  | { readonly kind: 'options'; readonly key: 'selected_options'; readonly initial: 'initial_options' }
  | { readonly kind: 'ids'; readonly key: string; readonly initial: string }
  | { readonly kind: 'moment'; readonly key: string; readonly initial: string };

const OPTION: Shape = { kind: 'option', key: 'selected_option', initial: 'initial_option' };
const OPTIONS: Shape = { kind: 'options', key: 'selected_options', initial: 'initial_options' };
const VALUE: Shape = { kind: 'value', key: 'value', initial: 'initial_value' };

const SHAPES: Readonly<Record<string, Shape>> = {
  plain_text_input: VALUE,
  number_input: VALUE,
  email_text_input: VALUE,
  url_text_input: VALUE,
  static_select: OPTION,
  external_select: OPTION,
  radio_buttons: OPTION,
  overflow: OPTION,
  checkboxes: OPTIONS,
  multi_static_select: OPTIONS,
  multi_external_select: OPTIONS,
  users_select: { kind: 'value', key: 'selected_user', initial: 'initial_user' },
  conversations_select: { kind: 'value', key: 'selected_conversation', initial: 'initial_conversation' },
  channels_select: { kind: 'value', key: 'selected_channel', initial: 'initial_channel' },
  multi_users_select: { kind: 'ids', key: 'selected_users', initial: 'initial_users' },
  multi_conversations_select: {
    kind: 'ids',
    key: 'selected_conversations',
    initial: 'initial_conversations',
  },
  multi_channels_select: { kind: 'ids', key: 'selected_channels', initial: 'initial_channels' },
  datepicker: { kind: 'value', key: 'selected_date', initial: 'initial_date' },
  timepicker: { kind: 'value', key: 'selected_time', initial: 'initial_time' },
  datetimepicker: { kind: 'moment', key: 'selected_date_time', initial: 'initial_date_time' },
};

/** Elements that hold something; buttons and overflow menus do not. */
const holds = (type: string): boolean => type !== 'overflow' && type in SHAPES;

/** The options an element offers, its groups unfolded. */
const optionsOf = (element: Json): Json[] => [
  ...recordsOf(element['options']),
  ...recordsOf(element['option_groups']).flatMap((group) => recordsOf(group['options'])),
];

const initialOf = (element: Json): ElementState => {
  const type = textOf(element, 'type');
  const shape = SHAPES[type];
  if (shape === undefined) return { type };
  const empty = shape.kind === 'options' || shape.kind === 'ids' ? [] : null;
  return { type, [shape.key]: element[shape.initial] ?? empty };
};

/** What a view or message holds before anybody touched it. */
export const initialValues = (blocks: readonly Block[]): Values => {
  const values: Values = {};
  for (const { block, element } of elementsIn(blocks)) {
    if (!holds(textOf(element, 'type'))) continue;
    const inBlock = values[block] ?? {};
    inBlock[textOf(element, 'action_id')] = initialOf(element);
    values[block] = inBlock;
  }
  return values;
};

const list = (value: InputValue): readonly string[] => {
  if (value === null) return [];
  return typeof value === 'string' ? [value] : value;
};

/** One element's state after somebody put `value` there; a string says what is wrong with it. */
export const elementState = (
  element: Json,
  value: InputValue,
  offered: readonly SuggestedOption[],
): ElementState | string => {
  const type = textOf(element, 'type');
  const shape = SHAPES[type];
  if (shape === undefined) return `a ${type} holds nothing`;
  const given = list(value);
  const first = given[0] ?? null;
  if (shape.kind === 'value') return { type, [shape.key]: first === '' ? null : first };
  if (shape.kind === 'moment') return { type, [shape.key]: first === null ? null : Number(first) };
  if (shape.kind === 'ids') return { type, [shape.key]: given };
  const options = [...optionsOf(element), ...offered];
  const chosen = given.map((wanted) => options.find((option) => option['value'] === wanted));
  const stranger = given.find((_, at) => chosen[at] === undefined);
  if (stranger !== undefined) return `there is no option "${stranger}"`;
  return { type, [shape.key]: shape.kind === 'options' ? chosen : (chosen[0] ?? null) };
};

/** Puts what somebody filled in over what was there. Unknown ids and options are told. */
export const mergeInputs = (
  blocks: readonly Block[],
  before: Values,
  inputs: InputValues,
  offered: (actionId: string) => readonly SuggestedOption[],
): { readonly values: Values; readonly mistakes: readonly string[] } => {
  const values: Values = structuredClone(before);
  const mistakes: string[] = [];
  const found = elementsIn(blocks);
  for (const [block, actions] of Object.entries(inputs)) {
    for (const [action, value] of Object.entries(actions)) {
      const at = found.find((one) => one.block === block && textOf(one.element, 'action_id') === action);
      const state =
        at === undefined ? 'there is no such input' : elementState(at.element, value, offered(action));
      if (typeof state === 'string') mistakes.push(`${block}.${action}: ${state}`);
      else values[block] = { ...values[block], [action]: state };
    }
  }
  return { values, mistakes };
};

const emptyState = (state: ElementState | undefined): boolean =>
  Object.entries(state ?? {}).every(
    ([key, value]) =>
      key === 'type' || value === null || value === '' || (Array.isArray(value) && value.length === 0),
  );

const wrongText = (element: Json, state: ElementState | undefined): string | undefined => {
  const text = state?.['value'];
  if (typeof text !== 'string') return undefined;
  const min = Number(element['min_length'] ?? 0);
  const max = Number(element['max_length'] ?? 3000);
  if (text.length < min) return `Please enter at least ${min} characters`;
  if (text.length > max) return `Please enter no more than ${max} characters`;
  if (textOf(element, 'type') === 'email_text_input' && !/^\S+@\S+\.\S+$/.test(text))
    return 'Please enter a valid email address';
  if (textOf(element, 'type') === 'url_text_input' && !URL.canParse(text)) return 'Please enter a valid URL';
  if (textOf(element, 'type') === 'number_input') return wrongNumber(element, text);
  return undefined;
};

const wrongNumber = (element: Json, text: string): string | undefined => {
  const value = Number(text);
  if (text.trim() === '' || Number.isNaN(value)) return 'Please enter a number';
  if (element['is_decimal_allowed'] !== true && !Number.isInteger(value))
    return 'Please enter a whole number';
  const min = Number(element['min_value'] ?? Number.NEGATIVE_INFINITY);
  const max = Number(element['max_value'] ?? Number.POSITIVE_INFINITY);
  if (value < min) return `Please enter ${min} or more`;
  if (value > max) return `Please enter ${max} or less`;
  return undefined;
};

/** What Slack's own client refuses before the app hears of it: block_id → sentence. */
export const unfilled = (blocks: readonly Block[], values: Values): Record<string, string> => {
  const errors: Record<string, string> = {};
  for (const block of blocks) {
    const element = block['element'];
    if (block.type !== 'input' || !isRecord(element)) continue;
    const state = values[block.block_id]?.[textOf(element, 'action_id')];
    const wrong = wrongText(element, state);
    if (emptyState(state)) {
      if (block['optional'] !== true) errors[block.block_id] = 'Please complete this required field';
    } else if (wrong !== undefined) errors[block.block_id] = wrong;
  }
  return errors;
};
