// Since when pods were seen being deleted, by our own clock: their deletion mark is the API server's time, and ours may be hours off.
import type { Clock } from '../ports/clock.ts';
import type { PodSeen } from '../ports/workloads.ts';

export interface Known {
  /** Uids of those about which people are asked already, as being past their time. */
  readonly asked: readonly string[];
  /** So long, in milliseconds, were they past it at least. */
  readonly marginMs: number;
}

/**
 * The mark is the moment of the request plus the grace (kubernetes.md 2.5), so a pod's grace is over no later than that long after it was
 * first seen with one. What it knows is lost with its process and begins anew: that is later, and never too early. What people were asked
 * about is in the journal, and stays asked.
 */
export class Deletions {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #known: Known;
  /** By uid, in milliseconds of the monotonic clock. */
  readonly #since = new Map<string, number>();

  constructor(clock: Pick<Clock, 'monotonic'>, known: Known) {
    this.#clock = clock;
    this.#known = known;
  }

  /** What is to leave the node now, in every look at it. */
  look(pods: readonly PodSeen[]): void {
    const now = this.#clock.monotonic();
    const { asked, marginMs } = this.#known;
    for (const { uid, deletingAt, graceMs } of pods) {
      if (deletingAt === null || this.#since.has(uid)) continue;
      this.#since.set(uid, asked.includes(uid) ? now - graceMs - marginMs : now);
    }
  }

  /** Milliseconds since its grace was over, below 0 while some of it may be left; null for one that is not being deleted. */
  overdueMs({ uid, deletingAt, graceMs }: PodSeen): number | null {
    if (deletingAt === null) return null;
    const now = this.#clock.monotonic();
    return now - (this.#since.get(uid) ?? now) - graceMs;
  }
}
