// The two connections to Slack: what ends them, what Slack says when they are made again, and that neither ends the process.
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { type RunningSlack, startSlack } from '../../playground/slack/slack.ts';
import { boltLogger } from '../../src/bot/bolt-logger.ts';
import { CONNECTIONS, HELLO_MS, Sockets } from '../../src/bot/sockets.ts';
import { systemClock } from '../../src/clock.ts';
import type { Clock } from '../../src/engine/ports/clock.ts';
import { aLog } from '../jobs/a-log.ts';
import { MANIFEST, SOON_MS } from './rig.ts';

const SOON = { timeout: SOON_MS, interval: 10 };
vi.setConfig({ testTimeout: 4 * SOON_MS });
/** More than anybody asks before Slack is healed. */
const ALL = 100_000;

/** Nobody here waits for the pauses between two attempts; a hello may take as long as ever. */
const hasty: Clock = {
  ...systemClock,
  sleep: (ms, signal) => systemClock.sleep(ms === HELLO_MS ? ms : Math.min(ms, 10), signal),
};

const unhandled: unknown[] = [];
const note = (error: unknown): void => void unhandled.push(error);
beforeAll(() => void process.on('unhandledRejection', note));
beforeEach(() => void unhandled.splice(0));
afterAll(() => void process.off('unhandledRejection', note));

async function someSockets(): Promise<{ slack: RunningSlack; sockets: Sockets; lines: readonly string[] }> {
  const slack = await startSlack({ manifestPath: MANIFEST });
  const { log, lines } = aLog();
  const { appToken, apiUrl } = slack;
  const sockets = new Sockets({ appToken, apiUrl, logger: boltLogger(log), clock: hasty, log });
  onTestFinished(async () => {
    await sockets.stop();
    await slack.stop();
  });
  return { slack, sockets, lines };
}

const said = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => line.includes('Slack does not take a token'));

it.each([
  ['invalid_auth', 'refused'],
  ['not_authed', 'refused'],
  ['account_inactive', 'refused'],
  ['team_disabled', 'refused'],
  ['token_revoked', 'refused'],
  ['internal_error', 'unreachable'],
  ['ratelimited', 'unreachable'],
])(
  '%s, when sockets are renewed, is no unhandled rejection, and they open when it is over',
  async (error, kind) => {
    const { slack, sockets, lines } = await someSockets();
    await sockets.start();
    expect(slack.sockets()).toBe(CONNECTIONS);
    const { calls } = slack.counters();
    await slack.fault({ name: 'slack-error', method: 'apps.connections.open', count: ALL, error });
    await slack.fault({ name: 'slack-kill', sockets: 'all' });
    await vi.waitFor(() => expect(slack.counters().calls).toBeGreaterThan(calls + 3 * CONNECTIONS), SOON);
    expect(sockets.open()).toBe(0);
    expect(sockets.refusal()).toBe(kind === 'refused' ? error : null);
    expect(said(lines)).toHaveLength(kind === 'refused' ? 1 : 0);
    for (const line of said(lines)) expect(line).toMatch(/^error .*SLACK_APP_TOKEN.*/);
    await slack.fault({ name: 'slack-clear' });
    await vi.waitFor(() => expect(sockets.open()).toBe(CONNECTIONS), SOON);
    expect(slack.sockets()).toBe(CONNECTIONS);
    expect(sockets.refusal()).toBeNull();
    expect(unhandled).toEqual([]);
  },
);

it.each(['refresh_requested', 'link_disabled', 'too_many_websockets'])(
  'what Slack ends with %s is opened again, once',
  async (reason) => {
    const { slack, sockets } = await someSockets();
    await sockets.start();
    for (let round = 0; round < 3; round++) {
      const { calls } = slack.counters();
      await slack.fault({ name: 'slack-disconnect', sockets: 'all', reason });
      await vi.waitFor(() => expect(slack.counters().calls).toBe(calls + CONNECTIONS), SOON);
      await vi.waitFor(() => expect(sockets.open()).toBe(CONNECTIONS), SOON);
    }
    expect(slack.sockets()).toBe(CONNECTIONS);
    expect(unhandled).toEqual([]);
  },
);

it('a token that is refused at the start is a fault', async () => {
  const { slack, sockets } = await someSockets();
  await slack.fault({ name: 'slack-invalid-auth' });
  await expect(sockets.start()).rejects.toMatchObject({
    kind: 'refused',
    code: 'invalid_auth',
    message: expect.stringContaining('SLACK_APP_TOKEN'),
  });
  expect(sockets.open()).toBe(0);
});

it('what opens after the stop is closed', async () => {
  const { slack, sockets } = await someSockets();
  await slack.fault({ name: 'slack-slow', method: 'apps.connections.open', count: CONNECTIONS, ms: 300 });
  const starting = sockets.start();
  await vi.waitFor(() => expect(slack.counters().calls).toBe(CONNECTIONS), SOON);
  await sockets.stop();
  await starting;
  await vi.waitFor(() => expect(slack.sockets()).toBe(0), SOON);
});
