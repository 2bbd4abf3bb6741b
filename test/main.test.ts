// The program itself, told to end before it has started: it stops what is up so far, and ends well.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { ownRedis, type PlaygroundRedis } from '../playground/redis.ts';
import { LEAST, text } from './a-configuration.ts';

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const SOON = { timeout: 40_000, interval: 20 };

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

it('ends with success when it is told to while Slack has not answered yet', { timeout: 90_000 }, async () => {
  const slack = await silentSlack();
  const config = join(folder, 'bot.yaml');
  writeFileSync(config, text(...LEAST), { mode: 0o600 });
  const child = spawn(process.execPath, [MAIN, '--role', 'bot'], {
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      TALOS_CHATOPS_CONFIG: config,
      SLACK_BOT_TOKEN: 'xoxb-1-bot',
      SLACK_APP_TOKEN: 'xapp-1-app',
      SLACK_API_URL: slack.url,
      REDIS_URL: redis.url,
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const said: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => void said.push(chunk));
  const ended = new Promise<readonly [number | null, NodeJS.Signals | null]>((resolve) =>
    child.once('exit', (code, signal) => resolve([code, signal])),
  );
  try {
    await vi.waitFor(() => expect(slack.calls(), said.join('')).toBeGreaterThan(0), SOON);
    child.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(said.join('')).toContain('"msg":"stopping"');
  } finally {
    child.kill('SIGKILL');
    slack.server.close();
  }
});
