// The program itself, told to end before it has started, or met by a mistake of ours: it stops what is up so far.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ownRedis, type PlaygroundRedis } from '../playground/redis.ts';
import { redisAddress } from '../src/store/address.ts';
import { StoreConnection } from '../src/store/connection.ts';
import { LEAST, text } from './a-configuration.ts';
import { talosconfigText } from './talos/mounted.ts';
import { aTalosAuthority } from './talos/pki.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const SOON = { timeout: 80_000, interval: 20 };

let redis: PlaygroundRedis;
const folder = mkdtempSync(join(tmpdir(), 'talos-chatops-main-'));
beforeAll(async () => {
  redis = await ownRedis();
}, 600_000);
afterAll(async () => {
  await redis?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** A Slack that takes connections and never answers: the start waits for it. */
async function silentSlack() {
  let calls = 0;
  const server = createServer((socket) => {
    calls += 1;
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { url: `http://127.0.0.1:${port}/api/`, calls: () => calls, server };
}

/** The program with this much of an environment, what it says on stderr, and how it ended. */
function run(role: string, config: string, environment: Readonly<Record<string, string>>) {
  const child: ChildProcessByStdio<null, null, Readable> = spawn(process.execPath, [MAIN, '--role', role], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      TALOS_CHATOPS_CONFIG: config,
      REDIS_URL: redis.url,
      ...environment,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => void said.push(chunk));
  // Not at its exit: its last words may still be on their way then.
  const ended = new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve) =>
    child.once('close', (code, signal) => resolve([code, signal])),
  );
  return { child, ended, said: () => said.join('') };
}

it('ends with success when it is told to while Slack has not answered yet', {
  timeout: 180_000,
}, async () => {
  const slack = await silentSlack();
  const config = join(folder, 'bot.yaml');
  writeFileSync(config, text(...LEAST), { mode: 0o600 });
  const { child, ended, said } = run('bot', config, {
    SLACK_BOT_TOKEN: 'xoxb-1-bot',
    SLACK_APP_TOKEN: 'xapp-1-app',
    SLACK_API_URL: slack.url,
  });
  try {
    await vi.waitFor(() => expect(slack.calls(), said()).toBeGreaterThan(0), SOON);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(said()).toContain('"msg":"stopping"');
  } finally {
    child.kill('SIGKILL');
    slack.server.close();
  }
});

/** How often somebody took leave of Redis; who just ends does not. */
async function goodbyes(): Promise<number> {
  const store = new StoreConnection({ address: redisAddress(redis.url) });
  try {
    const stats = await store.call((client) => client.info('commandstats'));
    return Number(/cmdstat_quit:calls=(\d+)/.exec(stats)?.[1] ?? 0);
  } finally {
    store.close();
  }
}

/** Loaded before the program: a rejection that nobody handles, as a library may leave one. */
const MISTAKE = `process.on('SIGUSR2', () => void Promise.reject(new Error('nobody handles me')))`;

it('stops its work and ends with a failure at a rejection that nobody handled', {
  timeout: 180_000,
}, async () => {
  const talos = await aTalosAuthority();
  writeFileSync(join(folder, 'talosconfig'), talosconfigText(talos.ca, await talos.client(), [1]));
  const config = join(folder, 'worker.yaml');
  writeFileSync(config, text(...LEAST), { mode: 0o600 });
  const { child, ended, said } = run('worker', config, {
    NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(MISTAKE)}`,
  });
  try {
    await vi.waitFor(() => expect(said()).toContain('"msg":"ready"'), SOON);
    const before = await goodbyes();
    child.kill('SIGUSR2');
    expect(await ended).toEqual([1, null]);
    expect(said()).toContain('nobody handles me');
    expect(await goodbyes()).toBeGreaterThan(before);
  } finally {
    child.kill('SIGKILL');
  }
});
