// Remembers, for a while, where somebody asked for a rollout, so that a private answer reaches them there.
import type { Clock } from '../engine/ports/clock.ts';
import type { Ear } from './private.ts';

/** Slack's response_url lives 30 minutes; a planned wish is answered in seconds. */
const REMEMBERED_MS = 25 * 60_000;
const MAX_ASKS = 1_000;

export class Asks {
  readonly #clock: Clock;
  readonly #ears = new Map<string, { readonly ear: Ear; readonly untilMs: number }>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  remember(rollout: string, ear: Ear): void {
    const now = this.#clock.monotonic();
    for (const [key, { untilMs }] of this.#ears)
      if (untilMs < now || this.#ears.size >= MAX_ASKS) this.#ears.delete(key);
    this.#ears.set(rollout, { ear, untilMs: now + REMEMBERED_MS });
  }

  /** Null when this process did not hear the wish, or long ago. */
  earOf(rollout: string): Ear | null {
    const asked = this.#ears.get(rollout);
    return asked === undefined || asked.untilMs < this.#clock.monotonic() ? null : asked.ear;
  }
}
