// Socket Mode with the real Bolt: acknowledgements, redeliveries, refreshes, several sockets.
import { afterEach, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { aManifest, boltFor, call, SOON_BACK_MS, slackWith, tidy } from './rig.ts';

afterEach(tidy);

const LIMIT_MS = 10_000;
const COMMANDS = 200;
/** For as many acknowledgements, of which both ends share one thread: Slack's own 3 s would measure the machine. */
const MANY_MS = 30_000;

const noticesIn = (messages: readonly { readonly notice?: true; readonly text: string }[]): string[] =>
  messages.filter((message) => message.notice === true).map((message) => message.text);

describe('acknowledgements', () => {
  test('the text of an acknowledgement is seen by that person only', async () => {
    const slack = await slackWith();
    const { requester, bystander } = slack.users;
    const { platform } = slack.channels;
    await boltFor(slack, (app) => {
      app.command('/talos', async ({ ack }) => ack({ text: 'usage: /talos help' }));
    });
    expect(await slack.command(requester, platform, '/talos help')).toEqual({ ok: true });
    expect(slack.messages(platform, { user: requester })).toMatchObject([
      { text: 'usage: /talos help', ephemeral: true, fromBot: true },
    ]);
    expect(slack.messages(platform, { user: bystander })).toEqual([]);
    expect(slack.messages(platform)).toEqual([]);
  });

  test('in_channel also shows what was typed', async () => {
    const slack = await slackWith();
    await boltFor(slack, (app) => {
      app.command('/talos', async ({ ack }) => ack({ response_type: 'in_channel', text: 'all well' }));
    });
    await slack.command(slack.users.requester, slack.channels.platform, '/talos status');
    expect(slack.messages(slack.channels.platform).map((message) => message.text)).toEqual([
      '/talos status',
      'all well',
    ]);
  });

  test('blocks that Slack does not take are told to the person and counted', async () => {
    const slack = await slackWith();
    await boltFor(slack, (app) => {
      app.command('/talos', async ({ ack }) => ack({ text: 'x', blocks: [{ type: 'sparkles' }] }));
    });
    const { requester } = slack.users;
    const { platform } = slack.channels;
    expect(await slack.command(requester, platform, '/talos')).toMatchObject({ error: 'invalid_response' });
    expect(noticesIn(slack.messages(platform, { user: requester }))).toHaveLength(1);
    expect(slack.counters().rejected).toBe(1);
  });

  test('a handler that is too slow: the person sees operation_timeout, the work goes on', async () => {
    const slack = await slackWith(aManifest(), { settings: { ackLimitMs: 50 } });
    const { requester } = slack.users;
    const { platform } = slack.channels;
    let finish: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      finish = resolve;
    });
    await boltFor(slack, (app) => {
      app.command('/talos', async ({ ack, client, command }) => {
        await waiting;
        await ack({ text: 'too late' });
        await client.chat.postMessage({ channel: command.channel_id, text: 'done' });
      });
    });
    expect(await slack.command(requester, platform, '/talos')).toMatchObject({ error: 'operation_timeout' });
    finish();
    await slack.until('the late work', () => slack.messages(platform)[0], LIMIT_MS);
    const seen = slack.messages(platform, { user: requester });
    expect(noticesIn(seen)).toEqual(['`/talos` failed with the error "operation_timeout"']);
    expect(seen.map((message) => message.text)).not.toContain('too late');
  });

  test('nobody listens: the person is told', async () => {
    const slack = await slackWith();
    const answer = await slack.command(slack.users.requester, slack.channels.platform, '/talos');
    expect(answer).toMatchObject({ ok: false, error: 'no_app' });
  });

  test('unknown commands and commands in threads never reach the app', async () => {
    const slack = await slackWith();
    const { requester } = slack.users;
    const { platform } = slack.channels;
    expect(await slack.command(requester, platform, '/tallos')).toMatchObject({ error: 'unknown_command' });
    const response = await fetch(`${slack.url}/ctl/command`, {
      method: 'POST',
      body: JSON.stringify({ user: requester, channel: platform, text: '/talos', thread_ts: '1.1' }),
    });
    expect(await response.json()).toMatchObject({ error: 'thread_not_supported' });
    expect(noticesIn(slack.messages(platform, { user: requester }))).toHaveLength(2);
  });

  test('dropped acknowledgements time out, and a click can be redelivered', async () => {
    // What is not dropped comes within this on a busy machine too.
    const slack = await slackWith(aManifest(), { settings: { ackLimitMs: 2_500 } });
    const triggers: string[] = [];
    await boltFor(slack, (app) => {
      app.command('/talos', async ({ ack, command }) => {
        triggers.push(command.trigger_id);
        await ack();
      });
    });
    const type = () => slack.command(slack.users.requester, slack.channels.platform, '/talos');
    await slack.fault({ name: 'slack-drop-acks', count: 1 });
    expect(await type()).toMatchObject({ error: 'operation_timeout' });
    expect(await type()).toEqual({ ok: true });
    await slack.fault({ name: 'slack-redeliver' });
    await expect.poll(() => triggers.length, { timeout: LIMIT_MS }).toBe(3);
    expect(triggers[2]).toBe(triggers[1]);
  });
});

describe('events', () => {
  test('an event that is not acknowledged comes again, and says so', async () => {
    const slack = await slackWith(aManifest(), { settings: { ackLimitMs: 50, eventRetryMs: [0, 10] } });
    const seen: { id: string; retry: number | undefined }[] = [];
    await boltFor(slack, (app) => {
      app.event('app_mention', async ({ body, context }) => {
        seen.push({ id: body.event_id, retry: context.retryNum });
        if (context.retryNum !== 2) throw new Error('not yet');
      });
      app.error(async () => undefined);
    });
    await slack.fault({ name: 'slack-drop-acks', count: 2 });
    slack.message(slack.users.requester, slack.channels.platform, 'hey @talos');
    await expect.poll(() => seen.length, { timeout: LIMIT_MS }).toBe(3);
    expect(seen.map((one) => one.retry)).toEqual([0, 1, 2]);
    expect(new Set(seen.map((one) => one.id)).size).toBe(1);
  });

  test('mentions are heard where the app is, direct messages in its own tab', async () => {
    const slack = await slackWith();
    const { requester } = slack.users;
    const heard: string[] = [];
    await boltFor(slack, (app) => {
      app.event('app_mention', async ({ event }) => {
        heard.push(`mention ${event.text}`);
      });
      app.message(async ({ message }) => {
        heard.push(`message ${message.channel_type}`);
      });
    });
    slack.message(requester, slack.channels.random, '@talos are you here?');
    slack.message(requester, slack.channels.platform, 'nobody in particular');
    slack.message(requester, slack.channels.platform, '@talos & co');
    const im = slack.state(requester).channels.find((channel) => channel.kind === 'im');
    slack.message(requester, im?.id ?? '', 'psst');
    await expect.poll(() => heard.length, { timeout: LIMIT_MS }).toBe(2);
    expect(heard.toSorted()).toEqual(['mention <@U0TALOSB0T> &amp; co', 'message im']);
  });
});

describe('sockets', () => {
  const link = async (slack: Awaited<ReturnType<typeof slackWith>>): Promise<string> =>
    String((await call(slack, 'apps.connections.open', {}, slack.appToken))['url']);

  const firstFrame = (url: string): Promise<Record<string, unknown>> =>
    new Promise((resolve, reject) => {
      const ws = new WebSocket(url);
      ws.once('error', reject);
      ws.once('message', (data: Buffer) => {
        resolve(JSON.parse(data.toString()) as Record<string, unknown>);
      });
    });

  test('a ticket is good for one socket', async () => {
    const slack = await slackWith();
    const url = await link(slack);
    expect(await firstFrame(url)).toMatchObject({ type: 'hello', num_connections: 1 });
    await expect(firstFrame(url)).rejects.toThrow('403');
  });

  test('the eleventh socket is refused', async () => {
    const slack = await slackWith();
    for (let count = 1; count <= 10; count += 1)
      expect(await firstFrame(await link(slack))).toMatchObject({ type: 'hello' });
    expect(await firstFrame(await link(slack))).toMatchObject({ reason: 'too_many_websockets' });
  });

  test('every payload goes to one of two sockets', async () => {
    const slack = await slackWith();
    const seen: string[] = [];
    await boltFor(
      slack,
      (app) => {
        app.command('/talos', async ({ ack, command }) => {
          seen.push(command.text);
          await ack();
        });
      },
      { sockets: 2 },
    );
    expect(slack.sockets()).toBe(2);
    for (let at = 0; at < 10; at += 1)
      await slack.command(slack.users.requester, slack.channels.platform, `/talos ${at}`);
    expect(seen).toHaveLength(10);
    expect(new Set(seen).size).toBe(10);
  });

  const REFRESHED = `${COMMANDS} commands at once while one of two sockets is refreshed: none is lost`;
  test(REFRESHED, { timeout: 2 * MANY_MS }, async () => {
    const slack = await slackWith(aManifest(), { settings: { ackLimitMs: MANY_MS } });
    const seen = new Set<string>();
    await boltFor(
      slack,
      (app) => {
        app.command('/talos', async ({ ack, command }) => {
          seen.add(command.text);
          await ack();
        });
      },
      { sockets: 2, pingMs: SOON_BACK_MS },
    );
    const { requester } = slack.users;
    const type = (at: number) => slack.command(requester, slack.channels.platform, `/talos ${at}`);
    const half = Array.from({ length: COMMANDS / 2 }, (_, at) => type(at));
    const refreshed = slack.fault({ name: 'slack-refresh' });
    const rest = Array.from({ length: COMMANDS / 2 }, (_, at) => type(COMMANDS / 2 + at));
    const answers = await Promise.all([...half, ...rest]);
    expect(answers.filter((answer) => !answer.ok)).toEqual([]);
    expect(seen.size).toBe(COMMANDS);
    expect(await refreshed).toEqual({ ok: true });
    await slack.until('both sockets', () => (slack.sockets() === 2 ? true : undefined), LIMIT_MS);
    // Turn by turn, so the new socket answers one of them.
    expect([await type(COMMANDS), await type(COMMANDS + 1)]).toEqual([{ ok: true }, { ok: true }]);
  });

  test('a socket that was reset comes back', async () => {
    const slack = await slackWith();
    await boltFor(slack, (app) => app.command('/talos', async ({ ack }) => ack()), {
      pingMs: SOON_BACK_MS,
    });
    await slack.fault({ name: 'slack-kill' });
    await slack.until('the loss', () => (slack.sockets() === 0 ? true : undefined), LIMIT_MS);
    await slack.until('the return', () => (slack.sockets() === 1 ? true : undefined), LIMIT_MS);
    expect(await slack.command(slack.users.requester, slack.channels.platform, '/talos')).toEqual({
      ok: true,
    });
  });

  test('tokens can be refused to new sockets', async () => {
    const slack = await slackWith();
    await slack.fault({ name: 'slack-invalid-auth' });
    expect(await call(slack, 'apps.connections.open', {}, slack.appToken)).toMatchObject({
      error: 'invalid_auth',
    });
    expect(await call(slack, 'auth.test')).toMatchObject({ ok: true });
    expect(slack.counters().rejected).toBe(0);
    await slack.fault({ name: 'slack-clear' });
    expect(await call(slack, 'apps.connections.open', {}, slack.appToken)).toMatchObject({ ok: true });
  });
});
