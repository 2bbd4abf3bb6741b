// Remembers whose pods a drain sent away, and sees which owners put them on the cordoned node again: that would never end by itself.
import type { Clock } from '../ports/clock.ts';
import type { PodSeen } from '../ports/workloads.ts';

/** Once, it may have been placed in the moment before the scheduler knew of the cordon; twice, its owner will always do so. */
const A_HABIT = 2;
/** It is sent away again after this long, doubled up to the second figure: each time restarts somebody's program, hardly ever for good. */
const AGAIN_FROM_MS = 1_000;
const AGAIN_TO_MS = 300_000;
/** An owner that makes pods where the last one was does so within seconds of its end. */
const BACK_WITHIN_MS = 5_000;

/** All pods of one owner on this node, as they come and go. */
interface Owned {
  readonly uids: Set<string>;
  readonly last: PodSeen;
  /** By the monotonic clock, in milliseconds. */
  readonly seenAt: number;
  readonly returns: number;
  /** One of them was sent away since it came back last. */
  readonly sent: boolean;
  readonly againAt: number;
}

export interface Known {
  /** How often the drain had ended, and pods were on the node all the same. */
  readonly outdated: number;
  /** Owners about whom people are asked already. */
  readonly asked: readonly string[];
  /** So long, in milliseconds, one that always comes back may take to do so. */
  readonly habitMs: number;
}

/**
 * What it counts is lost with its process and begins anew, as it does with a Retry: it costs a few evictions more. What people were asked
 * about is in the journal, and stays asked.
 */
export class Comebacks {
  readonly #clock: Clock;
  readonly #known: Known;
  readonly #owned = new Map<string, Owned>();
  #first = true;

  constructor(clock: Clock, known: Known) {
    this.#clock = clock;
    this.#known = known;
  }

  /** What is to leave the node now, in every look at it. */
  look(pods: readonly PodSeen[]): void {
    const now = this.#clock.monotonic();
    for (const pod of pods) {
      const before = this.#owned.get(pod.workload);
      this.#owned.set(pod.workload, before === undefined ? this.#new(pod, now) : after(before, pod, now));
    }
    this.#first = false;
  }

  sent(pods: readonly PodSeen[]): void {
    for (const { workload } of pods) {
      const before = this.#owned.get(workload);
      if (before !== undefined) this.#owned.set(workload, { ...before, sent: true });
    }
  }

  /** Whether it may be sent away, as far as its coming back is concerned. */
  isDue({ workload }: PodSeen): boolean {
    return this.#clock.monotonic() >= (this.#owned.get(workload)?.againAt ?? 0);
  }

  /** How often one like it came back. */
  returns({ workload }: PodSeen): number {
    return this.#owned.get(workload)?.returns ?? 0;
  }

  isHabit(pod: PodSeen): boolean {
    return this.returns(pod) >= A_HABIT;
  }

  /** The last of those that came back before, are not among these, and may be there again any moment. */
  absent(pods: readonly PodSeen[]): readonly PodSeen[] {
    const here = new Set(pods.map(({ workload }) => workload));
    const now = this.#clock.monotonic();
    return [...this.#owned.values()].flatMap(({ last, seenAt, returns }) => {
      if (returns === 0 || here.has(last.workload)) return [];
      const { habitMs } = this.#known;
      const withinMs = returns >= A_HABIT ? habitMs : Math.min(BACK_WITHIN_MS, habitMs);
      return now - seenAt < withinMs ? [{ ...last, deletingAt: null }] : [];
    });
  }

  #new(pod: PodSeen, now: number): Owned {
    return {
      ...{ uids: new Set([pod.uid]), last: pod, seenAt: now, sent: false, againAt: now },
      returns: this.#known.asked.includes(pod.workload) ? A_HABIT : this.#earlier(pod),
    };
  }

  /** On a node that was drained already it came back; unless somebody uncordoned it meanwhile, which only a pod that tolerates that rules out. */
  #earlier({ toleratesCordon }: PodSeen): number {
    if (!this.#first) return 0;
    const { outdated } = this.#known;
    return toleratesCordon ? outdated : Math.min(outdated, A_HABIT - 1);
  }
}

/** Several that come back together came back once. */
function after(before: Owned, pod: PodSeen, now: number): Owned {
  const seen = { ...before, last: pod, seenAt: now };
  if (before.uids.has(pod.uid)) return seen;
  before.uids.add(pod.uid);
  if (!before.sent) return seen;
  const againMs = Math.min(AGAIN_TO_MS, AGAIN_FROM_MS * 2 ** before.returns);
  return { ...seen, returns: before.returns + 1, sent: false, againAt: now + againMs };
}
