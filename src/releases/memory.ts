// Remembers answers for a while, so that a plan and the plan after it do not ask for the same twice.

interface Kept<T> {
  readonly value: T;
  readonly untilMs: number;
}

export class Memory<T> {
  readonly #most: number;
  readonly #keepMs: number;
  readonly #monotonic: () => number;
  readonly #kept = new Map<string, Kept<T>>();

  /** At most `most` answers, each for `keepMs` milliseconds of `monotonic`. */
  constructor(limits: { readonly most: number; readonly keepMs: number; readonly monotonic: () => number }) {
    this.#most = limits.most;
    this.#keepMs = limits.keepMs;
    this.#monotonic = limits.monotonic;
  }

  /** The answer remembered, or a new one. Failures are not remembered, nor answers `worth` says no to. */
  async of(key: string, ask: () => Promise<T>, worth: (value: T) => boolean = () => true): Promise<T> {
    const kept = this.#kept.get(key);
    if (kept !== undefined && kept.untilMs > this.#monotonic()) return kept.value;
    const value = await ask();
    if (!worth(value)) return value;
    this.#kept.delete(key);
    // The oldest goes first: a map keeps the order in which it was filled.
    for (const old of this.#kept.keys()) {
      if (this.#kept.size < this.#most) break;
      this.#kept.delete(old);
    }
    this.#kept.set(key, { value, untilMs: this.#monotonic() + this.#keepMs });
    return value;
  }
}
