// What the tests of the local Slack stand on: a manifest of their own, and the real Bolt with one or two sockets.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type Logger, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { stringify } from 'yaml';
import { type RunningSlack, type SlackOptions, startSlack } from '../../../playground/slack/slack.ts';

export type BoltApp = App;
type Receiver = SocketModeReceiver;

/** A manifest that uses everything the local Slack knows; `change` bends it. */
export const aManifest = (change: (manifest: ReturnType<typeof fullManifest>) => void = () => undefined) => {
  const manifest = fullManifest();
  change(manifest);
  return manifest;
};

const fullManifest = () => ({
  display_information: { name: 'Talos', description: 'Upgrades clusters', background_color: '#223344' },
  features: {
    bot_user: { display_name: 'talos', always_online: true },
    app_home: { home_tab_enabled: true, messages_tab_enabled: true },
    slash_commands: [
      { command: '/talos', description: 'Upgrade a cluster', usage_hint: 'help', should_escape: true },
      { command: '/plain', description: 'Not escaped', should_escape: false },
    ],
  },
  oauth_config: {
    scopes: {
      bot: [
        'commands',
        'chat:write',
        'app_mentions:read',
        'channels:history',
        'channels:read',
        'im:write',
        'im:history',
        'users:read',
        'users:read.email',
        'usergroups:read',
        'files:write',
        'reactions:write',
        'team:read',
      ],
    },
  },
  settings: {
    socket_mode_enabled: true,
    interactivity: { is_enabled: true },
    event_subscriptions: { bot_events: ['app_home_opened', 'app_mention', 'message.im'] },
  },
});

const dispose: (() => Promise<void> | void)[] = [];

/** To be called after each test: stops what the test started, the newest first. */
export const tidy = async (): Promise<void> => {
  for (const stop of dispose.splice(0).reverse()) await stop();
};

/** A local Slack with this manifest. */
export const slackWith = async (
  manifest: unknown = aManifest(),
  options: Partial<SlackOptions> = {},
): Promise<RunningSlack> => {
  const dir = mkdtempSync(join(tmpdir(), 'local-slack-'));
  dispose.push(() => rmSync(dir, { recursive: true }));
  const manifestPath = join(dir, 'manifest.yml');
  writeFileSync(manifestPath, stringify(manifest));
  const slack = await startSlack({ manifestPath, ...options });
  dispose.push(slack.stop);
  return slack;
};

/** Quiet unless somebody looks for a fault in the tests themselves; what Bolt complains of here is planted. */
const ALOUD = process.env['SLACK_TEST_LOG'] !== undefined;
const silence = (): void => undefined;
const LOGGER: Logger = {
  debug: silence,
  info: silence,
  warn: silence,
  error: silence,
  setLevel: silence,
  getLevel: () => LogLevel.ERROR,
  setName: silence,
};
export const LOGGING = ALOUD ? { logLevel: LogLevel.DEBUG } : { logger: LOGGER };
/** Shorter than any test; Bolt's own default is none. */
const CALL_LIMIT_MS = 5000;

/** Bolt's own: less, and a busy machine's late answer to a ping costs the socket. */
const PING_MS = 5_000;
/** For tests that wait for a lost socket to come back: Bolt waits as long as for a ping, and a pong may be late too. */
export const SOON_BACK_MS = 2_000;

const receiver = (slack: RunningSlack, pingMs: number): Receiver =>
  new SocketModeReceiver({
    appToken: slack.appToken,
    clientPingTimeout: pingMs,
    ...LOGGING,
    installerOptions: { clientOptions: { slackApiUrl: slack.apiUrl } },
  });

/** The wrapper of facts/slack.md 1.5: several sockets given to one App. */
const fanned = (receivers: readonly Receiver[]) => ({
  init: (app: BoltApp) => {
    for (const one of receivers) one.init(app);
  },
  start: () => Promise.all(receivers.map((one) => one.start())),
  stop: () => Promise.all(receivers.map((one) => one.stop())),
});

/** The real Bolt, unmodified, connected with this many sockets. `listen` registers the handlers. */
export const boltFor = async (
  slack: RunningSlack,
  listen: (app: BoltApp) => void,
  { sockets = 1, pingMs = PING_MS }: { sockets?: number; pingMs?: number } = {},
): Promise<BoltApp> => {
  const app = new App({
    token: slack.botToken,
    receiver: fanned(Array.from({ length: sockets }, () => receiver(slack, pingMs))),
    ...LOGGING,
    clientOptions: { slackApiUrl: slack.apiUrl, retryConfig: { retries: 1 }, timeout: CALL_LIMIT_MS },
  });
  listen(app);
  await app.start();
  dispose.push(async () => {
    await app.stop();
    await slack.until('closed sockets', () => (slack.sockets() === 0 ? true : undefined), CALL_LIMIT_MS);
  });
  return app;
};

/** One raw Web API call, as the client encodes it. */
export const call = async (
  slack: RunningSlack,
  method: string,
  args: Readonly<Record<string, string>> = {},
  token = slack.botToken,
): Promise<Record<string, unknown>> => {
  const response = await fetch(slack.apiUrl + method, {
    method: 'POST',
    headers: token === '' ? {} : { authorization: `Bearer ${token}` },
    body: new URLSearchParams(args),
  });
  return (await response.json()) as Record<string, unknown>;
};

/** Posts a message as the app and gives its `ts`. */
export const posted = async (
  slack: RunningSlack,
  channel: string,
  more: Readonly<Record<string, string>> = {},
): Promise<string> => {
  const answer = await call(slack, 'chat.postMessage', { channel, text: 'hello', ...more });
  if (typeof answer['ts'] !== 'string') throw new Error(JSON.stringify(answer));
  return answer['ts'];
};
