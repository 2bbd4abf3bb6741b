// The control API over HTTP: who may use it, what it says of bad requests, and how it tells of changes.
import { request as httpRequest } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import type { ClusterProvider } from '../../../playground/slack/contract.ts';
import type { RunningSlack } from '../../../playground/slack/slack.ts';
import { LIMIT_MS } from './cards.ts';
import { boltFor, call, posted, slackWith, tidy } from './rig.ts';

afterEach(tidy);

type Raw = { readonly status: number; readonly body: string };

/** A request with exactly these headers; `fetch` would not let a test forge Host or Origin. */
const raw = (
  slack: RunningSlack,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: unknown,
): Promise<Raw> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(slack.url);
    const method = body === undefined ? 'GET' : 'POST';
    const sent = httpRequest({ hostname, port, path, method, headers }, (response) => {
      let text = '';
      response.on('data', (part) => {
        text += String(part);
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body: text }));
    });
    sent.on('error', reject);
    sent.end(body === undefined ? undefined : JSON.stringify(body));
  });

const get = async (slack: RunningSlack, path: string): Promise<Record<string, unknown>> => {
  const response = await fetch(slack.url + path);
  return (await response.json()) as Record<string, unknown>;
};

const post = async (slack: RunningSlack, path: string, body: unknown): Promise<Record<string, unknown>> => {
  const response = await fetch(slack.url + path, { method: 'POST', body: JSON.stringify(body) });
  return (await response.json()) as Record<string, unknown>;
};

describe('who may use it', () => {
  const at = (slack: RunningSlack) => new URL(slack.url).host;
  const FOREIGN: readonly (readonly [string, (host: string) => Record<string, string>])[] = [
    ['a page from elsewhere', () => ({ origin: 'https://evil.example' })],
    ['a page of another port here', () => ({ origin: 'http://127.0.0.1:1' })],
    [
      'a page by another name of this machine',
      (host) => ({ origin: `http://localhost:${host.split(':')[1]}` }),
    ],
    ['a sandboxed page', () => ({ origin: 'null' })],
    ['a cross-site fetch', () => ({ 'sec-fetch-site': 'cross-site' })],
    ['a same-site fetch', () => ({ 'sec-fetch-site': 'same-site' })],
    ['a name that was led here', () => ({ host: 'evil.example' })],
    ['a name that begins like ours', () => ({ host: '127.0.0.1.evil.example' })],
  ];
  const PATHS = ['/state?user=U0R1YA0001', '/sse', '/ctl/cluster', '/ctl/messages?channel=C0PLATF0RM'];

  test.each(FOREIGN)('%s is refused', async (_, headers) => {
    const slack = await slackWith();
    await posted(slack, slack.channels.platform);
    const given = headers(at(slack));
    for (const path of PATHS) expect((await raw(slack, path, given)).status).toBe(403);
    const deletion = { name: 'slack-message-deleted' };
    expect((await raw(slack, '/ctl/fault', given, deletion)).status).toBe(403);
    expect(slack.messages(slack.channels.platform)).toHaveLength(1);
  });

  test.each(FOREIGN)('%s can not call the Web API', async (_, headers) => {
    const slack = await slackWith();
    expect((await raw(slack, '/api/api.test', headers(at(slack)), {})).status).toBe(403);
    expect(slack.counters().calls).toBe(0);
  });

  const OWN: readonly (readonly [string, (host: string) => Record<string, string>])[] = [
    ['a script', () => ({})],
    ['its own page', (host) => ({ origin: `http://${host}`, 'sec-fetch-site': 'same-origin' })],
    ['an address typed in', () => ({ 'sec-fetch-site': 'none' })],
    ['a script that says localhost', (host) => ({ host: `localhost:${host.split(':')[1]}` })],
  ];
  test.each(OWN)('%s is welcome', async (_, headers) => {
    const slack = await slackWith();
    expect((await raw(slack, '/ctl/faults', headers(at(slack)))).status).toBe(200);
    expect((await raw(slack, '/ctl/fault', headers(at(slack)), { name: 'slack-clear' })).status).toBe(200);
  });

  test('it listens on loopback only', async () => {
    const slack = await slackWith();
    expect(new URL(slack.url).hostname).toBe('127.0.0.1');
  });

  test('a file outside of the page does not exist', async () => {
    const slack = await slackWith();
    for (const path of [
      '/%zz',
      '/../slack.ts',
      '/%2e%2e/slack.ts',
      '/..%2fcontract.ts',
      '/%2e%2e%2fpage.json',
    ])
      expect((await raw(slack, path, {})).status).toBe(404);
  });
});

describe('requests', () => {
  const BAD: readonly (readonly [string, string, unknown, string])[] = [
    ['no JSON', '/ctl/command', 'x', 'invalid_request'],
    ['a missing field', '/ctl/command', { user: 'U0R1YA0001' }, 'invalid_request'],
    ['an invented field', '/ctl/home', { user: 'U0R1YA0001', colour: 'red' }, 'invalid_request'],
    ['a stranger', '/ctl/command', { user: 'U0', channel: 'C0PLATF0RM', text: '/talos' }, 'no_such_person'],
    [
      'the bot as a person',
      '/ctl/message',
      { user: 'U0TALOSB0T', channel: 'C0PLATF0RM', text: 'x' },
      'no_such_person',
    ],
    [
      'a channel one is not in',
      '/ctl/message',
      { user: 'U0R1YA0001', channel: 'C0LEADS001', text: 'x' },
      'not_in_channel',
    ],
    ['no channel', '/ctl/message', { user: 'U0R1YA0001', channel: 'C0', text: 'x' }, 'channel_not_found'],
    [
      'a thread that is not there',
      '/ctl/message',
      { user: 'U0R1YA0001', channel: 'C0PLATF0RM', text: 'x', thread_ts: '1.1' },
      'thread_not_found',
    ],
    [
      'a button that is not there',
      '/ctl/action',
      { user: 'U0R1YA0001', channel: 'C0PLATF0RM', button: 'Go' },
      'no_such_button',
    ],
    [
      'a message that is not there',
      '/ctl/action',
      { user: 'U0R1YA0001', channel: 'C0PLATF0RM', message: '1.1' },
      'message_not_found',
    ],
    ['a view that is not there', '/ctl/submit', { user: 'U0R1YA0001', view: 'V1' }, 'view_not_found'],
    ['a fault that is not there', '/ctl/fault', { name: 'slack-earthquake' }, 'no_such_fault'],
    ['a fault of no cluster', '/ctl/fault', { name: 'freeze-node', node: 'cp-1' }, 'no_cluster'],
    ['a parameter that is not there', '/ctl/fault', { name: 'slack-kill', colour: 'red' }, 'no_such_param'],
    ['a parameter of no sense', '/ctl/fault', { name: 'slack-kill', sockets: 'some' }, 'invalid_param'],
  ];
  test.each(BAD)('%s: a name and a sentence', async (_, path, body, error) => {
    const slack = await slackWith();
    expect(await post(slack, path, body)).toMatchObject({
      ok: false,
      error,
      hint: expect.stringMatching(/\.$/),
    });
  });

  test('a path that is not there is 404', async () => {
    const slack = await slackWith();
    expect((await raw(slack, '/ctl/nothing', {})).status).toBe(404);
    expect((await raw(slack, '/ctl/toString', {}, {})).status).toBe(404);
    expect((await raw(slack, '//', {})).status).toBe(400);
    expect((await raw(slack, '/ctl/nothing', {}, {})).status).toBe(404);
    expect((await raw(slack, '/ctl/command', {})).status).toBe(404);
  });

  test('a command, a click and the messages, all over HTTP', async () => {
    const slack = await slackWith();
    const { platform } = slack.channels;
    await boltFor(slack, (app) => {
      app.command('/talos', async ({ ack, client, command }) => {
        await ack();
        await client.chat.postMessage({
          channel: command.channel_id,
          text: 'cp-2?',
          blocks: [
            {
              type: 'actions',
              elements: [{ type: 'button', action_id: 'yes', text: { type: 'plain_text', text: 'Yes' } }],
            },
          ],
        });
      });
      app.action('yes', async ({ ack }) => ack());
    });
    const person = { user: slack.users.requester, channel: platform };
    expect(await post(slack, '/ctl/command', { ...person, text: '/talos' })).toEqual({ ok: true });
    const message = await slack.until('the card', () => slack.messages(platform)[0], LIMIT_MS);
    expect(await get(slack, `/ctl/messages?channel=${platform}`)).toEqual({ ok: true, messages: [message] });
    expect(await post(slack, '/ctl/action', { ...person, button: 'Yes', node: 'cp-2' })).toEqual({
      ok: true,
      action_id: 'yes',
      message: message.ts,
    });
    expect(await get(slack, '/ctl/counters')).toMatchObject({
      rejected: 0,
      byMethod: { 'chat.postMessage': 1 },
    });
    expect(JSON.stringify(await get(slack, '/ctl/journal?last=50'))).toContain('slash_commands');
  });
});

describe('what people see', () => {
  test('state holds what one person may see, unread counted until read', async () => {
    const slack = await slackWith();
    const { requester, bystander } = slack.users;
    const { platform } = slack.channels;
    await posted(slack, platform);
    await call(slack, 'chat.postEphemeral', {
      channel: platform,
      user: requester,
      text: `<@${requester}> psst`,
    });
    const room = (user: string) => slack.state(user, platform).channels.find((one) => one.id === platform);
    expect(room(requester)).toMatchObject({ unread: 2, mentions: 1, botIsMember: true });
    expect(room(bystander)).toMatchObject({ unread: 1, mentions: 0 });
    await post(slack, '/ctl/read', { user: requester, channel: platform });
    expect(room(requester)).toMatchObject({ unread: 0, mentions: 0 });
    expect(await get(slack, `/state?user=${bystander}&channel=${platform}`)).toMatchObject({
      me: { name: 'tom' },
      messages: [{ text: 'hello' }],
      commands: [{ command: '/talos' }, { command: '/plain' }, { command: '/invite', builtin: true }],
      app: { name: 'Talos', sockets: 0 },
    });
    expect(slack.state(bystander).channels.map((one) => one.name)).toEqual(['platform', 'random', 'talos']);
  });

  test('the stream tells of changes of Slack and of the cluster', async () => {
    let shake: () => void = () => undefined;
    const cluster: ClusterProvider = {
      snapshot: () => ({ nodes: ['cp-1'] }),
      faults: () => [{ name: 'freeze-node', sentence: 'A node stops answering.', params: [] }],
      inject: async (name) => {
        if (name !== 'freeze-node') throw new Error('There is no such fault.');
        shake();
      },
      onChange: (callback) => {
        shake = callback;
        return () => undefined;
      },
    };
    const slack = await slackWith(undefined, { cluster });
    const stop = new AbortController();
    const response = await fetch(`${slack.url}/sse`, { signal: stop.signal });
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    let heard = '';
    const hear = async (word: string): Promise<void> => {
      heard = '';
      while (!heard.includes(word)) heard += (await reader?.read())?.value ?? `${word} never came`;
      expect(heard).not.toContain('never came');
    };
    await hear('event: changed');
    await posted(slack, slack.channels.platform);
    await hear('event: changed');
    expect(await post(slack, '/ctl/fault', { name: 'freeze-node' })).toEqual({ ok: true });
    await hear('event: cluster');
    expect(await post(slack, '/ctl/fault', { name: 'thaw' })).toMatchObject({ error: 'invalid_fault' });
    expect(await get(slack, '/ctl/cluster')).toEqual({ ok: true, cluster: { nodes: ['cp-1'] } });
    expect(await get(slack, '/ctl/faults')).toMatchObject({ cluster: [{ name: 'freeze-node' }] });
    stop.abort();
  });
});
