/** The time of the simulated world: passed in, so that tests turn the hands themselves. */

export interface WorldClock {
  /** Milliseconds since the Unix epoch. */
  now(): number;
  /** Calls `run` once, `ms` from now; the returned function cancels it. */
  after(ms: number, run: () => void): () => void;
}

interface Timer {
  readonly atMs: number;
  readonly order: number;
  readonly run: () => void;
}

/** Timers one idle run may fire: a world that keeps scheduling itself is a mistake, not a long story. */
const IDLE_TIMER_LIMIT = 100_000;

/** A clock whose hands only move when it is told to: for tests and for doubles without real time. */
export class ManualClock implements WorldClock {
  private nowMs: number;
  private order = 0;
  private timers: Timer[] = [];

  constructor(startMs = Date.UTC(2026, 10, 20, 12, 0, 0)) {
    this.nowMs = startMs;
  }

  now(): number {
    return this.nowMs;
  }

  after(ms: number, run: () => void): () => void {
    this.order += 1;
    const timer = { atMs: this.nowMs + Math.max(0, ms), order: this.order, run };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((one) => one !== timer);
    };
  }

  /** Moves the clock and fires what falls due, in order, including what is scheduled meanwhile. */
  advance(ms: number): void {
    const untilMs = this.nowMs + ms;
    for (let fired = 0; fired < IDLE_TIMER_LIMIT; fired += 1) {
      const next = this.earliest();
      if (next === undefined || next.atMs > untilMs) {
        this.nowMs = untilMs;
        return;
      }
      this.fire(next);
    }
    throw new Error(`the world fired more than ${IDLE_TIMER_LIMIT} timers in one advance`);
  }

  /** Fires everything due within `limitMs` (default an hour), and stops at the last one that was due. */
  runUntilIdle(limitMs = 3_600_000): void {
    const untilMs = this.nowMs + limitMs;
    for (let fired = 0; fired < IDLE_TIMER_LIMIT; fired += 1) {
      const next = this.earliest();
      if (next === undefined || next.atMs > untilMs) return;
      this.fire(next);
    }
    throw new Error(`the world never came to rest within ${IDLE_TIMER_LIMIT} timers`);
  }

  private earliest(): Timer | undefined {
    let best: Timer | undefined;
    for (const timer of this.timers) {
      if (
        best === undefined ||
        timer.atMs < best.atMs ||
        (timer.atMs === best.atMs && timer.order < best.order)
      )
        best = timer;
    }
    return best;
  }

  private fire(timer: Timer): void {
    this.timers = this.timers.filter((one) => one !== timer);
    this.nowMs = Math.max(this.nowMs, timer.atMs);
    timer.run();
  }
}

let last = { atMs: Number.NaN, text: '' };

/** A time as ISO 8601 writes it. Remembered once, because a simulated cluster writes much down at one instant. */
export function isoText(atMs: number): string {
  if (last.atMs !== atMs) last = { atMs, text: new Date(atMs).toISOString() };
  return last.text;
}
