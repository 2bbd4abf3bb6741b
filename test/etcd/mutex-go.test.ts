// The upgrade mutex against etcd's own Go client, which is what Talos takes it with.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { aTaker, bounded } from './asking.ts';
import { anEtcdCluster, type EtcdCluster, withoutEtcd } from './etcd-cluster.ts';
import { keysOf, limit, PREFIX, patience, taken } from './mutex-seen.ts';

const withoutEtcdctl = withoutEtcd ?? findEtcdctl();

function findEtcdctl(): string | null {
  try {
    execFileSync('etcdctl', ['version'], { stdio: 'ignore', timeout: 10_000 });
    return null;
  } catch {
    return 'no etcdctl on PATH (Debian: etcd-client)';
  }
}

/** etcd's own command, which takes the mutex with the same Go code as Talos. */
async function goLock(cluster: EtcdCluster): Promise<{ readonly child: ChildProcess; says(): string }> {
  const folder = await mkdtemp(join(tmpdir(), 'talos-chatops-etcdctl-'));
  const files = {
    'ca.crt': cluster.credentials.ca,
    crt: cluster.credentials.crt,
    key: cluster.credentials.key,
  };
  for (const [name, text] of Object.entries(files))
    await writeFile(join(folder, name), text, { mode: 0o600 });
  const flags = [
    `--endpoints=https://127.0.0.2:${cluster.portOf('cp-2')}`,
    `--cacert=${join(folder, 'ca.crt')}`,
    `--cert=${join(folder, 'crt')}`,
    `--key=${join(folder, 'key')}`,
  ];
  const env = { PATH: process.env['PATH'] ?? '', ETCDCTL_API: '3' };
  const child = spawn('etcdctl', [...flags, 'lock', '--ttl=60', PREFIX.slice(0, -1)], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let said = '';
  child.stdout.on('data', (bytes: Buffer) => {
    said += bytes.toString();
  });
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });
  return { child, says: () => said.trim() };
}

describe.skipIf(withoutEtcdctl)(
  `the Go client${withoutEtcdctl === null ? '' : ` (skipped: ${withoutEtcdctl})`}`,
  limit,
  () => {
    it('keeps us out while it holds the mutex, and lets us in when it is done', async () => {
      const cluster = await anEtcdCluster();
      const go = await goLock(cluster);
      await vi.waitFor(() => expect(go.says()).toMatch(/^talos:v1:etcdUpgradeMutex\/[0-9a-f]+$/), patience);
      const mutex = aTaker(cluster);
      const reply = await bounded(mutex.tryTake(cluster.members));
      expect(reply).toEqual({ kind: 'held-elsewhere', holder: go.says().slice(PREFIX.length) });
      expect((await keysOf(cluster)).map(({ key }) => key)).toEqual([go.says()]);
      go.child.kill('SIGINT');
      const hold = await vi.waitFor(() => taken(mutex, cluster), patience);
      expect(hold.holds()).toBe(true);
    });

    it('waits while we hold the mutex, and has it when we release', async () => {
      const cluster = await anEtcdCluster();
      const hold = await taken(aTaker(cluster), cluster);
      const go = await goLock(cluster);
      await vi.waitFor(async () => expect(await keysOf(cluster)).toHaveLength(2), patience);
      expect(go.says()).toBe('');
      await bounded(hold.release());
      await vi.waitFor(() => expect(go.says()).toMatch(/^talos:v1:etcdUpgradeMutex\//), patience);
      expect((await keysOf(cluster)).map(({ key }) => key)).toEqual([go.says()]);
    });
  },
);
