// Block Kit in a real browser: every kind the bot may use is drawn, and menus work with the keyboard.
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { browserNote, closeBrowser, closePages, hasBrowser, messages, pageOf } from './page-rig.ts';
import { boltFor, call, posted, slackWith, tidy } from './rig.ts';

const TEST_LIMIT_MS = 60_000;

afterEach(async () => {
  await closePages();
  await tidy();
});
afterAll(closeBrowser);

const plain = (text: string) => ({ type: 'plain_text', text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn', text, verbatim: true });
const option = (text: string) => ({ text: plain(text), value: text });
const run = (text: string, style?: object) => ({
  type: 'text',
  text,
  ...(style === undefined ? {} : { style }),
});
const raw = (text: string) => ({ type: 'raw_text', text });
const rich = (...elements: object[]) => ({ type: 'rich_text', elements });
const sectionOf = (...elements: object[]) => ({ type: 'rich_text_section', elements });

/** A block, and what must be found in the page for it: a selector and its text. */
const DRAWN: readonly (readonly [kind: string, block: object, selector: string, text: string])[] = [
  ['a header', { type: 'header', text: plain('Upgrade :rocket:') }, 'h3', 'Upgrade 🚀'],
  ['bold mrkdwn', { type: 'section', text: mrkdwn('*two* of 3') }, '.section-text strong', 'two'],
  ['code beside emphasis', { type: 'section', text: mrkdwn('_why_ `a*b*c` ~no~') }, 'code', 'a*b*c'],
  ['a fence', { type: 'section', text: mrkdwn('```x &lt; y\n*z*```') }, 'pre', 'x < y\n*z*'],
  ['a quote', { type: 'section', text: mrkdwn('&gt; said\n&gt; so') }, 'blockquote', 'saidso'],
  ['a word with underscores', { type: 'section', text: mrkdwn('a_b_c') }, '.section-text', 'a_b_c'],
  ['a mention', { type: 'section', text: mrkdwn('<@U0SAM00002>') }, '.mention', '@Sam Okafor'],
  ['a channel', { type: 'section', text: mrkdwn('<#C0PLATF0RM>') }, '.mention', '#platform'],
  ['a broken date', { type: 'section', text: mrkdwn('<!date^x^{time}|noon>') }, 'time.date', 'noon'],
  [
    'fields',
    { type: 'section', fields: [mrkdwn('*From*\nv1'), mrkdwn('*To*\nv2')] },
    '.section-field:nth-child(2)',
    'Tov2',
  ],
  ['a context', { type: 'context', elements: [mrkdwn('small print')] }, '.context', 'small print'],
  ['markdown', { type: 'markdown', text: '## Notes\n- one\n- **two**' }, '.markdown li strong', 'two'],
  ['a table', { type: 'table', rows: [[raw('Node')], [raw('cp-1')]] }, 'tbody td', 'cp-1'],
  ['a styled run', rich(sectionOf(run('both', { bold: true, italic: true }))), 'strong em', 'both'],
  [
    'a list',
    rich({ type: 'rich_text_list', style: 'ordered', elements: [sectionOf(run('first'))] }),
    'ol li',
    'first',
  ],
  ['preformatted text', rich({ type: 'rich_text_preformatted', elements: [run('a  b')] }), 'pre', 'a  b'],
  [
    'a plan',
    {
      type: 'plan',
      title: 'Nodes',
      tasks: [{ type: 'task_card', task_id: '1', title: 'cp-1', status: 'complete' }],
    },
    '.plan-head',
    'Nodes1 of 1',
  ],
  [
    'a container',
    { type: 'container', title: plain('More'), child_blocks: [{ type: 'section', text: mrkdwn('inside') }] },
    '.container-inside',
    'inside',
  ],
  [
    'a picture',
    { type: 'image', image_url: 'https://example.com/x.png', alt_text: 'a graph' },
    '.picture',
    'a graph',
  ],
];

describe.skipIf(!hasBrowser)(`Block Kit in the page${browserNote}`, { timeout: TEST_LIMIT_MS }, () => {
  test('draws every kind of block, and loads nothing from elsewhere', async () => {
    const slack = await slackWith();
    const problems: string[] = [];
    const page = await pageOf(slack, problems);
    const foreign: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(slack.url)) foreign.push(request.url());
    });
    for (const [kind, block, selector, text] of DRAWN) {
      const ts = await posted(slack, slack.channels.platform, { blocks: JSON.stringify([block]) });
      const found = messages(page).locator(`[data-ts="${ts}"]`).locator(selector).first();
      await found.waitFor();
      expect(await found.textContent(), kind).toBe(text);
    }
    expect(problems).toEqual([]);
    expect(foreign).toEqual([]);
  });

  test('chooses from a menu and from an overflow with the keyboard, and the app hears the value', async () => {
    const slack = await slackWith();
    const heard: string[] = [];
    await boltFor(slack, (app) => {
      for (const id of ['pick', 'more']) {
        app.action(id, async ({ ack, action }) => {
          heard.push(`${id} ${(action as { selected_option?: { value: string } }).selected_option?.value}`);
          await ack();
        });
      }
    });
    const page = await pageOf(slack);
    const elements = [
      {
        type: 'static_select',
        action_id: 'pick',
        placeholder: plain('Pick a node'),
        options: ['cp-1', 'cp-2', 'w-1'].map(option),
      },
      { type: 'overflow', action_id: 'more', options: ['plan', 'journal'].map(option) },
    ];
    await posted(slack, slack.channels.platform, { blocks: JSON.stringify([{ type: 'actions', elements }]) });

    await messages(page).getByRole('button', { name: 'Pick a node' }).press('ArrowDown');
    await page.keyboard.type('cp');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await expect.poll(() => heard).toEqual(['pick cp-2']);
    await expect.poll(() => messages(page).locator('.select').textContent()).toBe('cp-2');

    await messages(page).getByRole('button', { name: 'More actions' }).press('Enter');
    await page.getByRole('menuitem', { name: 'plan' }).press('j');
    await page.keyboard.press('Enter');
    await expect.poll(() => heard).toEqual(['pick cp-2', 'more journal']);
  });

  test('keeps a menu open while its message is edited, and closes it when its button is gone', async () => {
    const slack = await slackWith();
    const heard: string[] = [];
    await boltFor(slack, (app) => {
      app.action('more', async ({ ack, action }) => {
        heard.push((action as { selected_option?: { value: string } }).selected_option?.value ?? '');
        await ack();
      });
    });
    const page = await pageOf(slack);
    const menu = { type: 'overflow', action_id: 'more', options: ['plan', 'journal'].map(option) };
    const tools = { type: 'actions', block_id: 'tools', elements: [menu] };
    const { platform: channel } = slack.channels;
    const ts = await posted(slack, channel, { text: 'one of two', blocks: JSON.stringify([tools]) });
    const edited = async (text: string, now: unknown[]) => {
      const said = { type: 'section', text: { type: 'mrkdwn', text } };
      await call(slack, 'chat.update', { channel, ts, text, blocks: JSON.stringify([said, ...now]) });
      await messages(page).getByText(text).waitFor();
    };

    await messages(page).getByRole('button', { name: 'More actions' }).press('Enter');
    await edited('two of two', [tools]);
    await page.getByRole('menuitem', { name: 'plan' }).press('j');
    await page.keyboard.press('Enter');
    await expect.poll(() => heard).toEqual(['journal']);

    await messages(page).getByRole('button', { name: 'More actions' }).press('Enter');
    await page.getByRole('menuitem', { name: 'plan' }).waitFor();
    await edited('over', []);
    await page.getByRole('menuitem', { name: 'plan' }).waitFor({ state: 'detached' });
  });

  test('puts a menu back when the person does not confirm the choice, and the app hears nothing', async () => {
    const slack = await slackWith();
    let heard = 0;
    await boltFor(slack, (app) => {
      app.action('pick', async ({ ack }) => {
        heard += 1;
        await ack();
      });
    });
    const page = await pageOf(slack);
    const confirm = {
      title: plain('Move it?'),
      text: plain('It moves.'),
      confirm: plain('Move'),
      deny: plain('No'),
    };
    const menu = {
      type: 'static_select',
      action_id: 'pick',
      options: ['cp-1', 'cp-2'].map(option),
      initial_option: option('cp-1'),
      confirm,
    };
    await posted(slack, slack.channels.platform, {
      blocks: JSON.stringify([{ type: 'actions', elements: [menu] }]),
    });
    await messages(page).getByRole('button', { name: 'cp-1' }).press('ArrowDown');
    await page.getByRole('option', { name: 'cp-2' }).click();
    await page.getByRole('dialog', { name: 'Move it?' }).getByRole('button', { name: 'No' }).click();
    await messages(page).getByRole('button', { name: 'cp-1' }).waitFor();
    expect(heard).toBe(0);
  });
});
