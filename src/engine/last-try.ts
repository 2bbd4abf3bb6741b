// The last try in vain for what somebody else has: its answer stands for a while, so that nobody is asked again at once.
import type { Clock } from './ports/clock.ts';

export class LastTry<T> {
  readonly #clock: Pick<Clock, 'monotonic'>;
  #last: { readonly at: number; readonly answer: T } | null = null;

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  /** From now on it is this one; hands its answer back. */
  was(answer: T): T {
    this.#last = { at: this.#clock.monotonic(), answer };
    return answer;
  }

  /** Its answer; null when there was none in the last `ms` milliseconds. */
  within(ms: number): T | null {
    const last = this.#last;
    return last !== null && this.#clock.monotonic() - last.at < ms ? last.answer : null;
  }
}
