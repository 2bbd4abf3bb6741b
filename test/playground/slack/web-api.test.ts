// The Web API: tokens, scopes, arguments, channels, threads, edits; every refusal by its name.
import { WebClient } from '@slack/web-api';
import { afterEach, describe, expect, test } from 'vitest';
import { aManifest, call, LOGGING, posted, slackWith, tidy } from './rig.ts';

afterEach(tidy);

const SECTION = { type: 'section', text: { type: 'mrkdwn', text: 'hi' } };

describe('who may call what', () => {
  const CALLS: readonly (readonly [
    string,
    string,
    Readonly<Record<string, string>>,
    'bot' | 'app' | '' | 'bad',
    string,
  ])[] = [
    ['an invented method', 'chat.shout', {}, 'bot', 'unknown_method'],
    ['no token', 'auth.test', {}, '', 'not_authed'],
    ['a wrong token', 'auth.test', {}, 'bad', 'invalid_auth'],
    ['the wrong kind of token', 'auth.test', {}, 'app', 'not_allowed_token_type'],
    ['a bot token for sockets', 'apps.connections.open', {}, 'bot', 'not_allowed_token_type'],
    ['a missing scope', 'conversations.join', { channel: 'C0RAND0M01' }, 'bot', 'missing_scope'],
    [
      'an unknown argument',
      'chat.postMessage',
      { channel: 'C0PLATF0RM', text: 'x', colour: 'red' },
      'bot',
      'invalid_arguments',
    ],
    ['a missing argument', 'chat.postMessage', { text: 'x' }, 'bot', 'invalid_arguments'],
    [
      'blocks that are no JSON',
      'chat.postMessage',
      { channel: 'C0PLATF0RM', blocks: '[' },
      'bot',
      'invalid_blocks_format',
    ],
    [
      'blocks Slack does not know',
      'chat.postMessage',
      { channel: 'C0PLATF0RM', text: 'x', blocks: '[{"type":"x"}]' },
      'bot',
      'invalid_blocks',
    ],
    ['no text', 'chat.postMessage', { channel: 'C0PLATF0RM' }, 'bot', 'no_text'],
    [
      'a channel the app is not in',
      'chat.postMessage',
      { channel: 'C0RAND0M01', text: 'x' },
      'bot',
      'not_in_channel',
    ],
    [
      'a private channel the app is not in',
      'chat.postMessage',
      { channel: 'C0LEADS001', text: 'x' },
      'bot',
      'channel_not_found',
    ],
    ['no channel', 'chat.postMessage', { channel: 'C0N0THING1', text: 'x' }, 'bot', 'channel_not_found'],
    [
      'a thread that is not there',
      'chat.postMessage',
      { channel: 'C0PLATF0RM', text: 'x', thread_ts: '1.000001' },
      'bot',
      'thread_not_found',
    ],
    ['a stranger', 'users.info', { user: 'U0N0B0DY01' }, 'bot', 'user_not_found'],
    ['an unknown address', 'users.lookupByEmail', { email: 'who@x.example' }, 'bot', 'users_not_found'],
    ['an unknown group', 'usergroups.users.list', { usergroup: 'S0' }, 'bot', 'no_such_subteam'],
    [
      'a message that never was',
      'chat.update',
      { channel: 'C0PLATF0RM', ts: '1.000001', text: 'x' },
      'bot',
      'message_not_found',
    ],
    [
      'an edit by channel name',
      'chat.update',
      { channel: '#platform', ts: '1.000001', text: 'x' },
      'bot',
      'channel_not_found',
    ],
  ];
  test.each(CALLS)('%s is refused', async (_, method, args, kind, error) => {
    const slack = await slackWith();
    const tokens = { bot: slack.botToken, app: slack.appToken, bad: 'xoxb-bad', '': '' };
    expect(await call(slack, method, args, tokens[kind])).toMatchObject({ ok: false, error });
    expect(slack.counters()).toMatchObject({ calls: 1, rejected: 1, rejections: [{ method, error }] });
  });

  test('a missing scope says which, and what the app has', async () => {
    const slack = await slackWith(
      aManifest((manifest) => {
        manifest.oauth_config.scopes.bot = ['commands'];
        manifest.settings.event_subscriptions.bot_events = [];
      }),
    );
    expect(await call(slack, 'chat.postMessage', { channel: 'C0PLATF0RM', text: 'x' })).toEqual({
      ok: false,
      error: 'missing_scope',
      needed: 'chat:write',
      provided: 'commands',
    });
  });

  test('an unknown method is an answer for the client, not something to retry', async () => {
    const slack = await slackWith();
    const client = new WebClient(slack.botToken, { slackApiUrl: slack.apiUrl, ...LOGGING });
    await expect(client.apiCall('chat.shout')).rejects.toMatchObject({ data: { error: 'unknown_method' } });
    expect(slack.counters().calls).toBe(1);
  });
});

describe('messages', () => {
  test('replies are in the thread, counted at its first message', async () => {
    const slack = await slackWith();
    const { platform } = slack.channels;
    const ts = await posted(slack, platform);
    const reply = await posted(slack, platform, { thread_ts: ts, text: 'one' });
    await posted(slack, platform, { thread_ts: ts, text: 'two', reply_broadcast: 'true' });
    expect(slack.messages(platform)).toMatchObject([
      { ts, replyCount: 2 },
      { text: 'two', broadcast: true },
    ]);
    expect(slack.messages(platform, { thread: ts }).map((message) => message.text)).toEqual([
      'hello',
      'one',
      'two',
    ]);
    expect(
      await call(slack, 'chat.postMessage', { channel: platform, text: 'x', thread_ts: reply }),
    ).toMatchObject({
      error: 'cannot_reply_to_message',
    });
    expect(await call(slack, 'conversations.replies', { channel: platform, ts })).toMatchObject({
      messages: [{ reply_count: 2 }, { text: 'one', bot_id: 'B0TALOS0PS' }, { text: 'two' }],
    });
  });

  test('an edit with text alone removes the blocks, an edit with blocks leaves no mark', async () => {
    const slack = await slackWith();
    const { platform } = slack.channels;
    const ts = await posted(slack, platform, { blocks: JSON.stringify([SECTION]) });
    const edit = (args: Record<string, string>) =>
      call(slack, 'chat.update', { channel: platform, ts, ...args });
    await edit({ text: 'b', blocks: JSON.stringify([SECTION, SECTION]) });
    expect(slack.messages(platform)[0]?.blocks).toHaveLength(2);
    expect(slack.messages(platform)[0]?.edited).toBeUndefined();
    await edit({ text: 'c' });
    expect(slack.messages(platform)[0]).toMatchObject({ text: 'c', blocks: [], edited: {} });
  });

  test('long text is cut when posted and refused when edited', async () => {
    const slack = await slackWith();
    const { platform } = slack.channels;
    const answer = await call(slack, 'chat.postMessage', { channel: platform, text: 'x'.repeat(40_001) });
    expect(answer).toMatchObject({ ok: true, warning: 'message_truncated' });
    const edit = { channel: platform, ts: String(answer['ts']), text: 'x'.repeat(4001) };
    expect(await call(slack, 'chat.update', edit)).toMatchObject({ error: 'msg_too_long' });
  });

  test('every block and element gets an id', async () => {
    const slack = await slackWith();
    const actions = {
      type: 'actions',
      elements: [{ type: 'button', text: { type: 'plain_text', text: 'Go' } }],
    };
    await posted(slack, slack.channels.platform, { blocks: JSON.stringify([SECTION, actions]) });
    const [message] = slack.messages(slack.channels.platform);
    expect(message?.blocks.map((block) => block.block_id)).toEqual([expect.any(String), expect.any(String)]);
    expect(message?.buttons).toMatchObject([{ text: 'Go', action_id: expect.stringMatching(/./) }]);
  });

  test("other people's messages can not be changed by the app", async () => {
    const slack = await slackWith();
    const { platform } = slack.channels;
    const written = slack.message(slack.users.requester, platform, 'mine');
    const ts = written.ok ? written.ts : '';
    expect(await call(slack, 'chat.update', { channel: platform, ts, text: 'x' })).toMatchObject({
      error: 'cant_update_message',
    });
    expect(await call(slack, 'chat.delete', { channel: platform, ts })).toMatchObject({
      error: 'cant_delete_message',
    });
  });

  test('a person is reached by id, in the direct message', async () => {
    const slack = await slackWith();
    const answer = await call(slack, 'chat.postMessage', { channel: slack.users.requester, text: 'psst' });
    const opened = await call(slack, 'conversations.open', { users: slack.users.requester });
    expect(opened).toMatchObject({ channel: { id: answer['channel'], is_im: true } });
  });

  test('a permalink leads to the message on the page', async () => {
    const slack = await slackWith();
    const ts = await posted(slack, slack.channels.platform);
    const answer = await call(slack, 'chat.getPermalink', {
      channel: slack.channels.platform,
      message_ts: ts,
    });
    const response = await fetch(String(answer['permalink']), { redirect: 'manual' });
    expect(response.headers.get('location')).toBe(`/?channel=C0PLATF0RM&message=${ts}`);
  });

  test('metadata is read back when asked for', async () => {
    const slack = await slackWith();
    const metadata = { event_type: 'rollout', event_payload: { id: 'r1' } };
    await posted(slack, slack.channels.platform, { metadata: JSON.stringify(metadata) });
    const history = (more: Record<string, string>) =>
      call(slack, 'conversations.history', { channel: slack.channels.platform, ...more });
    expect(await history({ include_all_metadata: 'true' })).toMatchObject({ messages: [{ metadata }] });
    expect(JSON.stringify(await history({}))).not.toContain('rollout');
  });

  test('history comes newest first, in pages', async () => {
    const slack = await slackWith();
    const { platform } = slack.channels;
    for (const text of ['a', 'b', 'c']) await posted(slack, platform, { text });
    const first = await call(slack, 'conversations.history', { channel: platform, limit: '2' });
    expect(first).toMatchObject({ messages: [{ text: 'c' }, { text: 'b' }], has_more: true });
    const { next_cursor: cursor } = first['response_metadata'] as { next_cursor: string };
    expect(
      await call(slack, 'conversations.history', { channel: platform, limit: '2', cursor }),
    ).toMatchObject({
      messages: [{ text: 'a' }],
      has_more: false,
    });
  });
});

describe('who is there', () => {
  test('people, channels and groups are listed', async () => {
    const slack = await slackWith();
    expect(await call(slack, 'auth.test')).toMatchObject({ user_id: 'U0TALOSB0T', team_id: 'T0PLAYGRND' });
    expect(await call(slack, 'users.info', { user: slack.users.approver })).toMatchObject({
      user: { name: 'sam', profile: { email: 'sam@playground.example' } },
    });
    expect(await call(slack, 'users.lookupByEmail', { email: 'sam@playground.example' })).toMatchObject({
      user: { id: slack.users.approver },
    });
    const { channels } = (await call(slack, 'conversations.list')) as {
      channels: { name: string; is_member: boolean }[];
    };
    expect(channels.map(({ name, is_member }) => [name, is_member])).toEqual([
      ['platform', true],
      ['random', false],
    ]);
    expect(await call(slack, 'usergroups.users.list', { usergroup: 'S0APPR0V3R' })).toMatchObject({
      users: [slack.users.approver, slack.users.secondApprover],
    });
    expect(await call(slack, 'team.info')).toMatchObject({ team: { domain: 'playground' } });
    expect(await call(slack, 'bots.info')).toMatchObject({ bot: { id: 'B0TALOS0PS' } });
  });

  test('somebody else may be there', async () => {
    const ana = {
      key: 'ana',
      id: 'U0ANA00009',
      name: 'ana',
      realName: 'Ana Silva',
      title: '',
      kind: 'approver' as const,
      color: '#112233',
    };
    const slack = await slackWith(aManifest(), { people: [ana] });
    expect(slack.users['ana']).toBe(ana.id);
    expect(slack.state(ana.id).channels.map((one) => one.name)).toEqual([
      'platform',
      'random',
      'leads',
      'talos',
    ]);
    expect(slack.message(ana.id, slack.channels.platform, 'hello')).toMatchObject({ ok: true });
  });

  test('the app can be invited', async () => {
    const slack = await slackWith();
    const { random } = slack.channels;
    expect(await slack.command(slack.users.requester, random, '/invite @talos')).toEqual({ ok: true });
    await posted(slack, random);
  });

  test('blocks.validate finds what posting would refuse', async () => {
    const slack = await slackWith();
    const check = (blocks: unknown[]) => call(slack, 'blocks.validate', { blocks: JSON.stringify(blocks) });
    expect(await check([SECTION])).toEqual({ ok: true });
    expect(await check([{ type: 'section' }])).toMatchObject({
      ok: false,
      errors: [{ pointer: '/blocks/0', message: 'needs text or fields' }],
    });
  });
});
