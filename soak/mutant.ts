// A mutant: one guard of the product taken out, and the promises that are broken without it.
import type { Plant } from './plant.ts';

export interface Mutant {
  readonly name: string;
  /** What is missing, as the rest of a sentence that begins with "a bot that". */
  readonly sentence: string;
  /** Invariants of which at least one must be seen broken. */
  readonly breaks: readonly number[];
  /** A round of seed 1 that is a little before the first to show it; absent: soon after the first. */
  readonly around?: number;
  readonly plants: readonly Plant[];
}
