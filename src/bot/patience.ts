// How long to leave something alone that failed: each time twice as long as the time before, up to a limit.
import type { Clock } from '../engine/ports/clock.ts';

/** Waiting after a failure doubles up to this: long enough not to hurt a sick Slack, short enough for a person to wait. */
const MIN_MS = 500;
const MAX_MS = 30_000;
/** Doublings after which it is the most in any case: more would only make numbers large. */
const MOST_DOUBLINGS = 10;

export class Patience {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #until = 0;
  #failures = 0;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** Whether it may be tried now. */
  get isOver(): boolean {
    return this.#clock.monotonic() >= this.#until;
  }

  /** How often in a row it failed. */
  get failures(): number {
    return this.#failures;
  }

  /** Not before so many milliseconds, though nothing failed. */
  pause(ms: number): void {
    this.#until = this.#clock.monotonic() + ms;
  }

  /** `askedMs`: how long the other side asked for, in milliseconds; heeded up to the most that a person is let wait. */
  failed(askedMs = 0): void {
    this.#failures += 1;
    const doubled = MIN_MS * 2 ** Math.min(this.#failures - 1, MOST_DOUBLINGS);
    this.pause(Math.min(MAX_MS, Math.max(doubled, askedMs)));
  }

  worked(): void {
    this.#failures = 0;
  }
}
