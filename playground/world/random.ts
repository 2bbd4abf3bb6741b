/** Randomness from a seed, so that a world can be played again exactly. */

export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** A whole number in [0, below). */
  int(below: number): number;
  /** `length` lower-case hexadecimal digits. */
  hex(length: number): string;
  /** A number within `share` (0.2 = ±20 %) of `value`, rounded. */
  around(value: number, share: number): number;
  /** An independent generator that depends on the seed and the name only, not on what was drawn before. */
  fork(name: string): Random;
}

/** FNV-1a over the name: a well-known cheap way to spread similar names over 32 bits. */
function spread(seed: number, name: string): number {
  let hash = (0x811c9dc5 ^ seed) >>> 0;
  for (let index = 0; index < name.length; index += 1) {
    hash = Math.imul(hash ^ name.charCodeAt(index), 0x01000193) >>> 0;
  }
  return hash;
}

/** A mulberry32 generator. Not for secrets. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }
  return {
    next,
    int: (below) => Math.floor(next() * below),
    hex: (length) => Array.from({ length }, () => Math.floor(next() * 16).toString(16)).join(''),
    around: (value, share) => Math.round(value * (1 + share * (2 * next() - 1))),
    fork: (name) => createRandom(spread(seed, name)),
  };
}

/** A random UUID (version 4), the shape of a Linux boot id. */
export function uuid(random: Random): string {
  const hex = random.hex(30);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(12, 15)}-a${hex.slice(15, 18)}-${hex.slice(18, 30)}`;
}
