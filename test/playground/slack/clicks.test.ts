// Finding and pressing buttons, choosing from menus, with the real Bolt.
import { afterEach, describe, expect, test } from 'vitest';
import type { RunningSlack } from '../../../playground/slack/slack.ts';
import { blocks, button, card, LIMIT_MS, plain } from './cards.ts';
import { aManifest, type BoltApp, boltFor, posted, slackWith, tidy } from './rig.ts';

afterEach(tidy);

describe('clicks', () => {
  const listening = async (slack: RunningSlack): Promise<string[]> => {
    const values: string[] = [];
    await boltFor(slack, (app: BoltApp) => {
      app.action(/.*/, async ({ ack, action }) => {
        values.push(action.type === 'button' ? String(action.value) : action.type);
        await ack();
      });
    });
    return values;
  };

  test('the node finds its card among several, the newest first', async () => {
    const slack = await slackWith();
    const { platform } = slack.channels;
    await posted(slack, platform, blocks(...card('Gate of cp-1', button('Approve', 'one'))));
    await posted(slack, platform, blocks(...card('Gate of cp-10', button('Approve', 'ten'))));
    const values = await listening(slack);
    const press = (more: object) =>
      slack.action({ user: slack.users.approver, channel: platform, button: 'approve', ...more });
    await press({ node: 'cp-1' });
    await press({ node: 'cp-10' });
    await press({});
    expect(values).toEqual(['one', 'ten', 'ten']);
    expect(await press({ node: 'cp-2' })).toMatchObject({ error: 'no_such_button' });
  });

  test('two buttons that fit are told apart by value or not pressed', async () => {
    const slack = await slackWith();
    const { platform } = slack.channels;
    const [text, first] = card(
      'Which?',
      { ...button('Go', 'a'), action_id: 'a' },
      { ...button('Go', 'b'), action_id: 'b' },
    );
    await posted(slack, platform, blocks(text, first));
    const values = await listening(slack);
    const press = (more: object) =>
      slack.action({ user: slack.users.approver, channel: platform, button: 'Go', ...more });
    expect(await press({})).toMatchObject({ error: 'ambiguous_button' });
    expect(await press({ value: 'b' })).toMatchObject({ ok: true });
    expect(values).toEqual(['b']);
  });

  test('an ephemeral message has buttons for its person only, and its payload no message', async () => {
    const slack = await slackWith();
    const { requester, bystander } = slack.users;
    const { platform } = slack.channels;
    let container: unknown;
    let message: unknown = 'none';
    const app = await boltFor(slack, (bolt) => {
      bolt.action('stop', async ({ ack, body, respond }) => {
        await ack();
        if (body.type !== 'block_actions') return;
        container = body.container;
        message = body.message;
        await respond({ delete_original: true });
      });
    });
    const target = { token: slack.botToken, channel: platform, user: requester };
    await app.client.chat.postEphemeral({ ...target, text: 'psst', blocks: card('psst', button('Stop')) });
    const press = (user: string) => slack.action({ user, channel: platform, button: 'Stop' });
    expect(await press(bystander)).toMatchObject({ error: 'no_such_button' });
    expect(await press(requester)).toMatchObject({ ok: true });
    await slack.until(
      'the end of the message',
      () => (slack.messages(platform, { user: requester }).length === 0 ? true : undefined),
      LIMIT_MS,
    );
    expect(container).toMatchObject({ type: 'message', is_ephemeral: true, channel_id: platform });
    expect(message).toBeUndefined();
  });

  test('a menu sends the option chosen, and everything else that was filled in', async () => {
    const slack = await slackWith();
    const { platform } = slack.channels;
    const pick = {
      type: 'static_select',
      action_id: 'pick',
      options: [
        { text: plain('cp-1'), value: '1' },
        { text: plain('cp-2'), value: '2' },
      ],
    };
    const why = {
      type: 'input',
      block_id: 'why',
      label: plain('Why'),
      element: { type: 'plain_text_input', action_id: 't' },
    };
    const ts = await posted(
      slack,
      platform,
      blocks({ type: 'actions', block_id: 'row', elements: [pick] }, why),
    );
    let heard: unknown;
    await boltFor(slack, (app) => {
      app.action('pick', async ({ ack, body, action }) => {
        heard = { action, state: body.type === 'block_actions' ? body.state : undefined };
        await ack();
      });
    });
    const request = { user: slack.users.requester, channel: platform, message: ts, action_id: 'pick' };
    expect(await slack.action({ ...request, value: '9' })).toMatchObject({ error: 'invalid_input' });
    expect(await slack.action({ ...request, value: '2', values: { why: { t: 'because' } } })).toMatchObject({
      ok: true,
    });
    const option = { text: plain('cp-2'), value: '2' };
    expect(heard).toMatchObject({
      action: { type: 'static_select', block_id: 'row', selected_option: option },
      state: {
        values: {
          row: { pick: { type: 'static_select', selected_option: option } },
          why: { t: { type: 'plain_text_input', value: 'because' } },
        },
      },
    });
  });

  test('without interactivity in the manifest nothing is sent', async () => {
    const slack = await slackWith(
      aManifest((manifest) => {
        manifest.settings.interactivity.is_enabled = false;
      }),
    );
    await posted(slack, slack.channels.platform, blocks(...card('Reboot?', button('Deny'))));
    const values = await listening(slack);
    const press = slack.action({
      user: slack.users.approver,
      channel: slack.channels.platform,
      button: 'Deny',
    });
    expect(await press).toMatchObject({ error: 'interactivity_disabled' });
    expect(values).toEqual([]);
  });
});
