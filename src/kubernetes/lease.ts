// The port AdvisoryLease: taken by whoever finds it free or abandoned, by our own clock and never by theirs (kubernetes.md 3.10).
import type { Named } from '../cluster/estate/pods.ts';
import type { LeaseSeen, LeaseView } from '../cluster/lease.ts';
import {
  type AdvisoryLease,
  LEASE_DURATION_MS,
  type LeaseClaim,
  type LeaseReply,
} from '../engine/ports/advisory-lease.ts';
import type { Clock } from '../engine/ports/clock.ts';
import { Fault } from '../engine/ports/fault.ts';
import type { LeaseDesk } from './lease-desk.ts';
import { Hold } from './lease-hold.ts';
import { type LeaseSpec, leaseSpec, newLease, takenBy } from './lease-object.ts';

/** Lost races of one try: whoever won holds it then, so that the next look says who. */
const MAX_RACES = 3;
/** Looks within the time after which a holder counts as gone, at least; whoever is in line looks every few seconds. */
const LOOKS = 4;

export interface LeaseParts {
  readonly desk: LeaseDesk;
  readonly clock: Clock;
  readonly where: Named;
  /** Default `LEASE_DURATION_MS`; a test takes less, to see it expire. */
  readonly durationMs?: number;
}

export class ClusterLease implements AdvisoryLease {
  readonly #parts: LeaseParts & { readonly durationMs: number };
  readonly #closed = new AbortController();
  /** What the Lease said when it last changed, when we saw that, and when we looked last. */
  #watch: { readonly sign: string; readonly since: number; readonly lookedAt: number } | null = null;

  constructor(parts: LeaseParts) {
    this.#parts = { durationMs: LEASE_DURATION_MS, ...parts };
  }

  async tryTake(claim: LeaseClaim): Promise<LeaseReply> {
    const { desk, clock, where, durationMs } = this.#parts;
    for (let race = 1; race <= MAX_RACES; race += 1) {
      const found = await this.#read();
      const seen = found === null ? null : this.#seen(leaseSpec(found));
      const ours = seen !== null && (seen.holder === claim.holder || claim.earlier.has(seen.holder));
      if (seen !== null && !ours && seen.leftMs > 0) return { kind: 'held-elsewhere', seen };
      const askedAt = clock.monotonic();
      const wanted = takenBy(found ?? newLease(where), {
        holder: claim.holder,
        now: clock.now(),
        durationMs,
      });
      const lease = found === null ? await desk.create(wanted) : await desk.replace(wanted);
      if (lease === null) continue;
      const hold = new Hold({
        ...{ desk, clock, durationMs, lease, askedAt },
        holder: claim.holder,
        closed: this.#closed.signal,
      });
      return { kind: 'taken', hold };
    }
    throw new Fault('busy', `The Lease ${where.namespace}/${where.name} changes all the time.`);
  }

  async look(): Promise<LeaseView> {
    const found = await this.#read();
    return { ...this.#parts.where, seen: found === null ? null : this.#seen(leaseSpec(found)) };
  }

  async close(): Promise<void> {
    this.#closed.abort();
  }

  /** Who could not look has seen nothing: after a silence the watch begins anew, and the holder has its turn first. */
  async #read(): ReturnType<LeaseDesk['read']> {
    try {
      return await this.#parts.desk.read();
    } catch (error) {
      this.#watch = null;
      throw error;
    }
  }

  #seen({ holder, renewTime, transitions, durationMs, since: acquired }: LeaseSpec): LeaseSeen | null {
    if (holder === null) {
      this.#watch = null;
      return null;
    }
    const now = this.#parts.clock.monotonic();
    const sign = JSON.stringify([holder, renewTime, transitions]);
    const since = this.#watchedSince(sign, now);
    this.#watch = { sign, since, lookedAt: now };
    const leftMs = Math.max(0, since + (durationMs ?? this.#parts.durationMs) - now);
    return { holder, since: acquired, leftMs };
  }

  /** Since when it has not changed, as far as somebody looked: an API that was away meanwhile kept the holder from renewing it as well. */
  #watchedSince(sign: string, now: number): number {
    const watch = this.#watch;
    if (watch === null || watch.sign !== sign) return now;
    return now - watch.lookedAt > this.#parts.durationMs / LOOKS ? now : watch.since;
  }
}
