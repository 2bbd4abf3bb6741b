// Every limit of facts/slack.md 3.5, at the edge and one over it.
import { describe, expect, test } from 'vitest';
import { validateMessage, validateView } from '../../../playground/slack/validate.ts';

const x = (length: number): string => 'x'.repeat(length);
const many = <T>(count: number, make: (at: number) => T): T[] =>
  Array.from({ length: count }, (_, at) => make(at));
const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text });
const option = (text: string, value = text) => ({ text: plain(text), value });
const options = (count: number) => many(count, (at) => option(`o${at}`));
const button = (more: object = {}) => ({ type: 'button', text: plain('Go'), action_id: 'go', ...more });
const section = (more: object = {}) => ({ type: 'section', text: mrkdwn('hi'), ...more });
const actions = (...elements: unknown[]) => ({ type: 'actions', elements });
const input = (element: object, more: object = {}) => ({
  type: 'input',
  label: plain('Name'),
  element,
  ...more,
});
const textInput = (more: object = {}) => ({ type: 'plain_text_input', action_id: 'name', ...more });
const select = (more: object) => ({ type: 'static_select', action_id: 'pick', ...more });
const rawRow = (cells: number) => many(cells, () => ({ type: 'raw_text', text: 'c' }));
const image = (more: object = {}) => ({
  type: 'image',
  alt_text: 'a',
  image_url: 'https://x.example/i.png',
  ...more,
});
const task = (at: number) => ({ type: 'task_card', task_id: `t${at}`, title: 'Reboot', status: 'pending' });

const inMessage = (...blocks: unknown[]) => validateMessage({ text: 'hi', blocks });
const inModal = (...blocks: unknown[]) =>
  validateView({ type: 'modal', title: plain('T'), submit: plain('OK'), blocks });

type Edge = readonly [what: string, at: (size: number) => unknown[], limit: number];

const MESSAGE_EDGES: readonly Edge[] = [
  ['blocks', (n) => many(n, () => ({ type: 'divider' })), 50],
  ['section text', (n) => [section({ text: mrkdwn(x(n)) })], 3000],
  ['section fields', (n) => [section({ fields: many(n, () => mrkdwn('f')) })], 10],
  ['field text', (n) => [section({ fields: [mrkdwn(x(n))] })], 2000],
  ['header', (n) => [{ type: 'header', text: plain(x(n)) }], 150],
  ['context elements', (n) => [{ type: 'context', elements: many(n, () => mrkdwn('c')) }], 10],
  ['actions elements', (n) => [actions(...many(n, (at) => button({ action_id: `b${at}` })))], 25],
  ['button text', (n) => [actions(button({ text: plain(x(n)) }))], 75],
  ['button value', (n) => [actions(button({ value: x(n) }))], 2000],
  ['button url', (n) => [actions(button({ url: `https://${x(n - 8)}` }))], 3000],
  ['accessibility_label', (n) => [actions(button({ accessibility_label: x(n) }))], 75],
  ['action_id', (n) => [actions(button({ action_id: x(n) }))], 255],
  ['block_id', (n) => [section({ block_id: x(n) })], 255],
  ['option text', (n) => [actions(select({ options: [option(x(n), 'v')] }))], 75],
  ['option value', (n) => [actions(select({ options: [option('o', x(n))] }))], 150],
  [
    'option description',
    (n) => [actions(select({ options: [{ ...option('o'), description: plain(x(n)) }] }))],
    75,
  ],
  ['options', (n) => [actions(select({ options: options(n) }))], 100],
  [
    'option groups',
    (n) => [actions(select({ option_groups: many(n, () => ({ label: plain('g'), options: options(1) })) }))],
    100,
  ],
  ['options of an overflow menu', (n) => [actions({ type: 'overflow', options: options(n) })], 5],
  ['radio buttons', (n) => [actions({ type: 'radio_buttons', options: options(n) })], 10],
  ['checkboxes', (n) => [actions({ type: 'checkboxes', options: options(n) })], 10],
  ['confirm title', (n) => [actions(button({ confirm: { title: plain(x(n)), text: plain('t') } }))], 100],
  ['confirm text', (n) => [actions(button({ confirm: { text: plain(x(n)) } }))], 300],
  ['confirm button', (n) => [actions(button({ confirm: { text: plain('t'), confirm: plain(x(n)) } }))], 30],
  ['placeholder', (n) => [actions(select({ options: options(1), placeholder: plain(x(n)) }))], 150],
  ['image alt text', (n) => [image({ alt_text: x(n) })], 2000],
  [
    'markdown in all',
    (n) => [
      { type: 'markdown', text: x(n - 5000) },
      { type: 'markdown', text: x(5000) },
    ],
    12_000,
  ],
  ['table rows', (n) => [{ type: 'table', rows: many(n, () => rawRow(1)) }], 100],
  ['table columns', (n) => [{ type: 'table', rows: [rawRow(n)] }], 20],
  ['table text', (n) => [{ type: 'table', rows: [[{ type: 'raw_text', text: x(n) }]] }], 10_000],
  ['tables', (n) => many(n, () => ({ type: 'table', rows: [rawRow(1)] })), 1],
  ['data table rows', (n) => [{ type: 'data_table', caption: 'c', rows: many(n, () => rawRow(1)) }], 101],
  [
    'data table page',
    (n) => [{ type: 'data_table', caption: 'c', page_size: n, rows: many(2, () => rawRow(1)) }],
    100,
  ],
  ['container title', (n) => [{ type: 'container', title: plain(x(n)), child_blocks: [section()] }], 150],
  [
    'container blocks',
    (n) => [{ type: 'container', title: plain('t'), child_blocks: many(n, () => section()) }],
    10,
  ],
  ['card body', (n) => [{ type: 'card', body: mrkdwn(x(n)) }], 200],
  ['card buttons', (n) => [{ type: 'card', actions: many(n, (at) => button({ action_id: `b${at}` })) }], 3],
  [
    'carousel',
    (n) => [{ type: 'carousel', elements: many(n, () => ({ type: 'card', body: mrkdwn('b') })) }],
    10,
  ],
  ['tasks of a plan', (n) => [{ type: 'plan', title: 'p', tasks: many(n, task) }], 50],
  [
    'text of all blocks',
    (n) => [...many(4, () => section({ text: mrkdwn(x((n - 4) / 4)) })), section({ text: mrkdwn(x(4)) })],
    12_000,
  ],
];

const VIEW_EDGES: readonly Edge[] = [
  ['blocks', (n) => many(n, () => ({ type: 'divider' })), 100],
  ['input label', (n) => [input(textInput(), { label: plain(x(n)) })], 2000],
  ['input hint', (n) => [input(textInput(), { hint: plain(x(n)) })], 2000],
  ['initial text', (n) => [input(textInput({ initial_value: x(n) }))], 3000],
  ['alert', (n) => [{ type: 'alert', text: plain(x(n)) }], 200],
];

describe('messages', () => {
  test.each(MESSAGE_EDGES)('%s: at the limit it passes, over it not', (_, at, limit) => {
    expect(inMessage(...at(limit))).toEqual([]);
    // The sum is made of four equal parts, so its next size is four larger.
    const over = limit === 12_000 && at(limit).length > 2 ? limit + 4 : limit + 1;
    expect(inMessage(...at(over))).not.toEqual([]);
  });

  const REFUSED: readonly (readonly [string, unknown])[] = [
    ['an invented block', { type: 'sparkles' }],
    ['an invented field', section({ colour: 'red' })],
    ['a section of nothing', { type: 'section' }],
    ['an empty text', section({ text: mrkdwn('') })],
    ['a header in mrkdwn', { type: 'header', text: mrkdwn('hi') }],
    ['a button in mrkdwn', actions(button({ text: mrkdwn('Go') }))],
    ['a button style of its own', actions(button({ style: 'warning' }))],
    ['no elements', actions()],
    ['a multi-select among actions', actions({ type: 'multi_users_select', action_id: 'u' })],
    ['a button in a context', { type: 'context', elements: [button()] }],
    ['a button in an input', input(button())],
    ['an alert', { type: 'alert', text: plain('a') }],
    ['a select without options', actions(select({}))],
    ['options and groups', actions(select({ options: options(1), option_groups: [] }))],
    ['the same action_id twice in a block', actions(button(), button())],
    ['an image without a source', image({ image_url: undefined })],
    ['a data table of one row', { type: 'data_table', caption: 'c', rows: [rawRow(1)] }],
    ['a data table without a caption', { type: 'data_table', rows: many(2, () => rawRow(1)) }],
    ['a task of an unknown status', { ...task(0), status: 'paused' }],
    ['an unknown rich text element', { type: 'rich_text', elements: [{ type: 'blink', elements: [] }] }],
    [
      'rich text in preformatted',
      {
        type: 'rich_text',
        elements: [{ type: 'rich_text_preformatted', elements: [{ type: 'user', user_id: 'U1' }] }],
      },
    ],
  ];
  test.each(REFUSED)('%s is refused', (_, block) => {
    expect(inMessage(block)).not.toEqual([]);
  });

  const TAKEN: readonly (readonly [string, unknown])[] = [
    ['an input', input(textInput())],
    [
      'a multi-select beside a section',
      section({ accessory: { type: 'multi_users_select', action_id: 'u' } }),
    ],
    ['the same action_id in two blocks', actions(button())],
    [
      'checkboxes with mrkdwn',
      actions({ type: 'checkboxes', options: [{ text: mrkdwn('*a*'), value: 'a' }] }),
    ],
    ['a task', task(0)],
    [
      'rich text',
      {
        type: 'rich_text',
        elements: [
          { type: 'rich_text_section', elements: [{ type: 'text', text: 'hi', style: { bold: true } }] },
          {
            type: 'rich_text_list',
            style: 'bullet',
            elements: [{ type: 'rich_text_section', elements: [] }],
          },
        ],
      },
    ],
  ];
  test.each(TAKEN)('%s is taken', (_, block) => {
    expect(inMessage(section(), actions(button()), block)).toEqual([]);
  });

  test('the same block_id twice is refused', () => {
    expect(inMessage(section({ block_id: 'a' }), section({ block_id: 'a' }))).toEqual([
      { pointer: '/blocks', message: 'block_id "a" is there twice', code: 'duplicate_id' },
    ]);
  });

  test('neither text nor blocks is no message', () => {
    expect(validateMessage({}).map((problem) => problem.code)).toEqual(['no_text']);
    expect(validateMessage({ text: '', blocks: [] }).map((problem) => problem.code)).toEqual(['no_text']);
  });

  test('text is refused above 4,000 characters', () => {
    expect(validateMessage({ text: x(4000) })).toEqual([]);
    expect(validateMessage({ text: x(4001) }).map((problem) => problem.code)).toEqual(['msg_too_long']);
  });

  test('a problem points to its place', () => {
    expect(inMessage(section(), actions(button({ text: plain(x(76)) })))[0]?.pointer).toBe(
      '/blocks/1/elements/0/text/text',
    );
  });

  test('metadata needs a type and a payload', () => {
    expect(validateMessage({ text: 'a', metadata: { event_type: 't', event_payload: {} } })).toEqual([]);
    expect(validateMessage({ text: 'a', metadata: { event_type: 't' } })).not.toEqual([]);
  });
});

describe('views', () => {
  test.each(VIEW_EDGES)('%s: at the limit it passes, over it not', (_, at, limit) => {
    expect(inModal(...at(limit))).toEqual([]);
    expect(inModal(...at(limit + 1))).not.toEqual([]);
  });

  const FIELDS: readonly (readonly [string, (n: number) => object, number])[] = [
    ['title', (n) => ({ title: plain(x(n)) }), 24],
    ['submit', (n) => ({ submit: plain(x(n)) }), 24],
    ['close', (n) => ({ close: plain(x(n)) }), 24],
    ['private_metadata', (n) => ({ private_metadata: x(n) }), 3000],
    ['callback_id', (n) => ({ callback_id: x(n) }), 255],
    ['external_id', (n) => ({ external_id: x(n) }), 255],
  ];
  test.each(FIELDS)('%s of a modal: at the limit it passes, over it not', (_, field, limit) => {
    const modal = (n: number) => ({ type: 'modal', title: plain('T'), blocks: [section()], ...field(n) });
    expect(validateView(modal(limit))).toEqual([]);
    expect(validateView(modal(limit + 1))).not.toEqual([]);
  });

  test('a modal above 250 KB is too large', () => {
    const blocks = many(100, () => section({ text: mrkdwn(x(2900)) }));
    expect(inModal(...blocks).map((problem) => problem.code)).toContain('view_too_large');
  });

  test('a modal with inputs needs a submit button', () => {
    const problems = validateView({ type: 'modal', title: plain('T'), blocks: [input(textInput())] });
    expect(problems.map((problem) => problem.pointer)).toEqual(['/submit']);
  });

  test('a Home tab has no title and no alert', () => {
    expect(validateView({ type: 'home', blocks: [section()] })).toEqual([]);
    expect(validateView({ type: 'home', title: plain('T'), blocks: [] })).not.toEqual([]);
    expect(validateView({ type: 'home', blocks: [{ type: 'alert', text: plain('a') }] })).not.toEqual([]);
  });

  test('a modal does not take the blocks of agents', () => {
    expect(inModal({ type: 'markdown', text: 'a' })).not.toEqual([]);
    expect(inModal({ type: 'plan', title: 'p' })).not.toEqual([]);
  });
});
