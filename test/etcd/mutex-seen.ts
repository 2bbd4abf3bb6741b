// The upgrade mutex as a test takes it, and as anybody sees it in etcd.
import type { MutexHold, UpgradeMutex } from '../../src/engine/ports/upgrade-mutex.ts';
import { bounded, ETCD_TEST_MS, PATIENCE_MS } from './asking.ts';
import type { EtcdCluster } from './etcd-cluster.ts';

export const PREFIX = 'talos:v1:etcdUpgradeMutex/';
export const patience = { timeout: PATIENCE_MS, interval: 50 };
export const limit = { timeout: ETCD_TEST_MS };

/** Takes it, or says what came instead. */
export async function taken(mutex: UpgradeMutex, cluster: EtcdCluster): Promise<MutexHold> {
  const reply = await bounded(mutex.tryTake(cluster.members));
  if (reply.kind !== 'taken') throw new Error(`the mutex is held by ${reply.holder}`);
  return reply.hold;
}

/** The keys below the mutex's prefix, as anybody sees them, oldest first. */
export async function keysOf(cluster: EtcdCluster, through = 'cp-1') {
  const { kvs } = await cluster.plain(through).getAll().prefix(PREFIX).sort('Create', 'Ascend').exec();
  return kvs.map((kv) => ({ key: kv.key.toString(), value: kv.value.toString(), lease: kv.lease }));
}

export async function leasesOf(cluster: EtcdCluster): Promise<readonly string[]> {
  const { leases } = await cluster.plain('cp-1').leaseClient.leaseLeases();
  return leases.map(({ ID }) => ID);
}
