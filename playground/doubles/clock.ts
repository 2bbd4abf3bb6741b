// Time that only moves when it is told to: the simulated world, the store and the engine share it, so that hours take milliseconds.
import type { Clock } from '../../src/engine/ports/clock.ts';
import { ManualClock, type WorldClock } from '../world/clock.ts';

/** Clock readings at one instant after which something turns in circles: a rollout of six nodes needs a few hundred at its busiest. */
const READINGS_PER_INSTANT = 20_000;
/** Timers one run may fire: an hour of one rollout under a driver fires about thirty thousand. */
const TIMERS_PER_RUN = 150_000;

interface Due {
  readonly atMs: number;
}

/** The world's manual clock with a runner: fires one timer after the other, and lets everything that waits for it go on in between. */
export class SimulatedTime implements WorldClock {
  readonly #hands = new ManualClock();
  readonly #due = new Set<Due>();
  readonly #outside = new Set<Promise<unknown>>();
  #readings = 0;

  now(): number {
    return this.#hands.now();
  }

  /** Whole milliseconds, because that is what a store's clock tells. */
  after(ms: number, run: () => void): () => void {
    const wholeMs = Math.ceil(Math.max(0, ms));
    const due = { atMs: this.now() + wholeMs };
    this.#due.add(due);
    const cancel = this.#hands.after(wholeMs, () => {
      this.#due.delete(due);
      run();
    });
    return () => {
      this.#due.delete(due);
      cancel();
    };
  }

  /** The engine's clock over the same hands. */
  engineClock(): Clock {
    return {
      now: () => this.#read(),
      monotonic: () => this.#read(),
      sleep: (ms, signal) => this.#sleep(ms, signal),
    };
  }

  /** Time stands still while something real is awaited, such as a server of another process. */
  async outside<T>(real: Promise<T>): Promise<T> {
    const settled = real.catch(() => undefined);
    this.#outside.add(settled);
    try {
      return await real;
    } finally {
      this.#outside.delete(settled);
    }
  }

  /** Lets everything that can go on now go on. Throws when something turns in circles without waiting. */
  async settle(): Promise<void> {
    // Microtasks are run to their end before any immediate.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#outside.size > 0) {
      await Promise.all(this.#outside);
      await new Promise((resolve) => setImmediate(resolve));
    }
    this.#mustMove();
  }

  /** Moves by so many milliseconds, one timer at a time. */
  async advance(ms: number): Promise<void> {
    const untilMs = this.now() + ms;
    await this.settle();
    for (let fired = 0; fired < TIMERS_PER_RUN; fired += 1) {
      const next = this.#next();
      if (next === null || next > untilMs) {
        this.#moveTo(untilMs);
        await this.settle();
        return;
      }
      this.#moveTo(next);
      await this.settle();
    }
    throw new Error(`more than ${TIMERS_PER_RUN} timers in ${ms} ms of simulated time`);
  }

  /** Moves until the condition holds. Throws when it does not within `limitMs` of simulated time, or when nothing is left to happen. */
  async runUntil(hasCome: () => boolean, limitMs: number): Promise<void> {
    const untilMs = this.now() + limitMs;
    for (let fired = 0; fired < TIMERS_PER_RUN; fired += 1) {
      await this.settle();
      if (hasCome()) return;
      const next = this.#next();
      if (next === null) throw new Error('nothing is left to happen');
      if (next > untilMs) throw new Error(`it did not come within ${limitMs} ms of simulated time`);
      this.#moveTo(next);
    }
    throw new Error(`more than ${TIMERS_PER_RUN} timers in ${limitMs} ms of simulated time`);
  }

  #next(): number | null {
    let next: number | null = null;
    for (const { atMs } of this.#due) if (next === null || atMs < next) next = atMs;
    return next;
  }

  #moveTo(atMs: number): void {
    if (atMs > this.now()) this.#readings = 0;
    this.#hands.advance(Math.max(0, atMs - this.now()));
  }

  /** A circle of promises never lets a timer fire, so it is broken where every circle passes: at the clock. */
  #read(): number {
    this.#readings += 1;
    this.#mustMove();
    return this.now();
  }

  #mustMove(): void {
    if (this.#readings > READINGS_PER_INSTANT)
      throw new Error(`hot loop: the clock was read more than ${READINGS_PER_INSTANT} times at one instant`);
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      // In a hot loop a sleep never ends, or whoever catches the error would turn on.
      if (this.#readings > READINGS_PER_INSTANT) return;
      if (signal?.aborted === true) {
        resolve();
        return;
      }
      const done = (): void => {
        cancel();
        signal?.removeEventListener('abort', done);
        resolve();
      };
      const cancel = this.after(ms, done);
      signal?.addEventListener('abort', done, { once: true });
    });
  }
}
