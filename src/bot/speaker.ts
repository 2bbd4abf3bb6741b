// The right to speak: of all processes that hear clicks, one posts and edits, so that the budget of a workspace is kept once.
import type { Clock } from '../engine/ports/clock.ts';
import type { Spent, Threads } from '../engine/ports/threads.ts';

/** How long the right lasts without renewal: a killed speaker is silent at most this long. */
const LEASE_MS = 3_000;
const RENEW_MS = 750;
/** A call begun this close to the end of the lease might end after it. */
const MARGIN_MS = 500;

export class Speaker {
  readonly #threads: Threads;
  readonly #clock: Clock;
  readonly #workspace: string;
  readonly #owner: string;
  #untilMs = Number.NEGATIVE_INFINITY;
  #askedMs = Number.NEGATIVE_INFINITY;

  constructor(threads: Threads, clock: Clock, who: { readonly workspace: string; readonly owner: string }) {
    this.#threads = threads;
    this.#clock = clock;
    this.#workspace = who.workspace;
    this.#owner = who.owner;
  }

  /** Becomes or stays the speaker; asks the store only when it is time to. Rejects with the store's Fault. */
  async keep(): Promise<boolean> {
    const before = this.#clock.monotonic();
    if (before - this.#askedMs < RENEW_MS) return this.speaking();
    this.#askedMs = before;
    const mine = await this.#threads.speak(this.#workspace, this.#owner, LEASE_MS);
    // Counted from before the call: the store's lease cannot end earlier than this.
    this.#untilMs = mine ? before + LEASE_MS - MARGIN_MS : Number.NEGATIVE_INFINITY;
    return this.speaking();
  }

  /** By this process's own clock: true only while nobody else can be speaking. */
  speaking(): boolean {
    return this.#clock.monotonic() < this.#untilMs;
  }

  /** What the one before used of the budget lately; null when nobody knows. Rejects with the store's Fault. */
  inherited(): Promise<Spent | null> {
    return this.#threads.spent(this.#workspace);
  }

  /** For whoever speaks next. Rejects with the store's Fault. */
  async leave(spent: Spent): Promise<void> {
    await this.#threads.setSpent(this.#workspace, spent);
  }

  /** Gives the right back, so that the next one need not wait. */
  async release(): Promise<void> {
    if (!this.speaking()) return;
    this.#untilMs = Number.NEGATIVE_INFINITY;
    await this.#threads.speak(this.#workspace, this.#owner, 1);
  }
}
