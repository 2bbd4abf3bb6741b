// Modals, the Home tab and the cluster's dock in a real browser.
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { ClusterProvider } from '../../../playground/slack/contract.ts';
import type { RunningSlack } from '../../../playground/slack/slack.ts';
import { browserNote, closeBrowser, closePages, hasBrowser, messages, pageOf } from './page-rig.ts';
import { aManifest, boltFor, slackWith, tidy } from './rig.ts';

const TEST_LIMIT_MS = 60_000;

afterEach(async () => {
  await closePages();
  await tidy();
});
afterAll(closeBrowser);

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const option = (text: string) => ({ text: plain(text), value: text });

const ask = {
  type: 'modal' as const,
  callback_id: 'ask',
  title: plain('Upgrade'),
  submit: plain('Ask'),
  close: plain('Cancel'),
  blocks: [
    {
      type: 'input' as const,
      block_id: 'version',
      label: plain('Version'),
      element: { type: 'plain_text_input' as const, action_id: 'text' },
    },
    {
      type: 'input' as const,
      block_id: 'cluster',
      label: plain('Cluster'),
      element: { type: 'external_select' as const, action_id: 'search', min_query_length: 2 },
    },
    {
      type: 'input' as const,
      block_id: 'order',
      label: plain('Order'),
      element: {
        type: 'radio_buttons' as const,
        action_id: 'choice',
        initial_option: option('workers first'),
        options: [option('workers first'), option('canary')],
      },
    },
  ],
};

/** An app whose command opens the modal, and that wants versions to start with a v. */
const anAskingApp = (slack: RunningSlack) =>
  boltFor(slack, (app) => {
    app.command('/talos', async ({ ack, client, command }) => {
      await client.views.open({ trigger_id: command.trigger_id, view: ask });
      await ack();
    });
    app.options('search', async ({ ack, payload }) => {
      await ack({
        options: ['playground', 'production'].filter((name) => name.includes(payload.value)).map(option),
      });
    });
    app.view('ask', async ({ ack, view, client }) => {
      const { version, cluster, order } = view.state.values;
      const wanted = version?.['text']?.value ?? '';
      if (!wanted.startsWith('v')) {
        await ack({ response_action: 'errors', errors: { version: 'A version starts with v.' } });
        return;
      }
      await ack();
      const text = `${wanted}, ${cluster?.['search']?.selected_option?.value}, ${order?.['choice']?.selected_option?.value}`;
      await client.chat.postMessage({ channel: slack.channels.platform, text });
    });
    app.event('app_home_opened', async ({ event, client }) => {
      const blocks = [{ type: 'header' as const, text: plain(`Clusters of ${event.user}`) }];
      await client.views.publish({ user_id: event.user, view: { type: 'home', blocks } });
    });
  });

/** The page with the modal that the command opened. */
async function asked() {
  const slack = await slackWith();
  await anAskingApp(slack);
  const page = await pageOf(slack);
  await page.keyboard.type('/talos ask');
  await page.keyboard.press('Enter');
  const modal = page.getByRole('dialog', { name: 'Upgrade' });
  await modal.waitFor();
  return { slack, page, modal };
}

describe.skipIf(!hasBrowser)(`modals in the page${browserNote}`, { timeout: TEST_LIMIT_MS }, () => {
  test('are filled in, corrected and submitted with the keyboard alone', async () => {
    const { page, modal } = await asked();
    await page.keyboard.type('1.13.5');
    await page.keyboard.press('Enter');
    await modal.getByText('Please complete this required field').waitFor();

    await expect.poll(() => page.evaluate('document.activeElement.dataset.action')).toBe('search');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.type('prod');
    await modal.getByRole('option', { name: 'production' }).waitFor();
    await page.keyboard.press('Enter');
    await modal.getByRole('button', { name: 'production' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowDown'); // the other radio button
    await page.keyboard.press('Enter');
    await modal.getByText('A version starts with v.').waitFor();

    await page.keyboard.press('Home');
    await page.keyboard.type('v');
    await page.keyboard.press('Enter');
    await messages(page).getByText('v1.13.5, production, canary').waitFor();
    await modal.waitFor({ state: 'detached' });
  });

  test('keep what was filled in through a reload, and close with Escape', async () => {
    const { slack, page, modal } = await asked();
    await page.keyboard.type('v1.13');
    await page.reload();
    await modal.waitFor();
    expect(await modal.getByRole('textbox', { name: 'Version' }).inputValue()).toBe('v1.13');
    await page.keyboard.press('Escape');
    await modal.waitFor({ state: 'detached' });
    expect(slack.state(slack.users.requester).views).toEqual([]);
  });

  test('the Home tab shows what the app published for this person', async () => {
    const slack = await slackWith();
    await anAskingApp(slack);
    const page = await pageOf(slack);
    await page.getByRole('button', { name: 'talos' }).click();
    await page.getByRole('tab', { name: 'Home', selected: true }).waitFor();
    await page.getByText(`Clusters of ${slack.users.requester}`).waitFor();
    await page.keyboard.press('Alt+2');
    await page.getByText(`Clusters of ${slack.users.approver}`).waitFor();
  });
});

const aNode = (name: string, role: 'control-plane' | 'worker') => ({
  name,
  role,
  version: 'v1.13.4',
  slots: [],
  listening: true,
  stage: 'running',
  ready: true,
  unmet: [],
  armed: false,
  cordoned: false,
  pods: 5,
  back: true,
  phase: 'idle',
  progress: null,
  counters: { installs: 0, reboots: 0, rollbacks: 0 },
});

/** A cluster of two nodes whose faults are only written down, and shown as active. */
const aCluster = () => {
  const injected: { id: number; name: string; params: Readonly<Record<string, unknown>>; atMs: number }[] =
    [];
  const heard = new Set<() => void>();
  const member = { id: '1', name: 'cp-1', up: true, caughtUp: true, learner: false, alarm: null };
  const provider: ClusterProvider = {
    snapshot: () => ({
      clusterName: 'playground',
      nodes: [
        aNode('cp-1', 'control-plane'),
        { ...aNode('worker-1', 'worker'), cordoned: injected.length > 0 },
      ],
      etcd: { leader: 'cp-1', term: 2, quorum: true, members: [member] },
      faults: injected.filter((fault) => fault.name !== 'heal'),
    }),
    faults: () => [
      {
        name: 'node-down',
        sentence: 'A node loses its power.',
        params: [{ name: 'node', sentence: 'which', kind: 'node' }],
      },
    ],
    inject: async (name, params) => {
      injected.push({ id: injected.length + 1, name, params, atMs: 0 });
      for (const callback of heard) callback();
    },
    onChange: (callback) => {
      heard.add(callback);
      return () => heard.delete(callback);
    },
  };
  return { provider, injected };
};

describe.skipIf(!hasBrowser)(`the dock${browserNote}`, { timeout: TEST_LIMIT_MS }, () => {
  test('shows the nodes, the leader and the quorum, and folds with a key', async () => {
    const slack = await slackWith(aManifest(), { cluster: aCluster().provider });
    const page = await pageOf(slack);
    const dock = page.getByRole('region', { name: 'Simulated cluster' });
    await dock.getByText('1 of 1 vote, 1 needed, can lose none').waitFor();
    expect(await dock.locator('[data-node="cp-1"]').getByRole('img', { name: 'etcd leader' }).count()).toBe(
      1,
    );
    expect(await dock.locator('[data-node="worker-1"]').textContent()).toContain('v1.13.4');
    await page.keyboard.press('Escape');
    await page.keyboard.press('n');
    await dock.locator('[data-node="cp-1"]').waitFor({ state: 'hidden' });
  });

  test('injects a fault into the chosen node, shows its effect, and heals it', async () => {
    const { provider, injected } = aCluster();
    const slack = await slackWith(aManifest(), { cluster: provider });
    const page = await pageOf(slack);
    await page.getByRole('button', { name: 'Break something' }).click();
    const sheet = page.getByRole('dialog', { name: 'Break something' });
    await sheet.getByRole('combobox').selectOption('worker-1');
    await sheet.getByRole('button', { name: 'Inject' }).click();
    await page.locator('[data-node="worker-1"]').getByText('cordoned').waitFor();
    await sheet.getByRole('button', { name: 'Heal node-down worker-1' }).click();
    await expect
      .poll(() => injected.map(({ name, params }) => ({ name, params })))
      .toEqual([
        { name: 'node-down', params: { node: 'worker-1' } },
        { name: 'heal', params: { fault: 'node-down', node: 'worker-1' } },
      ]);
  });
});
