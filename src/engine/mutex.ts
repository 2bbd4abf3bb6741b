// Talos's upgrade mutex in the hand of one drive: taken before a control-plane node is changed, given up when nobody acts any more.
import type { Lane } from '../rollout/plan.ts';
import { laneDone, type Rollout, stepsInHand } from '../rollout/rollout.ts';
import { LastTry } from './last-try.ts';
import type { Clock } from './ports/clock.ts';
import { type Fault, faultOf } from './ports/fault.ts';
import type { Log } from './ports/log.ts';
import type { MutexHold, Release, UpgradeMutex } from './ports/upgrade-mutex.ts';
import type { EtcdSeat } from './ports/witness.ts';
import { Slots } from './slots.ts';

/** Milliseconds for which an answer stands: each try is three writes to etcd, and whoever has the mutex has it for minutes. */
const TRY_EVERY_MS = 2_000;
/** Milliseconds between two tries for a mutex that nothing waits for: a node of Talos <= 1.6 keeps it for minutes. */
const PURSUE_EVERY_MS = 5_000;

/** For which lane, and through whom: in this order. */
export interface Wanted {
  readonly lane: Lane;
  readonly seats: readonly EtcdSeat[];
}

export type Grip =
  | { readonly kind: 'held'; readonly holder: string }
  | { readonly kind: 'elsewhere'; readonly holder: string }
  | { readonly kind: 'unanswered'; readonly fault: Fault };

export interface MutexKeeperParts {
  readonly mutex: UpgradeMutex;
  readonly clock: Clock;
  readonly log: Log;
  /** The rollout's id, for the log. */
  readonly rollout: string;
}

/**
 * A lease in etcd lives only while a process renews it, so this belongs to one drive and not to the plan. One thing at a time:
 * nothing is taken while something is being given back.
 */
export class MutexKeeper {
  /** One thing at a time. */
  readonly #turns = new Slots(1);
  readonly #parts: MutexKeeperParts;
  readonly #inVain: LastTry<Exclude<Grip, { kind: 'held' }>>;
  #held: { readonly lane: Lane; readonly hold: MutexHold } | null = null;
  #pursuing = false;

  constructor(parts: MutexKeeperParts) {
    this.#parts = parts;
    this.#inVain = new LastTry(parts.clock);
  }

  /** Our lease id in hex while the mutex is sure to be ours; null when it is not. */
  get holder(): string | null {
    return this.#held?.hold.holds() === true ? this.#held.hold.holder : null;
  }

  /** Takes it now, or says who has it or had it a moment ago. Never rejects. */
  grasp(wanted: Wanted): Promise<Grip> {
    return this.#turns.run(() => this.#take(wanted));
  }

  /** Tries now and then, beside whatever else is done. */
  pursue(wanted: Wanted): void {
    if (this.#pursuing || this.holder !== null || this.#inVain.within(PURSUE_EVERY_MS) !== null) return;
    this.#pursuing = true;
    void this.grasp(wanted).finally(() => {
      this.#pursuing = false;
    });
  }

  /** Gives it up; null when it was not in hand. Never rejects. */
  release(): Promise<Release | null> {
    return this.#turns.run(() => this.#giveUp());
  }

  /** Gives it up, beside whatever else is done, once the lane it was taken for is done. */
  releaseAfterLane(rollout: Rollout): void {
    if (this.#held !== null && laneDone(rollout, this.#held.lane)) void this.release();
  }

  /**
   * The drive is over. What is in hand may still happen, and whoever drives next must find nobody else in between: then others
   * are kept out for what is left of the lease. Otherwise it is free at once.
   */
  async end(rollout: Rollout): Promise<void> {
    await this.#turns.run(async () => {
      if (stepsInHand(rollout).length === 0) await this.#giveUp();
      else this.#held?.hold.letExpire();
      this.#held = null;
    });
  }

  async #take({ lane, seats }: Wanted): Promise<Grip> {
    const { hold } = this.#held ?? {};
    if (hold !== undefined && (await hold.confirm())) return { kind: 'held', holder: hold.holder };
    // Lost by our clock, it may still stand in etcd: our own dead key would keep us out.
    await this.#giveUp();
    const before = this.#inVain.within(TRY_EVERY_MS);
    if (before !== null) return before;
    try {
      const reply = await this.#parts.mutex.tryTake(seats);
      if (reply.kind === 'taken') {
        this.#held = { lane, hold: reply.hold };
        return { kind: 'held', holder: reply.hold.holder };
      }
      return this.#inVain.was({ kind: 'elsewhere', holder: reply.holder });
    } catch (error) {
      return this.#inVain.was({ kind: 'unanswered', fault: faultOf(error) });
    }
  }

  async #giveUp(): Promise<Release | null> {
    if (this.#held === null) return null;
    const { hold } = this.#held;
    this.#held = null;
    const release = await hold.release();
    if (release.kind === 'expires') {
      this.#parts.log.warn('the upgrade mutex could not be given back and expires by itself', {
        rollout: this.#parts.rollout,
        holder: hold.holder,
        withinMs: release.withinMs,
        error: release.why,
      });
    }
    return release;
  }
}
