// Linearizable reads through the members of a real etcd with mutual TLS, while members are killed, frozen, cut off and slow.
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import type { QuorumRead } from '../../src/cluster/quorum-read.ts';
import { etcdWitness } from '../../src/etcd/witness.ts';
import { bounded, ETCD_TEST_MS, readThrough, summary, titled } from './asking.ts';
import { anEtcdCluster, type EtcdCluster, withoutEtcd } from './etcd-cluster.ts';
import { patience } from './mutex-seen.ts';
import { aSlowRelay } from './slow-relay.ts';

const REFUSES = 'refuses connections';
const UNCONNECTED = 'does not accept a connection in time';
const WITHOUT_QUORUM = expect.stringMatching(/sees no quorum|no leader|leader changed|timed out/);

/**
 * Reads until each answers as it should: a read ends after a second and a half, and a busy machine may take longer for an honest answer.
 * Who should not be served must not be served in between either.
 */
async function readsUntil(
  cluster: EtcdCluster,
  expected: Readonly<Record<string, unknown>>,
): Promise<readonly QuorumRead[]> {
  const wrongly = new Set<string>();
  const reads = await vi.waitFor(async () => {
    const once = await readThrough(cluster);
    for (const { node, kind } of once)
      if (kind === 'served' && expected[node] !== 'served') wrongly.add(node);
    expect(summary(once)).toEqual(expected);
    return once;
  }, patience);
  expect([...wrongly]).toEqual([]);
  return reads;
}

const ALL_SERVED = { 'cp-1': 'served', 'cp-2': 'served', 'cp-3': 'served' };

describe.skipIf(withoutEtcd)(titled('a read through each member'), { timeout: ETCD_TEST_MS }, () => {
  it('is served by every member, each in its own name, when all are up', async () => {
    const cluster = await anEtcdCluster();
    const reads = await readsUntil(cluster, ALL_SERVED);
    for (const read of reads) {
      const memberId = (await cluster.memberIdOf(read.node)).padStart(16, '0');
      expect(read).toMatchObject({ kind: 'served', memberId, revision: expect.stringMatching(/^\d+$/) });
    }
    expect(reads.map((read) => read.node)).toEqual(['cp-1', 'cp-2', 'cp-3']);
  });

  it('is served by two when one is down', async () => {
    const cluster = await anEtcdCluster();
    await cluster.kill('cp-2');
    // Right after its leader went, a member may answer that it has none.
    await cluster.untilServed('cp-1', 'cp-3');
    await readsUntil(cluster, {
      'cp-1': 'served',
      'cp-2': REFUSES,
      'cp-3': 'served',
    });
  });

  it('is served by two when one is frozen, and by all when it goes on', async () => {
    const cluster = await anEtcdCluster();
    await cluster.freeze('cp-1');
    await cluster.untilServed('cp-2', 'cp-3');
    await readsUntil(cluster, {
      'cp-1': UNCONNECTED,
      'cp-2': 'served',
      'cp-3': 'served',
    });
    cluster.thaw('cp-1');
    await cluster.untilServed('cp-1', 'cp-2', 'cp-3');
    await readsUntil(cluster, ALL_SERVED);
  });

  it('is served by nobody when two are down: the third is up, and sees no quorum', async () => {
    const cluster = await anEtcdCluster();
    await cluster.kill('cp-1', 'cp-3');
    const expected = { 'cp-1': REFUSES, 'cp-2': WITHOUT_QUORUM, 'cp-3': REFUSES };
    await readsUntil(cluster, expected);
    await readsUntil(cluster, expected);
  });

  it('is served by nobody when two are frozen', async () => {
    const cluster = await anEtcdCluster();
    await cluster.freeze('cp-1', 'cp-2');
    await readsUntil(cluster, {
      'cp-1': UNCONNECTED,
      'cp-2': UNCONNECTED,
      'cp-3': WITHOUT_QUORUM,
    });
  });

  it('is not served by a member that is cut off from its peers, though it is well and answers', async () => {
    const cluster = await anEtcdCluster();
    await cluster.partition('cp-3');
    await cluster.untilServed('cp-1', 'cp-2');
    const cut = { 'cp-1': 'served', 'cp-2': 'served', 'cp-3': WITHOUT_QUORUM };
    await readsUntil(cluster, cut);
    // What it knows from before it would still tell anybody who asks for less.
    const serializable = cluster.plain('cp-3').getAll().prefix('any').serializable(true).exec();
    await expect(serializable).resolves.toMatchObject({ kvs: [] });
    cluster.heal();
    await cluster.untilServed('cp-3');
    await readsUntil(cluster, ALL_SERVED);
  });

  it('is served by a slow member, and not waited for through one that is too slow', async () => {
    const cluster = await anEtcdCluster();
    const [slow, tooSlow] = [
      await aSlowRelay({ host: '127.0.0.1', port: cluster.portOf('cp-1'), delayMs: 60 }),
      await aSlowRelay({ host: '127.0.0.2', port: cluster.portOf('cp-2'), delayMs: 3_000 }),
    ];
    onTestFinished(async () => void (await Promise.all([slow.close(), tooSlow.close()])));
    cluster.redirect('cp-1', slow.port);
    cluster.redirect('cp-2', tooSlow.port);
    await readsUntil(cluster, {
      'cp-1': 'served',
      'cp-2': UNCONNECTED,
      'cp-3': 'served',
    });
  });

  it('says for every member why there are no credentials, and asks for them again next time', async () => {
    const cluster = await anEtcdCluster();
    const asked: string[] = [];
    const witness = etcdWitness({
      endpoint: cluster.endpoint,
      credentials: async (address) => {
        asked.push(address);
        if (asked.length <= 3) throw new Error(`no file on ${address}`);
        return cluster.credentials;
      },
    });
    expect(summary(await bounded(witness.read(cluster.members)))).toEqual({
      'cp-1': 'no file on 127.0.0.3',
      'cp-2': 'no file on 127.0.0.3',
      'cp-3': 'no file on 127.0.0.3',
    });
    await bounded(witness.read(cluster.members));
    await vi.waitFor(async () => {
      expect(summary(await bounded(witness.read(cluster.members)))).toEqual(ALL_SERVED);
    }, patience);
    // The first time each machine was tried; then one was enough, and kept.
    expect(asked).toEqual(['127.0.0.1', '127.0.0.2', '127.0.0.3', '127.0.0.1']);
  });
});

describe('the guard of demo and tests', () => {
  it.each(['10.0.0.1', '192.168.1.1', 'fd00::1', 'localhost', 'etcd.example'])(
    'does not dial %s',
    async (address) => {
      const credentials = { ca: '', crt: '', key: '' };
      const witness = etcdWitness({ credentials: async () => credentials, onlyLoopback: true });
      const [read] = await witness.read([{ node: 'cp-1', address }]);
      expect(read).toMatchObject({ kind: 'silent', why: expect.stringContaining('is not on loopback') });
    },
  );
});
