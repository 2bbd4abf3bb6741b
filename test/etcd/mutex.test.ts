// Talos's upgrade mutex in a real etcd: who holds it, how it lies there, and when it is no longer ours.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { MutexHold, UpgradeMutex } from '../../src/engine/ports/upgrade-mutex.ts';
import { aTaker, bounded, HandClock, titled } from './asking.ts';
import { anEtcdCluster, type EtcdCluster, withoutEtcd } from './etcd-cluster.ts';

const PREFIX = 'talos:v1:etcdUpgradeMutex/';
const patience = { timeout: 15_000, interval: 50 };

/** Takes it, or says what came instead. */
async function taken(mutex: UpgradeMutex, cluster: EtcdCluster): Promise<MutexHold> {
  const reply = await bounded(mutex.tryTake(cluster.members));
  if (reply.kind !== 'taken') throw new Error(`the mutex is held by ${reply.holder}`);
  return reply.hold;
}

/** The keys below the mutex's prefix, as anybody sees them, oldest first. */
async function keysOf(cluster: EtcdCluster, through = 'cp-1') {
  const { kvs } = await cluster.plain(through).getAll().prefix(PREFIX).sort('Create', 'Ascend').exec();
  return kvs.map((kv) => ({ key: kv.key.toString(), value: kv.value.toString(), lease: kv.lease }));
}

async function leasesOf(cluster: EtcdCluster): Promise<readonly string[]> {
  const { leases } = await cluster.plain('cp-1').leaseClient.leaseLeases();
  return leases.map(({ ID }) => ID);
}

describe.skipIf(withoutEtcd)(titled('the upgrade mutex'), () => {
  it('lies in etcd as the Go client of Talos lays it down', async () => {
    const cluster = await anEtcdCluster();
    const hold = await taken(aTaker(cluster), cluster);
    const [lease = ''] = await leasesOf(cluster);
    expect(hold.holder).toMatch(/^[1-9a-f][0-9a-f]*$/);
    expect(BigInt(`0x${hold.holder}`).toString()).toBe(lease);
    expect(await keysOf(cluster)).toEqual([{ key: `${PREFIX}${hold.holder}`, value: '', lease }]);
    const { grantedTTL } = await cluster.plain('cp-1').leaseClient.leaseTimeToLive({ ID: lease });
    expect(grantedTTL).toBe('60');
  });

  it('is held by one: the other learns by whom, and leaves no key and no lease', async () => {
    const cluster = await anEtcdCluster();
    const [ann, ben] = [aTaker(cluster), aTaker(cluster)];
    const hold = await taken(ann, cluster);
    expect(await bounded(ben.tryTake(cluster.members))).toEqual({
      kind: 'held-elsewhere',
      holder: hold.holder,
    });
    expect((await keysOf(cluster)).map(({ key }) => key)).toEqual([`${PREFIX}${hold.holder}`]);
    expect(await leasesOf(cluster)).toHaveLength(1);
    expect(hold.holds()).toBe(true);
    expect(await bounded(hold.release())).toEqual({ kind: 'released' });
    expect(hold.holds()).toBe(false);
    expect(await keysOf(cluster)).toEqual([]);
    expect(await leasesOf(cluster)).toEqual([]);
    expect((await taken(ben, cluster)).holds()).toBe(true);
    // Releasing again is harmless, also to whoever has it now.
    expect(await bounded(hold.release())).toEqual({ kind: 'released' });
    expect(await keysOf(cluster)).toHaveLength(1);
  });

  it('is held by exactly one of many who try at the same moment', async () => {
    const cluster = await anEtcdCluster();
    const replies = await bounded(
      Promise.all(Array.from({ length: 8 }, () => aTaker(cluster).tryTake(cluster.members))),
    );
    const holders = replies.flatMap((reply) => (reply.kind === 'taken' ? [reply.hold.holder] : []));
    expect(holders).toHaveLength(1);
    for (const reply of replies) {
      if (reply.kind === 'held-elsewhere') expect(reply.holder).not.toBe('');
    }
    expect((await keysOf(cluster)).map(({ key }) => key)).toEqual([`${PREFIX}${holders[0]}`]);
    expect(await leasesOf(cluster)).toHaveLength(1);
  });

  it('stays held beyond its TTL while it is renewed, also when the member it was taken through is gone', async () => {
    const cluster = await anEtcdCluster();
    const hold = await taken(aTaker(cluster, { ttlSeconds: 4 }), cluster);
    await cluster.kill('cp-1');
    const since = performance.now();
    await vi.waitFor(() => expect(performance.now() - since).toBeGreaterThan(6_000), patience);
    expect(hold.holds()).toBe(true);
    expect((await keysOf(cluster, 'cp-2')).map(({ key }) => key)).toEqual([`${PREFIX}${hold.holder}`]);
  });

  it('is free again when its holder is no more and the lease has expired', async () => {
    const cluster = await anEtcdCluster();
    const [gone, next] = [aTaker(cluster, { ttlSeconds: 2 }), aTaker(cluster)];
    await taken(gone, cluster);
    await gone.close();
    expect(await bounded(next.tryTake(cluster.members))).toMatchObject({ kind: 'held-elsewhere' });
    const hold = await vi.waitFor(() => taken(next, cluster), patience);
    expect(hold.holds()).toBe(true);
  });
});

describe.skipIf(withoutEtcd)(titled('a mutex that is lost'), () => {
  it('is given up by our own clock while etcd would still keep it', async () => {
    const cluster = await anEtcdCluster();
    const clock = new HandClock();
    const hold = await taken(aTaker(cluster, { clock }), cluster);
    await cluster.freeze('cp-1', 'cp-2', 'cp-3');
    clock.wind(58_000);
    expect(hold.holds()).toBe(true);
    expect(hold.lost.aborted).toBe(false);
    clock.wind(1_500);
    expect(hold.holds()).toBe(false);
    expect(hold.lost.aborted).toBe(true);
    cluster.thaw('cp-1', 'cp-2', 'cp-3');
    await cluster.untilServed('cp-1');
    expect((await keysOf(cluster)).map(({ key }) => key)).toEqual([`${PREFIX}${hold.holder}`]);
    // Renewing does not go on, and what is left can still be put away.
    expect(await bounded(hold.release())).toEqual({ kind: 'released' });
    expect(await keysOf(cluster)).toEqual([]);
  });

  it('is noticed without being asked', async () => {
    const cluster = await anEtcdCluster();
    const clock = new HandClock();
    const hold = await taken(aTaker(cluster, { clock }), cluster);
    await cluster.freeze('cp-1', 'cp-2', 'cp-3');
    clock.wind(59_500);
    await vi.waitFor(() => expect(hold.lost.aborted).toBe(true), patience);
  });

  it('counts from each renewal anew', async () => {
    const cluster = await anEtcdCluster();
    const clock = new HandClock();
    const hold = await taken(aTaker(cluster, { clock }), cluster);
    const ID = BigInt(`0x${hold.holder}`).toString();
    const left = async () => Number((await cluster.plain('cp-1').leaseClient.leaseTimeToLive({ ID })).TTL);
    await vi.waitFor(async () => expect(await left()).toBeLessThan(59), patience);
    clock.wind(20_000);
    await vi.waitFor(async () => expect(await left()).toBeGreaterThanOrEqual(59), patience);
    clock.wind(50_000);
    expect(hold.holds()).toBe(true);
  });

  it('is noticed at the next renewal when somebody revoked its lease', async () => {
    const cluster = await anEtcdCluster();
    const clock = new HandClock();
    const hold = await taken(aTaker(cluster, { clock }), cluster);
    await cluster.plain('cp-2').leaseClient.leaseRevoke({ ID: BigInt(`0x${hold.holder}`).toString() });
    expect(hold.holds()).toBe(true);
    clock.wind(20_000);
    await vi.waitFor(() => expect(hold.holds()).toBe(false), patience);
    expect(await bounded(hold.release())).toEqual({ kind: 'released' });
  });

  it('expires by itself when nobody can take it back', async () => {
    const cluster = await anEtcdCluster();
    const hold = await taken(aTaker(cluster, { clock: new HandClock() }), cluster);
    await cluster.kill('cp-1', 'cp-2', 'cp-3');
    const release = await bounded(hold.release());
    expect(release).toEqual({ kind: 'expires', withinMs: 60_000, why: 'etcd on cp-3 refuses connections.' });
    expect(hold.holds()).toBe(false);
  });
});

describe.skipIf(withoutEtcd)(titled('trying to take the mutex'), () => {
  it('goes through another member when the first is frozen', async () => {
    const cluster = await anEtcdCluster();
    await cluster.freeze('cp-1');
    await cluster.untilServed('cp-2', 'cp-3');
    const hold = await taken(aTaker(cluster), cluster);
    expect((await keysOf(cluster, 'cp-2')).map(({ key }) => key)).toEqual([`${PREFIX}${hold.holder}`]);
  });

  it.each(['kill', 'freeze'] as const)(
    'throws a fault in time when two of three are gone (%s)',
    async (how) => {
      const cluster = await anEtcdCluster();
      await cluster[how]('cp-1', 'cp-2');
      const trying = bounded(aTaker(cluster).tryTake(cluster.members));
      await expect(trying).rejects.toBeInstanceOf(Fault);
      await expect(trying).rejects.toMatchObject({ kind: 'busy' });
    },
  );

  it('is refused without the right certificate', async () => {
    const cluster = await anEtcdCluster();
    const credentials = await cluster.authority.credentials({ expired: true });
    await expect(bounded(aTaker(cluster, { credentials }).tryTake(cluster.members))).rejects.toMatchObject({
      kind: 'refused',
    });
    await expect(bounded(aTaker(cluster).tryTake([]))).rejects.toBeInstanceOf(Fault);
  });
});

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
