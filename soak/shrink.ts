// Makes a failing walk short: the fewest moves of which taking away any one more would let it pass.
import type { Round } from './draw.ts';
import type { Move } from './move.ts';

/** Walks played again while one is made shorter: each takes a fraction of a second, and somebody waits for the answer. */
const MOST_TRIES = 250;

/** `fails` plays a round and says whether it breaks the same invariant. */
export async function shrunk(
  { setup, moves }: Round,
  fails: (round: Round) => Promise<boolean>,
): Promise<readonly Move[]> {
  let left = moves;
  let tries = 0;
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < left.length && tries < MOST_TRIES; ) {
      const fewer = [...left.slice(0, at), ...left.slice(at + size)];
      tries += 1;
      if (await fails({ setup, moves: fewer })) left = fewer;
      else at += size;
    }
  }
  return left;
}
