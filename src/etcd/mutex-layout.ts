// Talos's upgrade mutex as it lies in etcd: the layout of `concurrency.Mutex` of etcd's Go client (talos-api.md 3.4).
import { randomBytes } from 'node:crypto';
import type { Etcd3 } from 'etcd3';
import { Fault } from '../engine/ports/fault.ts';
import { deadline } from './question.ts';

/** Every session that wants the mutex has one key below this; the one created first holds it. */
export const MUTEX_PREFIX = 'talos:v1:etcdUpgradeMutex/';

/** A lease as etcd counts it. `id` is an int64 in decimal. */
export interface Lease {
  readonly id: string;
  readonly ttlMs: number;
}

/** Lower-case hex without leading zeros, as Go prints an int64. */
export function holderOf(leaseId: string): string {
  return BigInt(leaseId).toString(16);
}

export function keyOf(leaseId: string): string {
  return `${MUTEX_PREFIX}${holderOf(leaseId)}`;
}

/** An id of our own choosing: a lease whose grant was never answered can be given back all the same. Positive, as Go's are. */
export function newLeaseId(): string {
  return ((randomBytes(8).readBigUInt64BE() >> 1n) | 1n).toString();
}

/**
 * etcd may grant longer than asked: never shorter than its own election takes. Asking again after a lost reply finds the lease
 * there, which is as good: its time counts from the first asking.
 */
export async function grantLease(client: Etcd3, id: string, ttlSeconds: number): Promise<Lease> {
  try {
    const { TTL } = await client.leaseClient.leaseGrant({ TTL: ttlSeconds, ID: id });
    return { id, ttlMs: Number(TTL) * 1_000 };
  } catch (error) {
    if (error instanceof Error && /lease already exists/.test(error.message))
      return { id, ttlMs: ttlSeconds * 1_000 };
    throw error;
  }
}

/**
 * Puts our key unless it is there already, and answers who holds: the key created first. One transaction, so that asking again
 * after a lost reply changes nothing.
 */
export async function queue(client: Etcd3, leaseId: string): Promise<{ readonly holder: string }> {
  const key = keyOf(leaseId);
  const first = () => client.getAll().prefix(MUTEX_PREFIX).sort('Create', 'Ascend').limit(1);
  const { responses } = await client
    .if(key, 'Create', '==', 0)
    .then(client.put(key).value('').lease(leaseId), first())
    .else(client.get(key), first())
    .commit();
  const holder = responses[1]?.response_range.kvs[0]?.key.toString();
  if (holder === undefined)
    throw new Fault('broken', 'etcd answered about the upgrade mutex without a holder.');
  return { holder: holder.slice(MUTEX_PREFIX.length) };
}

/** Gives the place in the queue back, whether it was the first or not: with the lease goes its key. One call, to be soon done. */
export async function leave(client: Etcd3, leaseId: string): Promise<void> {
  await client.leaseClient.leaseRevoke({ ID: leaseId }).catch((error: unknown) => {
    // Expired, or revoked by a call whose reply was lost: either way nothing of it is left.
    if (!(error instanceof Error && /requested lease not found|expired or revoked/.test(error.message)))
      throw error;
  });
}

/** Renews the lease once; false when etcd says that it is no more. The stream is ours for one message and has a deadline. */
export async function renew(client: Etcd3, leaseId: string): Promise<boolean> {
  const stream = await client.leaseClient.leaseKeepAlive(deadline());
  try {
    const reply = await new Promise<{ readonly TTL: string }>((resolve, reject) => {
      stream
        .on('data', resolve)
        .on('error', reject)
        .on('end', () =>
          reject(new Fault('unreachable', 'etcd ended the renewal of a lease without an answer.')),
        );
      stream.write({ ID: leaseId });
    });
    return reply.TTL !== '0';
  } finally {
    stream.end();
  }
}
