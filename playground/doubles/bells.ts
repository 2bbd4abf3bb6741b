// Bells in this process: each ring is heard by one listener, a moment later, as a job of a queue would be.
import type { Bell, Bells } from '../../src/engine/ports/bells.ts';
import type { WorldClock } from '../world/clock.ts';

/** From the ring until somebody hears it, in milliseconds. */
const HEARD_AFTER_MS = 5;

export class SimulatedBells implements Bells {
  /** True: nobody hears any bell. The sweep must do. */
  deaf = false;
  /** How a ring is carried: milliseconds until it is heard, once for each number; none = it is lost. */
  carry: (bell: Bell) => readonly number[] = () => [HEARD_AFTER_MS];
  readonly rung: Bell[] = [];
  readonly #clock: WorldClock;
  #listeners: readonly ((bell: Bell) => void)[] = [];

  constructor(clock: WorldClock) {
    this.#clock = clock;
  }

  async ring(bell: Bell): Promise<void> {
    this.rung.push(bell);
    if (this.deaf) return;
    for (const ms of this.carry(bell)) this.#clock.after(ms, () => this.#heard(bell));
  }

  #heard(bell: Bell): void {
    const [listener, ...others] = this.#listeners;
    if (listener === undefined) return;
    // The next bell goes to the next one.
    this.#listeners = [...others, listener];
    listener(bell);
  }

  /** Returns how to stop listening. */
  hear(listener: (bell: Bell) => void): () => void {
    this.#listeners = [...this.#listeners, listener];
    return () => {
      this.#listeners = this.#listeners.filter((other) => other !== listener);
    };
  }
}
