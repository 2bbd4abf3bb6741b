// The advisory Lease in our hand: renewed in time, given back under the epoch it was taken in, and never anybody else's.
import type { LeaseHold, LeaseRelease } from '../engine/ports/advisory-lease.ts';
import type { Clock } from '../engine/ports/clock.ts';
import { faultOf } from '../engine/ports/fault.ts';
import { Slots } from '../engine/slots.ts';
import type { Plain } from './estate/plain.ts';
import type { LeaseDesk } from './lease-desk.ts';
import { leaseSpec, released, renewed } from './lease-object.ts';

/** Renewals within the time for which it stands (kubernetes.md 3.10). */
const RENEWALS = 3;
/** After an answer that did not come it is asked again sooner: when the API is back we must be seen before others take us for gone. */
const RETRIES = 24;
/** Somebody who labels the Lease meanwhile makes one write in vain; more of them in a row are not believed in. */
const MAX_CONFLICTS = 4;
/** Tries to give it back: what is not given back keeps others out for no reason. */
const RELEASE_TRIES = 2;

export interface HoldParts {
  readonly desk: LeaseDesk;
  readonly clock: Clock;
  readonly holder: string;
  readonly durationMs: number;
  /** As it was written when it was taken. */
  readonly lease: Plain;
  /** When that was asked for, by the monotonic clock. */
  readonly askedAt: number;
  /** Aborted when the adapter is closed. */
  readonly closed: AbortSignal;
}

export class Hold implements LeaseHold {
  readonly holder: string;
  readonly epoch: number;
  /** One thing at a time. */
  readonly #turns = new Slots(1);
  readonly #parts: HoldParts;
  readonly #over = new AbortController();
  #lease: Plain;
  /** Asked at this time, it was confirmed. */
  #confirmedAt: number;
  #lost = false;

  constructor(parts: HoldParts) {
    this.#parts = parts;
    this.holder = parts.holder;
    this.#lease = parts.lease;
    this.epoch = leaseSpec(parts.lease).transitions;
    this.#confirmedAt = parts.askedAt;
    void this.#keep();
  }

  get lost(): boolean {
    return this.#lost;
  }

  confirm(): Promise<'ours' | 'unsure' | 'lost'> {
    return this.#turns.run(() => this.#renew());
  }

  release(): Promise<LeaseRelease> {
    this.#over.abort();
    return this.#turns.run(() => this.#giveBack());
  }

  letExpire(): void {
    this.#over.abort();
  }

  async #keep(): Promise<void> {
    const { clock, durationMs, closed } = this.#parts;
    const until = AbortSignal.any([this.#over.signal, closed]);
    let waitMs = durationMs / RENEWALS;
    while (!until.aborted) {
      await clock.sleep(waitMs, until);
      if (until.aborted) return;
      const state = await this.confirm();
      if (state === 'lost') return;
      waitMs = durationMs / (state === 'ours' ? RENEWALS : RETRIES);
    }
  }

  async #renew(): Promise<'ours' | 'unsure' | 'lost'> {
    if (this.#lost) return 'lost';
    const { clock } = this.#parts;
    const askedAt = clock.monotonic();
    try {
      const written = await this.#write((lease) => renewed(lease, clock.now()));
      if (!written) return 'lost';
      this.#confirmedAt = askedAt;
      return 'ours';
    } catch (error) {
      faultOf(error); // Without an answer nothing is known; the next try tells.
      return 'unsure';
    }
  }

  async #giveBack(): Promise<LeaseRelease> {
    const { clock, durationMs } = this.#parts;
    for (let attempt = 1; ; attempt += 1) {
      if (this.#lost) return { kind: 'released' };
      try {
        await this.#write((lease) => released(lease, clock.now()));
        this.#lost = true;
        return { kind: 'released' };
      } catch (error) {
        if (attempt < RELEASE_TRIES) continue;
        const withinMs = Math.max(0, this.#confirmedAt + durationMs - clock.monotonic());
        return { kind: 'expires', withinMs, why: faultOf(error).message };
      }
    }
  }

  /** False, once and for all, when it is not ours any more. Throws Fault. */
  async #write(change: (lease: Plain) => Plain): Promise<boolean> {
    for (let conflicts = 0; conflicts < MAX_CONFLICTS; conflicts += 1) {
      const written = await this.#parts.desk.replace(change(this.#lease));
      if (written !== null) {
        this.#lease = written;
        return true;
      }
      const found = await this.#parts.desk.read();
      const spec = found === null ? null : leaseSpec(found);
      if (found === null || spec?.holder !== this.holder || spec.transitions !== this.epoch) break;
      this.#lease = found;
    }
    this.#lost = true;
    this.#over.abort();
    return false;
  }
}
