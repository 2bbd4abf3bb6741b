// The upgrade mutex in our hand: renewed until it is released, and given up by our own clock before etcd gives it to another.
import type { Clock } from '../engine/ports/clock.ts';
import { Fault, faultOf } from '../engine/ports/fault.ts';
import type { MutexHold, Release } from '../engine/ports/upgrade-mutex.ts';
import type { AskAny } from './any-member.ts';
import { holderOf, type Lease, queue, renew } from './mutex-layout.ts';

/** Renewals per TTL, as etcd's Go client does: two may fail before the third is the last. */
const RENEWALS_PER_TTL = 3;
/** Milliseconds between tries while renewing fails; a try itself may take some seconds. */
const RETRY_MS = 500;
/** Milliseconds before its end at which a lease counts as lost: clocks differ a little, and what was begun needs a moment. */
const MARGIN_MS = 1_000;

export interface HoldParts {
  readonly lease: Lease;
  /** When the grant was asked for, by the monotonic clock: etcd counts from later, so ours ends first. */
  readonly askedAt: number;
  readonly ask: AskAny;
  /** Gives the lease back; throws Fault when nobody confirmed it. */
  readonly release: () => Promise<void>;
  readonly clock: Clock;
  /** Aborted when the adapter is closed. */
  readonly closed: AbortSignal;
}

export class Hold implements MutexHold {
  readonly holder: string;
  readonly #parts: HoldParts;
  readonly #lost = new AbortController();
  readonly #done = new AbortController();
  #endsAt: number;
  #release: Promise<Release> | null = null;

  constructor(parts: HoldParts) {
    this.#parts = parts;
    this.holder = holderOf(parts.lease.id);
    this.#endsAt = parts.askedAt + parts.lease.ttlMs;
    const over = AbortSignal.any([parts.closed, this.#done.signal, this.#lost.signal]);
    // Neither rejects: one renews, the other only watches the clock, also while a renewal hangs.
    void this.#keep(over);
    void this.#watch(over);
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  holds(): boolean {
    if (!this.#done.signal.aborted && this.#sureForMs() <= 0) this.#lost.abort();
    return !this.#done.signal.aborted && !this.#lost.signal.aborted;
  }

  async confirm(): Promise<boolean> {
    if (!this.holds()) return false;
    const { ask, lease } = this.#parts;
    try {
      // Whose key was deleted queues again, and may be behind somebody by now.
      const { holder } = await ask((client) => queue(client, lease.id));
      if (holder !== this.holder) this.#lost.abort();
    } catch (error) {
      if (faultOf(error).kind === 'missing') this.#lost.abort();
    }
    return this.holds();
  }

  release(): Promise<Release> {
    this.#release ??= this.#giveUp();
    return this.#release;
  }

  letExpire(): void {
    this.#done.abort();
  }

  #sureForMs(): number {
    return this.#endsAt - MARGIN_MS - this.#parts.clock.monotonic();
  }

  async #giveUp(): Promise<Release> {
    const { clock, release } = this.#parts;
    this.#done.abort();
    try {
      await release();
      return { kind: 'released' };
    } catch (error) {
      const withinMs = Math.max(0, Math.round(this.#endsAt - clock.monotonic()));
      return { kind: 'expires', withinMs, why: faultOf(error).message };
    }
  }

  async #keep(over: AbortSignal): Promise<void> {
    const { ask, clock, lease } = this.#parts;
    const everyMs = lease.ttlMs / RENEWALS_PER_TTL;
    let waitMs = this.#parts.askedAt + everyMs - clock.monotonic();
    // Ends at the latest when the lease does: #watch aborts `over`.
    for (;;) {
      await clock.sleep(waitMs, over);
      if (over.aborted) return;
      const askedAt = clock.monotonic();
      const renewed = await ask((client) => renew(client, lease.id)).catch((error: unknown) =>
        faultOf(error),
      );
      if (over.aborted) return;
      if (renewed === false) return this.#lost.abort();
      if (renewed === true) this.#endsAt = askedAt + lease.ttlMs;
      waitMs = renewed instanceof Fault ? RETRY_MS : everyMs - (clock.monotonic() - askedAt);
    }
  }

  async #watch(over: AbortSignal): Promise<void> {
    while (!over.aborted) {
      const leftMs = this.#sureForMs();
      if (leftMs <= 0) return this.#lost.abort();
      await this.#parts.clock.sleep(leftMs, over);
    }
  }
}
