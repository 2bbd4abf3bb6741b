// How long something takes by the time that this process was given: a busy machine lets it stand still for seconds at a time.

const TICK_MS = 20;

export interface Timed<T> {
  readonly result: PromiseSettledResult<T>;
  /** Whole ticks: however long a pause between two of them was, it counts as one. */
  readonly livedMs: number;
}

/** Limits are timers of this process, as the ticks are: who keeps one keeps it however late both of them are. */
export async function timed<T>(work: Promise<T>): Promise<Timed<T>> {
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
  }, TICK_MS);
  try {
    const [result] = await Promise.allSettled([work]);
    return { result, livedMs: ticks * TICK_MS };
  } finally {
    clearInterval(timer);
  }
}
