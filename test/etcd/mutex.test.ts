// Talos's upgrade mutex in a real etcd: who holds it, how it lies there, and when it is no longer ours.
import { describe, expect, it, vi } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import { grantLease, newLeaseId } from '../../src/etcd/mutex-layout.ts';
import { aTaker, bounded, HandClock, titled } from './asking.ts';
import { anEtcdCluster, type EtcdCluster, withoutEtcd } from './etcd-cluster.ts';
import { keysOf, leasesOf, limit, PREFIX, patience, taken } from './mutex-seen.ts';

/** A lease whose end is awaited, long enough for somebody to be kept out before. */
const SHORT_S = 6;

describe.skipIf(withoutEtcd)(titled('the upgrade mutex'), limit, () => {
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
    // The member may have been the leader: the others may need two elections, and by our own clock it holds for a second less.
    const hold = await taken(aTaker(cluster, { ttlSeconds: 10 }), cluster);
    await cluster.kill('cp-1');
    const since = performance.now();
    await vi.waitFor(() => expect(performance.now() - since).toBeGreaterThan(12_000), patience);
    expect(hold.holds()).toBe(true);
    expect((await keysOf(cluster, 'cp-2')).map(({ key }) => key)).toEqual([`${PREFIX}${hold.holder}`]);
  });

  it('is free again when its holder is no more and the lease has expired', async () => {
    const cluster = await anEtcdCluster();
    const [gone, next] = [aTaker(cluster, { ttlSeconds: SHORT_S }), aTaker(cluster)];
    await taken(gone, cluster);
    await gone.close();
    expect(await bounded(next.tryTake(cluster.members))).toMatchObject({ kind: 'held-elsewhere' });
    const hold = await vi.waitFor(() => taken(next, cluster), patience);
    expect(hold.holds()).toBe(true);
  });
});

/** After this long a renewal that was not answered is tried again. */
const RETRY_MS = 500;

describe.skipIf(withoutEtcd)(titled('a mutex that is lost'), limit, () => {
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
    clock.wind(20_000);
    // Etcd's yes has come: until then nothing but the end of the lease is waited for.
    await vi.waitFor(() => {
      clock.windOver(RETRY_MS);
      expect(clock.nextMs).toBe(20_000);
    }, patience);
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
    await vi.waitFor(() => {
      clock.windOver(RETRY_MS);
      expect(hold.holds()).toBe(false);
    }, patience);
    expect(await bounded(hold.release())).toEqual({ kind: 'released' });
  });

  it('is known at once to whoever asks etcd, when somebody revoked its lease or deleted its key', async () => {
    const cluster = await anEtcdCluster();
    const etcd = cluster.plain('cp-2');
    const ann = aTaker(cluster);
    const hold = await taken(ann, cluster);
    expect(await bounded(hold.confirm())).toBe(true);
    // Deleted, and nobody came: it queues again and is first.
    await etcd.delete().key(`${PREFIX}${hold.holder}`).exec();
    expect(await bounded(hold.confirm())).toBe(true);
    await etcd.delete().key(`${PREFIX}${hold.holder}`).exec();
    const other = await taken(aTaker(cluster), cluster);
    expect(await bounded(hold.confirm())).toBe(false);
    expect(hold.holds()).toBe(false);
    expect(await bounded(hold.release())).toEqual({ kind: 'released' });
    expect((await keysOf(cluster)).map(({ key }) => key)).toEqual([`${PREFIX}${other.holder}`]);
    await etcd.leaseClient.leaseRevoke({ ID: BigInt(`0x${other.holder}`).toString() });
    expect(await bounded(other.confirm())).toBe(false);
  });

  it('decides by its own clock when etcd cannot be asked', async () => {
    const cluster = await anEtcdCluster();
    const clock = new HandClock();
    const hold = await taken(aTaker(cluster, { clock }), cluster);
    await cluster.kill('cp-1', 'cp-2', 'cp-3');
    expect(await bounded(hold.confirm())).toBe(true);
    clock.wind(59_500);
    expect(await bounded(hold.confirm())).toBe(false);
  });

  it('keeps others out until it ends when it is left to expire', async () => {
    const cluster = await anEtcdCluster();
    const hold = await taken(aTaker(cluster, { ttlSeconds: SHORT_S }), cluster);
    hold.letExpire();
    expect(hold.holds()).toBe(false);
    const next = aTaker(cluster);
    expect(await bounded(next.tryTake(cluster.members))).toMatchObject({ kind: 'held-elsewhere' });
    await vi.waitFor(() => taken(next, cluster), patience);
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

/** Dials the cluster, except from the `from`th to the `to`th time, when nobody listens. */
function deafBetween(cluster: EtcdCluster, from: number, to: number): EtcdCluster['endpoint'] {
  let dialled = 0;
  return (address) => {
    dialled += 1;
    return dialled >= from && dialled <= to ? { host: address, port: 1 } : cluster.endpoint(address);
  };
}

describe.skipIf(withoutEtcd)(titled('trying to take the mutex'), limit, () => {
  it('gives back first what it could not give back the last time, and is not kept out by itself', async () => {
    const cluster = await anEtcdCluster();
    const hold = await taken(aTaker(cluster), cluster);
    // Once each for a lease and for a place in the queue; then three members are asked to forget both.
    const ben = aTaker(cluster, { endpoint: deafBetween(cluster, 3, 5) });
    expect(await bounded(ben.tryTake(cluster.members))).toEqual({
      kind: 'held-elsewhere',
      holder: hold.holder,
    });
    expect(await keysOf(cluster)).toHaveLength(2);
    await bounded(hold.release());
    const mine = await taken(ben, cluster);
    expect((await keysOf(cluster)).map(({ key }) => key)).toEqual([`${PREFIX}${mine.holder}`]);
    expect(await leasesOf(cluster)).toHaveLength(1);
  });

  it('takes again what it held and could not give back', async () => {
    const cluster = await anEtcdCluster();
    // By a switch and not by a count: a busy machine may dial twice for one question.
    let deaf = false;
    const endpoint: EtcdCluster['endpoint'] = (address) =>
      deaf ? { host: address, port: 1 } : cluster.endpoint(address);
    const ben = aTaker(cluster, { endpoint });
    const hold = await taken(ben, cluster);
    deaf = true;
    expect(await bounded(hold.release())).toMatchObject({ kind: 'expires' });
    deaf = false;
    expect((await taken(ben, cluster)).holder).not.toBe(hold.holder);
    expect(await keysOf(cluster)).toHaveLength(1);
  });

  it('may ask twice for the same lease, as after a lost reply', async () => {
    const cluster = await anEtcdCluster();
    const id = newLeaseId();
    const once = await grantLease(cluster.plain('cp-1'), id, 60);
    expect(await grantLease(cluster.plain('cp-2'), id, 60)).toEqual(once);
    expect(await leasesOf(cluster)).toEqual([id]);
  });

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
      // The third says that it sees no quorum, once it is connected in time, which a busy machine may not manage at first.
      await vi.waitFor(async () => {
        const trying = bounded(aTaker(cluster).tryTake(cluster.members));
        await expect(trying).rejects.toBeInstanceOf(Fault);
        await expect(trying).rejects.toMatchObject({ kind: 'busy' });
      }, patience);
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
