// Times what is short: again and again, and told as the median, which a busy machine moves least.

/** Runs before the first one that counts, because the engine compiles what is hot: a tenth of the rounds, at most so many. */
const MOST_WARM_UP = 20;

function warmUp(rounds: number): number {
  return Math.min(MOST_WARM_UP, Math.ceil(rounds / 10));
}

/** Microseconds of each run. */
export function timed(rounds: number, run: () => unknown): readonly number[] {
  const took: number[] = [];
  for (let round = -warmUp(rounds); round < rounds; round += 1) {
    const begunMs = performance.now();
    run();
    if (round >= 0) took.push((performance.now() - begunMs) * 1_000);
  }
  return took;
}

/** Microseconds of each run, one after the other. */
export async function timedEach(
  rounds: number,
  run: (round: number) => Promise<unknown>,
): Promise<readonly number[]> {
  const took: number[] = [];
  const idle = warmUp(rounds);
  for (let round = 0; round < rounds + idle; round += 1) {
    const begunMs = performance.now();
    await run(round);
    if (round >= idle) took.push((performance.now() - begunMs) * 1_000);
  }
  return took;
}
