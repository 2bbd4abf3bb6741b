// What the advisory Lease does wherever it lies: in one hand, abandoned by our own clock only, given back, and never taken from under somebody.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { holderName } from '../../src/cluster/lease.ts';
import { LEASE_DURATION_MS, type LeaseHold, type LeaseReply } from '../../src/engine/ports/advisory-lease.ts';
import type { Clock } from '../../src/engine/ports/clock.ts';
import { ClusterLease } from '../../src/kubernetes/lease.ts';
import type { LeaseDesk } from '../../src/kubernetes/lease-desk.ts';

export interface LeaseUnderTest {
  readonly desk: LeaseDesk;
  readonly where: { readonly namespace: string; readonly name: string };
  readonly hands: {
    /** The spec as it stands; null when there is no Lease. */
    spec(): Promise<Readonly<Record<string, unknown>> | null>;
    label(): Promise<void>;
    /** A person takes the holder's name out of it, and counts no hands. */
    empty(): Promise<void>;
    remove(): Promise<void>;
    /** Absent where the API is not ours to take away. */
    apiServerUp?(up: boolean): void;
  };
  readonly stop: () => Promise<void>;
}

/** A clock that moves when it is told to; its wall clock may be as wrong as it likes. */
class Hands implements Clock {
  #ms = 0;
  readonly #wall: number;
  readonly #sleepers = new Set<{ readonly until: number; readonly wake: () => void }>();

  constructor(wall = Date.UTC(2026, 0, 1)) {
    this.#wall = wall;
  }

  now(): number {
    return this.#wall + this.#ms;
  }

  monotonic(): number {
    return this.#ms;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const sleeper = {
        until: this.#ms + ms,
        wake: () => {
          this.#sleepers.delete(sleeper);
          resolve();
        },
      };
      this.#sleepers.add(sleeper);
      signal?.addEventListener('abort', sleeper.wake, { once: true });
    });
  }

  pass(ms: number): void {
    this.#ms += ms;
    for (const sleeper of [...this.#sleepers]) if (sleeper.until <= this.#ms) sleeper.wake();
  }

  /** Whoever was woken has done what it woke for, and sleeps again: time that passed before that, it would not notice. */
  async asleep(): Promise<void> {
    await vi.waitFor(() => expect(this.#sleepers.size).toBe(1), { timeout: 10_000, interval: 5 });
  }
}

const RENEWAL_MS = LEASE_DURATION_MS / 3;

/** Whoever is in line looks every few seconds, and never less often than this. */
const LOOK_MS = LEASE_DURATION_MS / 6;

/** Looks now and then while so much time passes, at its end as well. */
async function watches(
  bot: { readonly lease: ClusterLease; readonly time: Hands },
  ms: number,
): Promise<void> {
  for (let left = ms; left > 0; left -= LOOK_MS) {
    bot.time.pass(Math.min(LOOK_MS, left));
    await bot.lease.look();
  }
}

function claim(owner: string, rollout = `r-${owner}`) {
  return { holder: holderName(rollout, owner), earlier: new Set<string>() };
}

function taken(reply: LeaseReply): LeaseHold {
  if (reply.kind !== 'taken') throw new Error(`it is held by ${reply.seen.holder}`);
  return reply.hold;
}

export function describeAdvisoryLease(title: string, open: () => Promise<LeaseUnderTest>): void {
  describe(`${title}: the advisory Lease`, () => {
    let under: LeaseUnderTest;
    let leases: ClusterLease[];
    beforeEach(async () => {
      under = await open();
      leases = [];
    });
    afterEach(async () => {
      await Promise.all(leases.map((lease) => lease.close()));
      await under.stop();
    });

    /** One bot with a clock of its own. */
    const aBot = (wall?: number): { readonly lease: ClusterLease; readonly time: Hands } => {
      const time = new Hands(wall);
      const lease = new ClusterLease({ desk: under.desk, clock: time, where: under.where });
      leases.push(lease);
      return { lease, time };
    };

    it('is taken where there is none, and says who, since when and for how long', async () => {
      const { lease } = aBot();
      expect(await lease.look()).toEqual({ ...under.where, seen: null });
      const hold = taken(await lease.tryTake(claim('a')));
      expect(hold).toMatchObject({ holder: 'talos-chatops/r-a/a', epoch: 1, lost: false });
      expect(await under.hands.spec()).toEqual({
        holderIdentity: 'talos-chatops/r-a/a',
        leaseDurationSeconds: 120,
        acquireTime: '2026-01-01T00:00:00.000000Z',
        renewTime: '2026-01-01T00:00:00.000000Z',
        leaseTransitions: 1,
      });
    });

    it('is refused to everybody else, with the holder and since when', async () => {
      taken(await aBot().lease.tryTake(claim('a')));
      const { lease } = aBot();
      const seen = {
        holder: 'talos-chatops/r-a/a',
        since: '2026-01-01 00:00 UTC',
        leftMs: LEASE_DURATION_MS,
      };
      expect(await lease.tryTake(claim('b'))).toEqual({ kind: 'held-elsewhere', seen });
      expect((await lease.look()).seen).toEqual(seen);
    });

    it('is given to one of two who want it at the same time', async () => {
      const replies = await Promise.all(['a', 'b', 'c'].map((owner) => aBot().lease.tryTake(claim(owner))));
      const kinds = replies.map(({ kind }) => kind).toSorted();
      expect(kinds).toEqual(['held-elsewhere', 'held-elsewhere', 'taken']);
      const winner = replies.find((reply) => reply.kind === 'taken');
      for (const reply of replies)
        if (reply.kind === 'held-elsewhere') expect(reply.seen.holder).toBe(winner?.hold.holder);
    });

    it('is free at once when it is given back, with its count of hands', async () => {
      const hold = taken(await aBot().lease.tryTake(claim('a')));
      expect(await hold.release()).toEqual({ kind: 'released' });
      expect(await hold.release()).toEqual({ kind: 'released' });
      expect(await under.hands.spec()).toMatchObject({ leaseDurationSeconds: 1, leaseTransitions: 1 });
      const { lease } = aBot();
      expect((await lease.look()).seen).toBeNull();
      expect(taken(await lease.tryTake(claim('b'))).epoch).toBe(2);
    });

    it('is taken from a holder who died once we have seen nothing new for its time, and not before', async () => {
      const dead = taken(await aBot().lease.tryTake(claim('a')));
      dead.letExpire();
      const b = aBot();
      const { lease, time } = b;
      await lease.look();
      await watches(b, LEASE_DURATION_MS - 1);
      expect(await lease.tryTake(claim('b'))).toMatchObject({ kind: 'held-elsewhere', seen: { leftMs: 1 } });
      time.pass(1);
      expect((await lease.look()).seen).toMatchObject({ leftMs: 0 });
      expect(taken(await lease.tryTake(claim('b'))).epoch).toBe(2);
      expect(dead.lost).toBe(false);
      expect(await dead.confirm()).toBe('lost');
    });

    it.each([
      ['ahead', Date.UTC(2050, 0, 1)],
      ['behind', Date.UTC(2001, 0, 1)],
    ])('whatever the wall clock of the holder says: years %s change nothing', async (_how, wall) => {
      taken(await aBot(wall).lease.tryTake(claim('a'))).letExpire();
      const b = aBot();
      const { lease } = b;
      expect(await lease.tryTake(claim('b'))).toMatchObject({ kind: 'held-elsewhere' });
      await watches(b, LEASE_DURATION_MS);
      expect(await lease.tryTake(claim('b'))).toMatchObject({ kind: 'taken' });
    });

    it('stays with a holder who renews it, however long others watch', async () => {
      const a = aBot();
      const hold = taken(await a.lease.tryTake(claim('a')));
      const { lease, time } = aBot();
      await lease.look();
      for (let renewals = 1; renewals <= 4; renewals += 1) {
        const before = await under.hands.spec();
        a.time.pass(RENEWAL_MS);
        await a.time.asleep();
        expect((await under.hands.spec())?.['renewTime']).not.toBe(before?.['renewTime']);
        time.pass(RENEWAL_MS);
        expect(await lease.tryTake(claim('b'))).toMatchObject({ seen: { leftMs: LEASE_DURATION_MS } });
      }
      expect(await hold.confirm()).toBe('ours');
    });

    it('is taken over at once from an earlier process of the same rollout, which then has lost it', async () => {
      const hold = taken(await aBot().lease.tryTake(claim('a')));
      const successor = { holder: holderName('r-a', 'a2'), earlier: new Set([hold.holder]) };
      const next = taken(await aBot().lease.tryTake(successor));
      expect(next.epoch).toBe(2);
      expect(await hold.confirm()).toBe('lost');
      expect(await hold.release()).toEqual({ kind: 'released' });
      expect(await next.confirm()).toBe('ours');
    });

    it('taken again under the same name is the newer one’s: the epoch tells them apart', async () => {
      const { lease } = aBot();
      const first = taken(await lease.tryTake(claim('a')));
      const second = taken(await lease.tryTake(claim('a')));
      expect([first.epoch, second.epoch]).toEqual([1, 2]);
      expect(await first.release()).toEqual({ kind: 'released' });
      expect(first.lost).toBe(true);
      expect(await second.confirm()).toBe('ours');
      expect((await under.hands.spec())?.['holderIdentity']).toBe('talos-chatops/r-a/a');
    });

    it('is not given back by one who does not have it any more', async () => {
      const hold = taken(await aBot().lease.tryTake(claim('a')));
      const b = aBot();
      const { lease } = b;
      await lease.look();
      await watches(b, LEASE_DURATION_MS);
      taken(await lease.tryTake(claim('b')));
      expect(await hold.release()).toEqual({ kind: 'released' });
      expect((await under.hands.spec())?.['holderIdentity']).toBe('talos-chatops/r-b/b');
    });

    it('is still ours when somebody labels it, and lost when somebody deletes it', async () => {
      const { lease } = aBot();
      const hold = taken(await lease.tryTake(claim('a')));
      await under.hands.label();
      expect(await hold.confirm()).toBe('ours');
      await under.hands.remove();
      expect(await hold.confirm()).toBe('lost');
      expect(taken(await lease.tryTake(claim('a'))).epoch).toBe(1);
    });

    it('is lost when a person takes our name out of it', async () => {
      const hold = taken(await aBot().lease.tryTake(claim('a')));
      await under.hands.empty();
      expect(await hold.confirm()).toBe('lost');
      expect(hold.lost).toBe(true);
    });

    it('keeps others out for its whole time again after a silence: they have not seen that nothing happened', async (context) => {
      const { hands } = under;
      if (hands.apiServerUp === undefined) return context.skip('nobody may take a real API away');
      taken(await aBot().lease.tryTake(claim('a'))).letExpire();
      const b = aBot();
      const { lease, time } = b;
      await lease.look();
      hands.apiServerUp(false);
      await expect(lease.look()).rejects.toMatchObject({ kind: 'unreachable' });
      time.pass(10 * LEASE_DURATION_MS);
      hands.apiServerUp(true);
      expect(await lease.tryTake(claim('b'))).toMatchObject({ seen: { leftMs: LEASE_DURATION_MS } });
      await watches(b, LEASE_DURATION_MS);
      expect(await lease.tryTake(claim('b'))).toMatchObject({ kind: 'taken' });
    });

    it('keeps others out for its whole time again when nobody looked for a while: its API may have been away', async () => {
      taken(await aBot().lease.tryTake(claim('a'))).letExpire();
      const b = aBot();
      const { lease, time } = b;
      await lease.look();
      await watches(b, LEASE_DURATION_MS / 2);
      time.pass(LEASE_DURATION_MS / 2);
      expect(await lease.tryTake(claim('b'))).toMatchObject({ seen: { leftMs: LEASE_DURATION_MS } });
      await watches(b, LEASE_DURATION_MS);
      expect(await lease.tryTake(claim('b'))).toMatchObject({ kind: 'taken' });
    });

    it('says when the API is away, and nobody is taken for gone because of that', async (context) => {
      const { hands } = under;
      if (hands.apiServerUp === undefined) return context.skip('nobody may take a real API away');
      const a = aBot();
      const hold = taken(await a.lease.tryTake(claim('a')));
      const b = aBot();
      await b.lease.look();
      hands.apiServerUp(false);
      await expect(b.lease.tryTake(claim('b'))).rejects.toMatchObject({ kind: 'unreachable' });
      expect(await hold.confirm()).toBe('unsure');
      for (const { time } of [a, b]) time.pass(10 * LEASE_DURATION_MS);
      hands.apiServerUp(true);
      expect(await b.lease.tryTake(claim('b'))).toMatchObject({ seen: { leftMs: LEASE_DURATION_MS } });
      expect(await hold.confirm()).toBe('ours');
      hands.apiServerUp(false);
      expect(await hold.release()).toMatchObject({ kind: 'expires', withinMs: LEASE_DURATION_MS });
    });
  });
}
