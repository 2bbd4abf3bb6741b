/** The clock on the wall, for a simulated cluster that runs by itself. */
import type { WorldClock } from '../world/clock.ts';

/** Longest span a Node timer takes; longer ones would fire at once. */
const LONGEST_TIMER_MS = 2_147_483_647;

export const realClock: WorldClock = {
  now: () => Date.now(),
  after(ms, run) {
    const timer = setTimeout(run, Math.min(ms, LONGEST_TIMER_MS));
    // The servers keep a process alive, not what will happen to a machine some day.
    timer.unref();
    return () => clearTimeout(timer);
  },
};
