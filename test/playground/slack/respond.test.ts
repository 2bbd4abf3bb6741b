// Response URLs, files and reactions with the real Bolt.
import type { RespondFn } from '@slack/bolt';
import { afterEach, describe, expect, test } from 'vitest';
import type { RunningSlack } from '../../../playground/slack/slack.ts';
import { blocks, button, card, LIMIT_MS } from './cards.ts';
import { aManifest, boltFor, posted, slackWith, tidy } from './rig.ts';

afterEach(tidy);

const clicked = async (slack: RunningSlack, say: (respond: RespondFn) => Promise<unknown>): Promise<void> => {
  let done = false;
  await boltFor(slack, (app) => {
    app.action('deny', async ({ ack, respond }) => {
      await ack();
      await say(respond);
      done = true;
    });
  });
  const { approver } = slack.users;
  expect(
    await slack.action({ user: approver, channel: slack.channels.platform, button: 'Deny' }),
  ).toMatchObject({
    ok: true,
  });
  await expect.poll(() => done, { timeout: LIMIT_MS }).toBe(true);
};

describe('response_url', () => {
  test('replaces the message acted on', async () => {
    const slack = await slackWith();
    const { platform } = slack.channels;
    const ts = await posted(slack, platform, blocks(...card('Reboot?', button('Deny'))));
    await clicked(slack, (respond) => respond({ replace_original: true, text: 'denied' }));
    expect(slack.messages(platform)).toMatchObject([{ ts, text: 'denied', buttons: [] }]);
  });

  test('deletes the message acted on', async () => {
    const slack = await slackWith();
    await posted(slack, slack.channels.platform, blocks(...card('Reboot?', button('Deny'))));
    await clicked(slack, (respond) => respond({ delete_original: true }));
    expect(slack.messages(slack.channels.platform)).toEqual([]);
  });

  test('answers privately and leaves the message as it was', async () => {
    const slack = await slackWith();
    const { approver, bystander } = slack.users;
    const { platform } = slack.channels;
    await posted(slack, platform, blocks(...card('Reboot?', button('Deny'))));
    const before = slack.messages(platform);
    await clicked(slack, (respond) => respond({ replace_original: false, text: 'not yours to deny' }));
    expect(slack.messages(platform)).toEqual(before);
    expect(slack.messages(platform, { user: bystander })).toEqual(before);
    expect(slack.messages(platform, { user: approver }).at(-1)).toMatchObject({
      text: 'not yours to deny',
      ephemeral: true,
    });
  });

  test('is good for five uses', async () => {
    const slack = await slackWith();
    await posted(slack, slack.channels.platform, blocks(...card('Reboot?', button('Deny'))));
    const failures: unknown[] = [];
    await clicked(slack, async (respond) => {
      for (let use = 1; use <= 6; use += 1) {
        await respond({ text: `use ${use}`, replace_original: false }).catch((error: unknown) =>
          failures.push(error),
        );
      }
    });
    expect(failures).toHaveLength(1);
    const seen = slack.messages(slack.channels.platform, { user: slack.users.approver });
    expect(seen.filter((message) => message.ephemeral)).toHaveLength(5);
  });

  test('is good for thirty minutes', async () => {
    let clock = 1_700_000_000_000;
    const slack = await slackWith(aManifest(), { now: () => clock });
    await posted(slack, slack.channels.platform, blocks(...card('Reboot?', button('Deny'))));
    const answers: string[] = [];
    const attempt = (respond: RespondFn) =>
      respond({ text: 'x', replace_original: false }).then(
        () => answers.push('ok'),
        () => answers.push('expired'),
      );
    await clicked(slack, async (respond) => {
      clock += 30 * 60_000;
      await attempt(respond);
      clock += 1;
      await attempt(respond);
    });
    expect(answers).toEqual(['ok', 'expired']);
  });

  test('refuses blocks that Slack would refuse', async () => {
    const slack = await slackWith();
    await posted(slack, slack.channels.platform, blocks(...card('Reboot?', button('Deny'))));
    let failed = false;
    await clicked(slack, (respond) =>
      respond({ text: 'x', blocks: [{ type: 'sparkles' }] }).catch(() => {
        failed = true;
      }),
    );
    expect(failed).toBe(true);
    expect(slack.counters()).toMatchObject({ rejected: 1, rejections: [{ method: 'response_url' }] });
  });
});

describe('files and reactions', () => {
  test('a file is uploaded in two steps, shared in a thread, and read', async () => {
    const slack = await slackWith();
    const { platform } = slack.channels;
    const ts = await posted(slack, platform);
    const app = await boltFor(slack, () => undefined);
    await app.client.files.uploadV2({
      token: slack.botToken,
      channel_id: platform,
      thread_ts: ts,
      filename: 'upgrade.log',
      title: 'The log',
      initial_comment: 'Here it is.',
      content: 'line 1\nline 2',
    });
    const reply = slack.messages(platform, { thread: ts }).at(-1);
    expect(reply).toMatchObject({
      text: 'Here it is.',
      files: [
        {
          name: 'upgrade.log',
          title: 'The log',
          mimetype: 'text/plain',
          sizeBytes: 13,
          preview: 'line 1\nline 2',
        },
      ],
    });
    const response = await fetch(slack.url + (reply?.files[0]?.url ?? ''));
    expect(await response.text()).toBe('line 1\nline 2');
  });

  test('a reaction is added once and removed once', async () => {
    const slack = await slackWith();
    const { platform } = slack.channels;
    const timestamp = await posted(slack, platform);
    const { client } = await boltFor(slack, () => undefined);
    const reaction = { token: slack.botToken, channel: platform, timestamp, name: 'eyes' };
    await client.reactions.add(reaction);
    await expect(client.reactions.add(reaction)).rejects.toMatchObject({
      data: { error: 'already_reacted' },
    });
    expect(slack.messages(platform)[0]?.reactions).toEqual([{ name: 'eyes', users: ['U0TALOSB0T'] }]);
    await client.reactions.remove(reaction);
    expect(slack.messages(platform)[0]?.reactions).toEqual([]);
    expect(slack.counters().rejected).toBe(0);
  });
});
