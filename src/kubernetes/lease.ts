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
  /** What the Lease said when it last changed, and when we saw that. */
  #watch: { readonly sign: string; readonly at: number } | null = null;

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

  #seen({ holder, renewTime, transitions, durationMs, since }: LeaseSpec): LeaseSeen | null {
    if (holder === null) {
      this.#watch = null;
      return null;
    }
    const now = this.#parts.clock.monotonic();
    const sign = JSON.stringify([holder, renewTime, transitions]);
    const watch = this.#watch?.sign === sign ? this.#watch : { sign, at: now };
    this.#watch = watch;
    const leftMs = Math.max(0, watch.at + (durationMs ?? this.#parts.durationMs) - now);
    return { holder, since, leftMs };
  }
}
