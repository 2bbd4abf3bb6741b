// Seeded randomness: the same seed walks the same way for ever.

export interface Random {
  /** True with this probability. */
  chance(probability: number): boolean;
  /** A whole number below `limit`. */
  below(limit: number): number;
  /** Throws on an empty list. */
  pick<T>(list: readonly T[]): T;
}

/** Mulberry32: 32 bits of state are plenty for a few thousand draws. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const draw = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number): number => Math.floor(draw() * limit);
  return {
    chance: (probability) => draw() < probability,
    below,
    pick: (list) => {
      const picked = list[below(list.length)];
      if (picked === undefined) throw new Error('nothing to pick from');
      return picked;
    },
  };
}
