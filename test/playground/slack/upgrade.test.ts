// The main road with the real Bolt: command, message, button, edit.
import { afterEach, expect, test } from 'vitest';
import { LIMIT_MS } from './cards.ts';
import { boltFor, slackWith, tidy } from './rig.ts';

afterEach(tidy);

const approveButton = {
  type: 'button' as const,
  text: { type: 'plain_text' as const, text: 'Approve' },
  action_id: 'approve',
  value: 'gate-1',
  style: 'primary' as const,
  confirm: { text: { type: 'plain_text' as const, text: 'Really?' } },
};

test('a command becomes a message with a button, and its click edits the message', async () => {
  const slack = await slackWith();
  const { requester, approver } = slack.users;
  const { platform } = slack.channels;
  await boltFor(slack, (app) => {
    app.command('/talos', async ({ ack, client, command }) => {
      await ack();
      await client.chat.postMessage({
        channel: command.channel_id,
        text: `${command.text} asked by <@${command.user_id}>`,
        blocks: [
          { type: 'section', text: { type: 'mrkdwn', text: 'May I reboot cp-2?' } },
          { type: 'actions', elements: [approveButton] },
        ],
      });
    });
    app.action('approve', async ({ ack, body, client }) => {
      await ack();
      if (body.type !== 'block_actions' || body.message === undefined) return;
      await client.chat.update({
        channel: body.channel?.id ?? '',
        ts: body.message.ts,
        text: `approved by ${body.user.id}`,
      });
    });
  });

  expect(await slack.command(requester, platform, '/talos upgrade prod')).toEqual({ ok: true });
  const [card] = await slack.until(
    'the card',
    () => {
      const found = slack.messages(platform);
      return found.length > 0 ? found : undefined;
    },
    LIMIT_MS,
  );
  expect(card?.text).toBe(`upgrade prod asked by <@${requester}>`);
  expect(card?.buttons).toEqual([
    {
      text: 'Approve',
      action_id: 'approve',
      block_id: expect.any(String),
      value: 'gate-1',
      style: 'primary',
      confirm: { title: 'Are you sure?', text: 'Really?', confirm: 'Yes', deny: 'No' },
    },
  ]);

  const pressed = await slack.action({ user: approver, channel: platform, button: 'Approve', node: 'cp-2' });
  expect(pressed).toMatchObject({ ok: true, action_id: 'approve', message: card?.ts });
  await slack.until(
    'the edit',
    () => (slack.messages(platform)[0]?.buttons.length === 0 ? true : undefined),
    LIMIT_MS,
  );
  expect(slack.messages(platform)[0]).toMatchObject({
    text: `approved by ${approver}`,
    edited: { user: 'U0TALOSB0T' },
  });
  expect(slack.counters()).toMatchObject({ rejected: 0, rateLimited: 0 });
});
