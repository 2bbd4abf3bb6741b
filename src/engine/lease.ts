// The advisory Lease in the hand of one drive: taken before a node is changed, renewed while anything is done, given back when nobody acts.
import { holderName, type LeaseSeen } from '../cluster/lease.ts';
import type { Rollout } from '../rollout/rollout.ts';
import { stepsInHand } from '../rollout/rollout.ts';
import { LastTry } from './last-try.ts';
import type { AdvisoryLease, LeaseHold } from './ports/advisory-lease.ts';
import type { Clock } from './ports/clock.ts';
import { type Fault, faultOf } from './ports/fault.ts';
import type { Log } from './ports/log.ts';
import { Slots } from './slots.ts';

/** Milliseconds for which an answer stands: whoever has the Lease has it for minutes. */
const TRY_EVERY_MS = 2_000;
/** Milliseconds between two tries for what nothing waits for. */
const PURSUE_EVERY_MS = 5_000;

export type LeaseGrip =
  | { readonly kind: 'held'; readonly hold: LeaseHold }
  | { readonly kind: 'elsewhere'; readonly seen: LeaseSeen }
  | { readonly kind: 'unanswered'; readonly fault: Fault };

interface Grasping {
  /** Names under which earlier processes of this rollout held it. */
  readonly earlier: ReadonlySet<string>;
  readonly departs?: boolean;
}

export interface LeaseKeeperParts {
  readonly lease: AdvisoryLease;
  readonly clock: Clock;
  readonly log: Log;
  /** The rollout's id. */
  readonly rollout: string;
  /** This process. */
  readonly owner: string;
}

/** One for all lanes of a drive: other bots are kept out of the cluster, not of a node. One thing at a time, as with the mutex. */
export class LeaseKeeper {
  /** One thing at a time. */
  readonly #turns = new Slots(1);
  readonly #parts: LeaseKeeperParts;
  readonly #inVain: LastTry<Exclude<LeaseGrip, { kind: 'held' }>>;
  #hold: LeaseHold | null = null;
  #pursuing = false;
  #confirmedAt = Number.NEGATIVE_INFINITY;
  #inheritedOnce = false;

  constructor(parts: LeaseKeeperParts) {
    this.#parts = parts;
    this.#inVain = new LastTry(parts.clock);
  }

  /** What is in hand; null when it is not, or somebody else was seen to have it. */
  get hold(): LeaseHold | null {
    return this.#hold?.lost === false ? this.#hold : null;
  }

  /**
   * Takes it now, or says who has it or had it a moment ago; what is in hand is asked about anew, always before a departure. Never
   * rejects.
   */
  grasp({ earlier, departs = false }: Grasping): Promise<LeaseGrip> {
    return this.#turns.run(() => this.#take(earlier, departs ? 0 : TRY_EVERY_MS));
  }

  /** Tries now and then, beside whatever else is done. */
  pursue(earlier: ReadonlySet<string>): void {
    if (this.#pursuing || this.hold !== null || this.#inVain.within(PURSUE_EVERY_MS) !== null) return;
    this.#pursuing = true;
    void this.grasp({ earlier }).finally(() => {
      this.#pursuing = false;
    });
  }

  /** Gives it back, when it is in hand, or when a process that died had it under one of the earlier names. Never rejects. */
  release(earlier: ReadonlySet<string>): Promise<void> {
    return this.#turns.run(() => this.#giveUp(earlier));
  }

  /** The drive is over. While a step may still happen nobody else gets in before whoever drives next; then it is free at once. */
  async end(rollout: Rollout, earlier: ReadonlySet<string>): Promise<void> {
    await this.#turns.run(async () => {
      if (stepsInHand(rollout).length === 0) await this.#giveUp(earlier);
      else this.#hold?.letExpire();
      this.#hold = null;
    });
  }

  async #take(earlier: ReadonlySet<string>, freshMs: number): Promise<LeaseGrip> {
    const held = this.hold;
    // Without an answer it is ours as far as anybody knows: a renewal that is late stops no node midway (kubernetes.md 3.10).
    if (held !== null && (await this.#stands(held, freshMs))) return { kind: 'held', hold: held };
    this.#hold = null;
    const before = this.#inVain.within(TRY_EVERY_MS);
    if (before !== null) return before;
    const { lease } = this.#parts;
    try {
      const reply = await lease.tryTake({ holder: this.#nameIn(earlier), earlier });
      if (reply.kind === 'held-elsewhere') return this.#inVain.was({ kind: 'elsewhere', seen: reply.seen });
      this.#hold = reply.hold;
      this.#confirmedAt = this.#parts.clock.monotonic();
      return { kind: 'held', hold: reply.hold };
    } catch (error) {
      return this.#inVain.was({ kind: 'unanswered', fault: faultOf(error) });
    }
  }

  /**
   * A name that the journal knows: a successor that dies before its own first fact would leave one that the next one takes for another
   * house's. The epoch tells two holders of one name apart.
   */
  #nameIn(earlier: ReadonlySet<string>): string {
    const { rollout, owner } = this.#parts;
    const own = holderName(rollout, owner);
    return earlier.has(own) ? own : ([...earlier].at(-1) ?? own);
  }

  async #stands(hold: LeaseHold, freshMs: number): Promise<boolean> {
    const now = this.#parts.clock.monotonic();
    if (now - this.#confirmedAt < freshMs) return true;
    if ((await hold.confirm()) === 'lost') return false;
    this.#confirmedAt = now;
    return true;
  }

  async #giveUp(earlier: ReadonlySet<string>): Promise<void> {
    const hold = this.#hold ?? (await this.#inherited(earlier));
    this.#hold = null;
    this.#inheritedOnce = true;
    if (hold === null) return;
    const release = await hold.release();
    if (release.kind === 'released') return;
    const { log, rollout } = this.#parts;
    log.warn('the Lease could not be given back and expires by itself', {
      rollout,
      holder: hold.holder,
      withinMs: release.withinMs,
      error: release.why,
    });
  }

  /**
   * What a process left standing that died with its work done; looked for once, because nobody leaves anything beside us later. Without
   * an answer it expires by itself.
   */
  async #inherited(earlier: ReadonlySet<string>): Promise<LeaseHold | null> {
    if (this.#inheritedOnce || earlier.size === 0) return null;
    const { lease } = this.#parts;
    try {
      const { seen } = await lease.look();
      if (seen === null || !earlier.has(seen.holder)) return null;
      const reply = await lease.tryTake({ holder: this.#nameIn(earlier), earlier });
      return reply.kind === 'taken' ? reply.hold : null;
    } catch {
      return null;
    }
  }
}
