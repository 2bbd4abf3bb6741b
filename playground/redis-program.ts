// Finds a Redis server program on this machine, or has the distribution install one.
import { execFile } from 'node:child_process';
import { accessSync, constants, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The environment cannot give us a Redis; the message is the one sentence that says what to do. */
export class NoRedis extends Error {}

/** `as`: the name it must be started under, because the program decides by its own name what it is. */
export interface ServerProgram {
  readonly path: string;
  readonly as: 'redis-server' | 'valkey-server';
}

/**
 * In order of preference. The checkers are the server's own binary under another name (stack.md section 10),
 * and Debian's redis-tools brings the checker without a system service.
 */
const CANDIDATES = [
  { file: 'redis-server', as: 'redis-server' },
  { file: 'valkey-server', as: 'valkey-server' },
  { file: 'redis-check-rdb', as: 'redis-server' },
  { file: 'valkey-check-rdb', as: 'valkey-server' },
] as const;

/** One package with all of its dependencies over a slow line; apt waits for another apt by itself. */
const APT_LIMIT_MS = 300_000;
const HOW = 'Set REDIS_URL, or install one (Debian: apt-get install redis-tools, macOS: brew install redis)';

/** The first server on a search path like PATH, or null. */
export function findServer(searchPath: string): ServerProgram | null {
  const folders = searchPath.split(delimiter).filter((folder) => folder !== '');
  for (const { file, as } of CANDIDATES) {
    const path = folders.map((folder) => join(folder, file)).find(isExecutable);
    if (path !== undefined) return { path, as };
  }
  return null;
}

/**
 * A server program, installed when there is none: as root, where apt-get exists, saying so. Rejects with NoRedis.
 * `searchPath` is also where apt-get is looked for.
 */
export async function serverProgram(searchPath: string, say: (line: string) => void): Promise<ServerProgram> {
  const found = findServer(searchPath);
  if (found !== null) return found;
  const apt = searchPath
    .split(delimiter)
    .map((folder) => join(folder, 'apt-get'))
    .find(isExecutable);
  if (apt === undefined) throw new NoRedis(`This machine has no Redis server. ${HOW}.`);
  if (process.getuid?.() !== 0)
    throw new NoRedis(`This machine has no Redis server, and only root may install one. ${HOW}.`);
  say('This machine has no Redis server: installing the distribution’s redis-tools (apt-get).');
  // An old package list makes the first attempt fail with 404; redis-server is for distributions that package it differently.
  const attempts = [
    () => install(apt, 'redis-tools'),
    () => run(apt, ['update', '-q']).then(() => install(apt, 'redis-tools')),
    () => withoutServices(() => install(apt, 'redis-server')),
  ];
  let why = '';
  for (const attempt of attempts) {
    why = await attempt().then(
      () => '',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const installed = findServer(searchPath);
    if (installed !== null) return installed;
  }
  throw new NoRedis(
    `This machine has no Redis server and apt-get could not install one (${why.trim().slice(0, 200)}). ${HOW}.`,
  );
}

function install(apt: string, name: string): Promise<void> {
  return run(apt, ['install', '-y', '-q', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', name]);
}

/** Debian's way to say "start nothing" while a package installs; an administrator's own policy is left alone. */
async function withoutServices(work: () => Promise<void>): Promise<void> {
  const policy = '/usr/sbin/policy-rc.d';
  let ours = true;
  try {
    writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755, flag: 'wx' });
  } catch {
    ours = false;
  }
  try {
    await work();
  } finally {
    if (ours) rmSync(policy, { force: true });
  }
}

function run(program: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    execFile(
      program,
      args,
      { env, timeout: APT_LIMIT_MS, maxBuffer: 16_000_000 },
      (error, _stdout, stderr) => {
        if (error === null) resolve();
        else reject(new Error(stderr.trim().split('\n').at(-1) || error.message));
      },
    );
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
