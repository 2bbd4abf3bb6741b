// The page of the local Slack in a real browser, with the real Bolt behind it: commands, buttons, threads, people.
import { setTimeout } from 'node:timers/promises';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { RunningSlack } from '../../../playground/slack/slack.ts';
import { browserNote, closeBrowser, closePages, hasBrowser, messages, pageOf } from './page-rig.ts';
import { aManifest, type BoltApp, boltFor, call, posted, slackWith, tidy } from './rig.ts';

const TEST_LIMIT_MS = 60_000;
/** In which the page hears that something changed. */
const NEWS_TRAVELS_MS = 300;

afterEach(async () => {
  await closePages();
  await tidy();
});
afterAll(closeBrowser);

const plain = (text: string) => ({ type: 'plain_text' as const, text });
const mrkdwn = (text: string) => ({ type: 'mrkdwn' as const, text, verbatim: true });
const confirm = {
  title: plain('Reboot cp-1?'),
  text: mrkdwn('*It leaves* etcd.'),
  confirm: plain('Reboot'),
  deny: plain('Not yet'),
};
const approve = {
  type: 'button',
  action_id: 'approve',
  style: 'primary',
  text: plain('Approve'),
  value: 'gate-1',
  confirm,
};
const card = JSON.stringify([
  { type: 'section', text: mrkdwn('May `cp-1` leave?') },
  { type: 'actions', elements: [approve] },
]);

/** A Slack whose manifest names sub-commands, as the bot's own does. */
const aSlack = (): Promise<RunningSlack> =>
  slackWith(
    aManifest((manifest) => {
      const command = manifest.features.slash_commands[0];
      if (command !== undefined) command.usage_hint = 'help | status | upgrade [version]';
    }),
  );

/** An app that answers commands privately and, when somebody approves, edits the message. */
const anApprovingApp = (
  slack: RunningSlack,
  clicks: string[],
  more: (app: BoltApp) => void = () => undefined,
) =>
  boltFor(slack, (app) => {
    app.command('/talos', async ({ ack, command }) => ack(`heard ${command.text}`));
    app.action('approve', async ({ ack, body, client }) => {
      clicks.push(body.user.id);
      await ack();
      const { message, channel } = body as unknown as { message: { ts: string }; channel: { id: string } };
      await client.chat.update({
        channel: channel.id,
        ts: message.ts,
        text: 'decided',
        blocks: [{ type: 'section', text: mrkdwn(`Approved by <@${body.user.id}>`) }],
      });
    });
    more(app);
  });

describe.skipIf(!hasBrowser)(`the page${browserNote}`, { timeout: TEST_LIMIT_MS }, () => {
  test('completes a command while one types, sends it with Enter and shows the private answer', async () => {
    const slack = await aSlack();
    await anApprovingApp(slack, []);
    const problems: string[] = [];
    const page = await pageOf(slack, problems);
    await page.keyboard.type('/ta');
    await page.getByRole('option', { name: '/talos' }).waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.type('upg');
    await page.keyboard.press('Enter');
    expect(await page.locator('#composer-field').inputValue()).toBe('/talos upgrade ');
    await page.keyboard.type('v1.13.5');
    await page.keyboard.press('Enter');
    const answer = messages(page).locator('li', { hasText: 'heard upgrade v1.13.5' });
    await answer.waitFor();
    expect(await answer.textContent()).toContain('Only visible to you');
    expect(problems).toEqual([]);
  });

  test('sends nothing before the person agreed in the confirm dialog, and then shows the edited message', async () => {
    const slack = await aSlack();
    const clicks: string[] = [];
    await anApprovingApp(slack, clicks);
    const page = await pageOf(slack);
    await posted(slack, slack.channels.platform, { blocks: card });
    const dialog = page.getByRole('dialog', { name: 'Reboot cp-1?' });

    await page.getByRole('button', { name: 'Approve' }).click();
    await dialog.getByRole('button', { name: 'Not yet' }).click();
    await dialog.waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Approve' }).press('Enter');
    await dialog.waitFor();
    await page.keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
    expect(clicks).toEqual([]);

    await page.getByRole('button', { name: 'Approve' }).press('Enter');
    await dialog.getByRole('button', { name: 'Reboot' }).press('Enter');
    await messages(page).getByText('Approved by @Riya Raman').waitFor();
    expect(clicks).toEqual([slack.users.requester]);
    expect(await page.getByRole('button', { name: 'Approve' }).count()).toBe(0);
  });

  test('says beside the button that the app did not acknowledge', async () => {
    const slack = await slackWith(aManifest(), { settings: { ackLimitMs: 100 } });
    await boltFor(slack, (app) => app.action('approve', async () => undefined));
    const page = await pageOf(slack);
    await posted(slack, slack.channels.platform, {
      blocks: JSON.stringify([{ type: 'actions', elements: [{ ...approve, confirm: undefined }] }]),
    });
    await page.getByRole('button', { name: 'Approve' }).click();
    await messages(page).getByRole('alert').waitFor();
    expect(await messages(page).getByRole('alert').textContent()).toMatch(/did not acknowledge/);
  });

  test('becomes somebody else with Alt and a digit, who sees their own channels and messages', async () => {
    const slack = await aSlack();
    const clicks: string[] = [];
    await anApprovingApp(slack, clicks);
    const page = await pageOf(slack);
    await page.keyboard.type('/talos status');
    await page.keyboard.press('Enter');
    await messages(page).getByText('heard status').waitFor();
    await posted(slack, slack.channels.platform, { blocks: card });

    await page.keyboard.press('Alt+2');
    await page.getByRole('radio', { name: 'Sam Okafor', checked: true }).waitFor();
    await page.getByRole('button', { name: 'leads' }).waitFor();
    await messages(page).getByText('heard status').waitFor({ state: 'detached' });
    await page.getByRole('button', { name: 'Approve' }).click();
    await page.getByRole('button', { name: 'Reboot' }).click();
    await messages(page).getByText('Approved by @Sam Okafor').waitFor();
    expect(clicks).toEqual([slack.users.approver]);
  });

  test('opens the thread of the chosen message with T, replies there, and Escape leads back', async () => {
    const slack = await aSlack();
    const ts = await posted(slack, slack.channels.platform, { text: 'the upgrade' });
    const page = await pageOf(slack);
    await messages(page).getByText('the upgrade').waitFor();
    await page.keyboard.press('Escape');
    await page.keyboard.press('k');
    await page.keyboard.press('t');
    const thread = page.getByRole('complementary', { name: 'Thread' });
    await thread.getByText('the upgrade').waitFor();
    await page.keyboard.type('looks good to @sam');
    // The names are offered once they are known; before that, Escape would close the thread.
    await thread.getByRole('option', { name: 'Sam Okafor' }).waitFor();
    await page.keyboard.press('Escape'); // the offered names
    await page.keyboard.press('Enter');
    await thread.getByText('looks good to @Sam Okafor').waitFor();
    await messages(page).getByRole('button', { name: '1 reply' }).waitFor();
    await page.keyboard.press('Escape');
    await thread.waitFor({ state: 'hidden' });
    expect(await page.locator('li.message:focus').getAttribute('data-ts')).toBe(ts);
  });

  test('never turns words into markup, scripts or dangerous links', async () => {
    const slack = await aSlack();
    const page = await pageOf(slack);
    const hostile =
      '<img src=x onerror=alert(1)> *<javascript:alert(1)|click>* `<b>` <https://example.com|fine>';
    await posted(slack, slack.channels.platform, { text: hostile });
    slack.message(slack.users.bystander, slack.channels.platform, '<script>alert(1)</script> & <!channel>');
    await messages(page).getByText('<script>alert(1)</script> & <!channel>').waitFor();
    await messages(page).getByText('click').waitFor();
    expect(await messages(page).locator('img, script, b').count()).toBe(0);
    const links = await messages(page)
      .locator('a')
      .evaluateAll((all) => all.map((one) => one.getAttribute('href')));
    expect(links).toEqual(['https://example.com']);
  });

  test('keeps a draft through a reload, for the person and the place it was written in', async () => {
    const slack = await aSlack();
    const page = await pageOf(slack);
    await page.keyboard.type('half a thought');
    await page.reload();
    const field = page.locator('#composer-field');
    await expect.poll(() => field.inputValue()).toBe('half a thought');
    await page.keyboard.press('Alt+2');
    await expect.poll(() => field.inputValue()).toBe('');
    await page.keyboard.press('Alt+1');
    await expect.poll(() => field.inputValue()).toBe('half a thought');
  });

  test('takes every letter from its first drawing on, whatever else it still reads', async () => {
    const slack = await aSlack();
    let drawn = false;
    const page = await pageOf(slack, [], (fresh) =>
      fresh.route('**/state?*', async (route) => {
        if (drawn) return; // never answered: what is drawn must not wait for it
        drawn = route.request().url().includes('channel=');
        const response = await route.fetch();
        if (drawn) slack.message(slack.users.approver, slack.channels.platform, 'while the page begins');
        if (drawn) await setTimeout(NEWS_TRAVELS_MS);
        await route.fulfill({ response });
      }),
    );
    await page.keyboard.type('n, b and t are letters here');
    expect(await page.locator('#composer-field').inputValue()).toBe('n, b and t are letters here');
  });

  test('stays where one reads when something new comes, and goes there when asked', async () => {
    const slack = await aSlack();
    for (let n = 1; n <= 60; n += 1)
      slack.message(slack.users.approver, slack.channels.platform, `line ${n}`);
    const page = await pageOf(slack);
    await messages(page).getByText('line 60', { exact: true }).waitFor();
    const top = page.locator('#messages-scroll');
    await top.evaluate((element) => element.scrollTo(0, 0));
    await call(slack, 'chat.postMessage', { channel: slack.channels.platform, text: 'the newest' });
    await page.getByRole('button', { name: 'New messages' }).waitFor();
    expect(await top.evaluate((element) => element.scrollTop)).toBe(0);
    await page.getByRole('button', { name: 'New messages' }).click();
    await expect.poll(() => messages(page).getByText('the newest').isVisible()).toBe(true);
    await page.getByRole('button', { name: 'New messages' }).waitFor({ state: 'hidden' });
  });
});
