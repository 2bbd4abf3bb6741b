// Brings a real Redis for the demo and the tests: the one that REDIS_URL names, or a private server that dies with this process.

import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { StoreConnection } from '../src/store/connection.ts';
import { inspectStore, refuseForeignJournal } from '../src/store/guard.ts';
import { redisPlace } from '../src/store/place.ts';
import { folderForData } from './memory-folder.ts';
import { NoRedis, serverProgram } from './redis-program.ts';

export interface PlaygroundRedis {
  /** For REDIS_URL of whoever shall use it: `redis+unix:///…` when it is ours. A secret when it is not. */
  readonly url: string;
  /** Random per run: two runs on one Redis do not meet. */
  readonly prefix: string;
  /** True for a private server; only those can be killed, frozen and restarted. */
  readonly own: boolean;
  /** kill -9, as a power cut would; what was appended is on disk. Resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts again on the same files, ending the server first when it still runs. Resolves when it answers. */
  restart(): Promise<void>;
  /** Stops it from answering without closing a connection, and lets it go on. */
  freeze(): void;
  thaw(): void;
  /** Ends and removes what is ours: the server and its folder, or the keys under our prefix. Never FLUSH. Idempotent. */
  stop(): Promise<void>;
}

export interface BringOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Where things worth knowing are said; default stderr. */
  readonly say?: (line: string) => void;
}

/** Prefixes of playground runs; a journal under any other prefix belongs to a real bot. */
const PREFIX = 'playground-';
/** Starting takes 20 ms (stack.md section 3); the rest is for a busy machine and a long file to load. */
const START_LIMIT_MS = 15_000;
/** A server that is told to end writes nothing more and is gone in 6 ms; after this it is killed. */
const END_LIMIT_MS = 5_000;
const ASK_EVERY_MS = 10;
/** Keys per round trip, and round trips at most, when cleaning up on somebody's Redis: one run makes some thousand keys. */
const SCAN_COUNT = 500;
const MOST_SCANS = 10_000;

/** REDIS_URL when it is set, else a private server. Rejects with NoRedis, whose message says what a person can do. */
export async function bringRedis(options: BringOptions = {}): Promise<PlaygroundRedis> {
  const env = options.env ?? process.env;
  const url = env['REDIS_URL'] ?? '';
  return url === '' ? ownRedis(options) : borrowedRedis(url);
}

/** A private server whatever REDIS_URL says: for tests that kill it. */
export async function ownRedis(options: BringOptions = {}): Promise<PlaygroundRedis> {
  const env = options.env ?? process.env;
  const say = options.say ?? ((line: string) => process.stderr.write(`${line}\n`));
  const program = await serverProgram(env['PATH'] ?? '', say);
  const folder = mkdtempSync(join(folderForData(), 'talos-chatops-redis-'));
  const server = new OwnServer(folder, join(folder, program.as));
  symlinkSync(program.path, server.program);
  try {
    await server.start();
  } catch (error) {
    await server.stop();
    throw error;
  }
  return {
    url: server.url,
    prefix: newPrefix(),
    own: true,
    kill: () => server.end('SIGKILL'),
    restart: async () => {
      await server.end('SIGTERM');
      await server.start();
    },
    freeze: () => server.signal('SIGSTOP'),
    thaw: () => server.signal('SIGCONT'),
    stop: () => server.stop(),
  };
}

async function borrowedRedis(url: string): Promise<PlaygroundRedis> {
  const prefix = newPrefix();
  await withStore(url, async (store) => {
    const fitness = await inspectStore(store);
    if (fitness.kind === 'unfit') throw new NoRedis(fitness.sentence);
    const foreign = await refuseForeignJournal(store, (found) => found.startsWith(PREFIX));
    if (foreign !== null) throw new NoRedis(foreign);
  });
  const notOurs = (): never => {
    throw new Error('only a private Redis may be killed, frozen or restarted');
  };
  return {
    url,
    prefix,
    own: false,
    kill: async () => notOurs(),
    restart: async () => notOurs(),
    freeze: notOurs,
    thaw: notOurs,
    stop: () => withStore(url, (store) => removeOurKeys(store, prefix)),
  };
}

/** The store's keys and BullMQ's, by prefix. Looks at a bounded number of keys: on a huge Redis some of ours may stay behind. */
async function removeOurKeys(store: StoreConnection, prefix: string): Promise<void> {
  const ours = (key: string): boolean => key.startsWith(`${prefix}:`) || key.startsWith(`{${prefix}}:`);
  await store.eachMaster(async ({ redis }) => {
    let cursor = '0';
    for (let scans = 0; scans < MOST_SCANS; scans++) {
      const [next, keys] = await redis.scan(cursor, 'MATCH', `*${prefix}*`, 'COUNT', SCAN_COUNT);
      // One by one: in a Cluster they lie in different slots.
      await Promise.all(keys.filter(ours).map((key) => redis.unlink(key)));
      if (next === '0') return;
      cursor = next;
    }
  });
}

async function withStore<T>(url: string, work: (store: StoreConnection) => Promise<T>): Promise<T> {
  const store = new StoreConnection({ address: redisPlace(url) });
  try {
    return await work(store);
  } finally {
    store.close();
  }
}

function newPrefix(): string {
  return `${PREFIX}${randomBytes(6).toString('hex')}`;
}

/**
 * Starts the server in place of the shell, with a guard beside it: the guard reads from a pipe whose other end only this process
 * holds. A line means that the server ended in good order; the end of the pipe means that this process is gone, however it went,
 * and the guard kills the server by its id and removes its folder.
 */
const GUARDED = '(read -r _ <&3 || { kill -9 $$; rm -rf "$0"; }) & exec "$@" 3<&-';

/** Starts a program whose life ends with ours, and with it its folder. It keeps no event loop running. */
export function spawnGuarded(folder: string, program: string, settings: readonly string[]): ChildProcess {
  // Detached: Ctrl-C reaches the whole process group, and the server must outlive the bot's last words.
  const child = spawn('/bin/sh', ['-c', GUARDED, folder, program, ...settings], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    detached: true,
    env: {},
  });
  const guard = child.stdio[3];
  child.once('exit', () => {
    if (guard !== null && guard !== undefined && 'end' in guard) guard.end('ended\n');
  });
  child.unref();
  if (guard !== null && guard !== undefined && 'unref' in guard && typeof guard.unref === 'function')
    guard.unref();
  return child;
}

/** One server in one folder, started and ended any number of times. */
class OwnServer {
  readonly folder: string;
  readonly program: string;
  readonly url: string;
  #child: ChildProcess | null = null;
  /** A folder without a server has no guard to remove it. */
  readonly #leave = (): void => {
    if (this.#child === null) rmSync(this.folder, { recursive: true, force: true });
  };

  constructor(folder: string, program: string) {
    this.folder = folder;
    this.program = program;
    this.url = `redis+unix://${join(folder, 'redis.sock')}`;
    process.once('exit', this.#leave);
  }

  async start(): Promise<void> {
    const { folder } = this;
    const settings = [
      // A socket in a folder that only this user may enter: no port to collide with, no password to leak.
      ...['--port', '0', '--unixsocket', join(folder, 'redis.sock'), '--unixsocketperm', '700'],
      ...['--dir', folder, '--logfile', join(folder, 'redis.log'), '--daemonize', 'no'],
      ...['--appendonly', 'yes', '--appendfsync', 'always', '--save', '', '--maxmemory-policy', 'noeviction'],
    ];
    const child = spawnGuarded(folder, this.program, settings);
    this.#child = child;
    child.once('exit', () => {
      if (this.#child === child) this.#child = null;
    });
    await this.#untilItAnswers(child);
  }

  signal(signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child?.kill(signal);
  }

  /** Resolves when the process is gone; one that does not end is killed. */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    child.ref();
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), END_LIMIT_MS);
    await gone;
    clearTimeout(late);
  }

  async stop(): Promise<void> {
    this.signal('SIGCONT');
    await this.end('SIGTERM');
    process.off('exit', this.#leave);
    rmSync(this.folder, { recursive: true, force: true });
  }

  async #untilItAnswers(child: ChildProcess): Promise<void> {
    const deadline = performance.now() + START_LIMIT_MS;
    await withStore(this.url, async (store) => {
      while (performance.now() < deadline) {
        if (child.exitCode !== null || child.signalCode !== null) break;
        const answered = await store.call((redis) => redis.ping()).catch(() => '');
        if (answered === 'PONG') return;
        await pause(ASK_EVERY_MS);
      }
      throw new NoRedis(
        `The private Redis server did not start within ${START_LIMIT_MS / 1_000} s; its log is ${this.folder}/redis.log.`,
      );
    });
  }
}
