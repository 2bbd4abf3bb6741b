// How the halves of one process start: a Slack that does not answer keeps no worker from working, nor does one that refuses while
// a rollout is under way; without any, a refusal ends the process.
import { createServer } from 'node:http';
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from 'vitest';
import { MemoryDeliveries } from '../playground/doubles/deliveries.ts';
import { MemoryJournal, MemoryThreads } from '../playground/doubles/store.ts';
import { ownRedis, type PlaygroundRedis } from '../playground/redis.ts';
import { type App, startApp } from '../src/app.ts';
import { systemClock } from '../src/clock.ts';
import { Fault } from '../src/engine/ports/fault.ts';
import type { DueLook } from '../src/engine/ports/journal.ts';
import { redisAddress } from '../src/store/address.ts';
import { aPolicy } from './builders/plan.ts';
import { aLog } from './jobs/a-log.ts';

const SOON = { timeout: 20_000, interval: 20 };
vi.setConfig({ testTimeout: 60_000 });

let redis: PlaygroundRedis;
beforeAll(async () => {
  redis = await ownRedis();
}, 600_000);
afterAll(() => redis?.stop());

/** A Slack that answers every call with this error, or says nothing: where it is. */
async function aSlack(error: string | null): Promise<string> {
  const server = createServer((_request, response) => {
    if (error === null) return response.destroy();
    response.writeHead(200, { 'content-type': 'application/json' });
    return response.end(JSON.stringify({ ok: false, error }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/api/`;
}

/** Counts how often it was asked for due rollouts. */
class CountingJournal extends MemoryJournal {
  sweeps = 0;
  /** The rollout that has the cluster; null for none, an error while the store is away. */
  claim: string | null | Error = null;

  override async claimOf(): Promise<string | null> {
    if (this.claim instanceof Error) throw this.claim;
    return this.claim;
  }

  override due(clusters: readonly string[], limit: number): Promise<readonly DueLook[]> {
    this.sweeps += 1;
    return super.due(clusters, limit);
  }
}

async function started(role: 'all' | 'bot', error: string | null, claim: CountingJournal['claim'] = null) {
  const { log, lines } = aLog();
  const journal = new CountingJournal(systemClock);
  journal.claim = claim;
  const app: App = startApp({
    slack: { botToken: 'xoxb-1-x', appToken: 'xapp-1-x', apiUrl: await aSlack(error) },
    clusters: [{ name: 'prod', channel: 'C1', policy: aPolicy() }],
    works: role === 'all' ? new Map() : null,
    journal,
    deliveries: new MemoryDeliveries(systemClock, journal),
    threads: new MemoryThreads(systemClock, journal),
    queues: { connection: redisAddress(redis.url), prefix: `app-${role}` },
    clock: systemClock,
    log,
    pollMs: 50,
  });
  return { app, lines, journal, sweeps: () => journal.sweeps };
}

it.each([null, 'internal_error'])('works while Slack answers %s, and goes on asking it', async (error) => {
  const { app, lines, sweeps } = await started('all', error);
  await vi.waitFor(() => expect(sweeps()).toBeGreaterThan(1), SOON);
  const asked = (): readonly string[] => lines.filter((line) => line.includes('Slack does not answer'));
  await vi.waitFor(() => expect(asked().length).toBeGreaterThan(1), SOON);
  expect(app.trouble()).toBe('no socket to Slack is open');
  expect(lines.join()).not.toContain('info ready');
  await app.stop();
  await app.started;
});

it.each([
  ['a rollout is under way', 'r1'],
  ['the store does not say whether one is', new Fault('unreachable', 'Redis does not answer.')],
])('works on while Slack refuses its token and %s; ends once it is over', async (_, claim) => {
  const { app, lines, journal, sweeps } = await started('all', 'account_inactive', claim);
  const over = expect(app.started).rejects.toMatchObject({ kind: 'refused', code: 'account_inactive' });
  const said = (): readonly string[] => lines.filter((line) => line.includes('Slack does not take a token'));
  await vi.waitFor(() => expect(said().length).toBeGreaterThan(1), SOON);
  expect(said()[0]).toMatch(/^error .*rollouts go on.*SLACK_BOT_TOKEN.*account_inactive/);
  await vi.waitFor(() => expect(sweeps()).toBeGreaterThan(1), SOON);
  expect(app.trouble()).toBe('no socket to Slack is open');
  journal.claim = null;
  await over;
});

it.each([
  ['all', null],
  ['bot', null],
  ['bot', 'r1'],
] as const)(
  'as %s ends when Slack refuses its token and it has no rollout in hand (of others: %s), and nothing works on',
  async (role, claim) => {
    const { app, sweeps } = await started(role, 'invalid_auth', claim);
    await expect(app.started).rejects.toMatchObject({ kind: 'refused', code: 'invalid_auth' });
    const before = sweeps();
    await app.stop();
    expect(sweeps()).toBe(before);
  },
);

it('as bot goes on asking as well, and ends as soon as it is told to', async () => {
  const { app, lines } = await started('bot', null);
  await vi.waitFor(() => expect(lines.join()).toContain('Slack does not answer'), SOON);
  await app.stop();
  await app.started;
  expect(app.trouble()).toBe('no socket to Slack is open');
});
