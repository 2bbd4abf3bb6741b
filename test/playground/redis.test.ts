// The Redis of demo and tests: found, installed, private, and gone when it should be.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { bringRedis, ownRedis, type PlaygroundRedis } from '../../playground/redis.ts';
import { findServer, serverProgram } from '../../playground/redis-program.ts';
import { redisAddress } from '../../src/store/address.ts';
import { StoreConnection } from '../../src/store/connection.ts';

const CHECKER = '/usr/bin/redis-check-rdb';
const cleaning: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleaning.splice(0).reverse()) await clean();
});

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'talos-chatops-test-'));
  cleaning.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

function aProgram(folder: string, name: string, script = 'exit 0'): void {
  writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, name), 0o755);
}

function aStore(redis: PlaygroundRedis): StoreConnection {
  const store = new StoreConnection({ address: redisAddress(redis.url) });
  cleaning.push(() => store.close());
  return store;
}

describe('finding a server', () => {
  it.each([
    [['redis-server', 'valkey-server', 'redis-check-rdb'], 'redis-server', 'redis-server'],
    [['valkey-server', 'redis-check-rdb'], 'valkey-server', 'valkey-server'],
    [['redis-check-rdb', 'valkey-check-rdb'], 'redis-check-rdb', 'redis-server'],
    [['valkey-check-rdb'], 'valkey-check-rdb', 'valkey-server'],
  ])('takes of %j the program %s and starts it as %s', (present, file, as) => {
    const folder = aFolder();
    for (const name of present) aProgram(folder, name);
    expect(findServer(`/nowhere::${folder}`)).toEqual({ path: join(folder, file), as });
  });

  it('says in one sentence what to do where there is neither a server nor apt-get', async () => {
    const sentence = /^This machine has no Redis server\. Set REDIS_URL, or install one .*\.$/;
    await expect(serverProgram(aFolder(), () => {})).rejects.toThrow(sentence);
  });

  it.skipIf(process.getuid?.() !== 0)(
    'has the distribution install one, refreshing an old package list, and says so',
    async () => {
      const folder = aFolder();
      const brought = `cp ${join(folder, 'apt-get')} ${join(folder, 'redis-check-rdb')}`;
      aProgram(
        folder,
        'apt-get',
        `case "$1" in update) touch ${folder}/fresh;; install) [ -e ${folder}/fresh ] && ${brought} || exit 100;; esac`,
      );
      const said: string[] = [];
      const path = `${folder}:/nowhere`;
      // The fake apt-get itself needs touch and cp.
      vi.stubEnv('PATH', '/usr/bin:/bin');
      cleaning.push(() => vi.unstubAllEnvs());
      expect(await serverProgram(path, (line) => said.push(line))).toEqual({
        path: join(folder, 'redis-check-rdb'),
        as: 'redis-server',
      });
      expect(said).toEqual([expect.stringContaining('installing the distribution’s redis-tools')]);
    },
  );

  it.skipIf(!existsSync(CHECKER))('starts the checker of redis-tools as the server that it is', async () => {
    const folder = aFolder();
    symlinkSync(CHECKER, join(folder, 'redis-check-rdb'));
    const redis = await ownRedis({ env: { PATH: folder } });
    cleaning.push(() => redis.stop());
    expect(await aStore(redis).call((client) => client.ping())).toBe('PONG');
  });
});

describe('a private server', () => {
  it('is a system of record: AOF at every write, no eviction, no port', async () => {
    const redis = await ownRedis();
    cleaning.push(() => redis.stop());
    const store = aStore(redis);
    const setting = async (name: string) =>
      ((await store.call((client) => client.config('GET', name))) as string[])[1];
    expect(await Promise.all(['appendonly', 'appendfsync', 'maxmemory-policy', 'port'].map(setting))).toEqual(
      ['yes', 'always', 'noeviction', '0'],
    );
  });

  it('keeps what was written across kill -9 and restart, and is gone after stop', async () => {
    const redis = await ownRedis();
    cleaning.push(() => redis.stop());
    await aStore(redis).call((client) => client.set('a', '1'));
    await redis.kill();
    await redis.kill();
    await redis.restart();
    expect(await aStore(redis).call((client) => client.get('a'))).toBe('1');
    await redis.stop();
    await redis.stop();
    expect(existsSync(dirname(redisAddress(redis.url).path ?? ''))).toBe(false);
  });

  it.each(['SIGKILL', 'SIGTERM', 'SIGINT'] as const)(
    'dies with the process that started it, also by %s',
    { timeout: 20_000 },
    async (signal) => {
      const holder = spawn(process.execPath, [join(import.meta.dirname, 'hold-redis.ts')], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      cleaning.push(() => holder.kill('SIGKILL'));
      const [line] = await once(holder.stdout, 'data');
      const { path = '' } = redisAddress(String(line).trim());
      const store = new StoreConnection({ address: { path } });
      cleaning.push(() => store.close());
      const info = await store.call((client) => client.info('server'));
      const pid = Number(/process_id:(\d+)/.exec(info)?.[1]);
      holder.kill(signal);
      await vi.waitFor(() => expect([isRunning(pid), existsSync(dirname(path))]).toEqual([false, false]), {
        timeout: 10_000,
      });
    },
  );

  it('does not meet another one', async () => {
    const [one, two] = await Promise.all([ownRedis(), ownRedis()]);
    cleaning.push(() => Promise.all([one.stop(), two.stop()]));
    expect(one.url).not.toBe(two.url);
    expect(one.prefix).not.toBe(two.prefix);
  });
});

describe('a Redis that REDIS_URL names', () => {
  it('is used under a random prefix, and loses only the keys under it', async () => {
    const lender = await ownRedis();
    cleaning.push(() => lender.stop());
    const [one, two] = [
      await bringRedis({ env: { REDIS_URL: lender.url } }),
      await bringRedis({ env: { REDIS_URL: lender.url } }),
    ];
    expect(one).toMatchObject({ own: false, url: lender.url });
    expect(one.prefix).not.toBe(two.prefix);
    const store = aStore(lender);
    const ours = [`${one.prefix}:{prod}:journal:r1`, `{${one.prefix}}:bull:bells:1`];
    const others = [`${two.prefix}:{prod}:journal:r1`, 'cart:{7}', `x${one.prefix}:{prod}:claim`, 'session'];
    for (const key of [...ours, ...others]) await store.call((client) => client.set(key, '1'));
    await one.stop();
    const left = await store.call((client) => client.keys('*'));
    expect(left.sort()).toEqual([...others].sort());
  });

  it('is never killed, frozen or restarted', async () => {
    const lender = await ownRedis();
    cleaning.push(() => lender.stop());
    const borrowed = await bringRedis({ env: { REDIS_URL: lender.url } });
    await expect(borrowed.kill()).rejects.toThrow('only a private Redis');
    await expect(borrowed.restart()).rejects.toThrow('only a private Redis');
    expect(() => borrowed.freeze()).toThrow('only a private Redis');
  });
});

/** False also for a process that ended and was not yet collected by its parent. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return !existsSync(`/proc/${pid}/stat`) || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}
