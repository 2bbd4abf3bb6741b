// Runs the real bot as a child process that cannot reach anything real: a scrubbed environment and an empty home.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { hears, type Role } from '../src/config-role.ts';

export interface BotSettings {
  /** Its name among the processes of a stage. */
  readonly name: string;
  readonly role: Role;
  /** A folder of this run: home and configuration lie in it. */
  readonly folder: string;
  /** The configuration file's text. */
  readonly config: string;
  readonly slack: { readonly apiUrl: string; readonly botToken: string; readonly appToken: string };
  readonly redisUrl: string;
  /** The pod it is told that it is. */
  readonly ownPod?: { readonly namespace: string; readonly name: string };
  /** Node's flags; by default only what keeps it quiet. */
  readonly flags?: readonly string[];
  /** More of its environment. */
  readonly environment?: Readonly<Record<string, string>>;
  /** Told every line the bot logs. */
  readonly onLine: (line: string) => void;
  /** Told when the bot ends without having been asked to. */
  readonly onDeath: (code: number | null) => void;
}

export interface BotProcess {
  readonly pid: number;
  /** How it signs its facts. */
  readonly owner: string;
  /** Ends it as an orchestrator would; resolves when it is gone. */
  stop(): Promise<void>;
  /** kill -9; resolves when it is gone. */
  kill(): Promise<void>;
}

const MAIN = fileURLToPath(new URL('../src/main.ts', import.meta.url));
/** grpc-js names an IP address as the TLS server; Node warns about it at every start, and nothing is wrong (talos-api.md 1.4). */
const NODE_FLAGS = ['--disable-warning=DEP0123'];
/** Becomes the bot; the end of our end of the pipe, also by kill -9, ends the bot. */
const DIE_WITH_PARENT = '(read -r _ <&3; kill -9 $$) >/dev/null 2>&1 & exec "$@" 3<&-';
/** Starting takes about a second; the rest is for a busy machine. */
const START_LIMIT_MS = 30_000;
/** The bot waits 15 s for acts in flight, and some for Slack; after that it is killed, as Kubernetes does it. */
const STOP_LIMIT_MS = 30_000;

/** Resolves when the bot says it is ready; rejects with its last lines when it ends before. */
export async function startBotProcess(settings: BotSettings): Promise<BotProcess> {
  const home = join(settings.folder, 'home');
  mkdirSync(home, { recursive: true });
  const config = join(settings.folder, `${settings.name}.yaml`);
  writeFileSync(config, settings.config, { mode: 0o600 });
  const command = [process.execPath, ...(settings.flags ?? NODE_FLAGS), MAIN, '--role', settings.role];
  const child = spawn('/bin/sh', ['-c', DIE_WITH_PARENT, 'sh', ...command], {
    cwd: settings.folder,
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: home,
      TALOS_CHATOPS_CONFIG: config,
      ...(hears(settings.role) ? tokensOf(settings) : {}),
      REDIS_URL: settings.redisUrl,
      LOG_LEVEL: 'info',
      ...settings.environment,
      ...(settings.ownPod === undefined
        ? {}
        : { POD_NAMESPACE: settings.ownPod.namespace, POD_NAME: settings.ownPod.name }),
    },
    stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
  });
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  let asked = false;
  const owner = await ready(child, settings.onLine);
  child.once('exit', (code) => {
    if (!asked) settings.onDeath(code);
  });
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    asked = true;
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await gone;
    clearTimeout(timer);
  };
  return { pid: child.pid ?? 0, owner, stop: () => end('SIGTERM'), kill: () => end('SIGKILL') };
}

function tokensOf({ slack }: BotSettings): Readonly<Record<string, string>> {
  return {
    SLACK_BOT_TOKEN: slack.botToken,
    SLACK_APP_TOKEN: slack.appToken,
    SLACK_API_URL: slack.apiUrl,
  };
}

/** Resolves with how it signs its facts. */
function ready(child: ChildProcess, onLine: (line: string) => void): Promise<string> {
  const last: string[] = [];
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new Error(`the bot was not ready within ${START_LIMIT_MS / 1000} s`)),
      START_LIMIT_MS,
    );
    let rest = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      const lines = `${rest}${chunk}`.split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        onLine(line);
        last.push(line);
        if (last.length > 20) last.shift();
        if (line.includes('"msg":"ready"')) {
          clearTimeout(timer);
          resolve(/"owner":"([^"]+)"/.exec(line)?.[1] ?? '');
        }
      }
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`the bot ended with code ${code ?? 'none'}:\n${[...last, rest].join('\n')}`));
    });
  });
}
