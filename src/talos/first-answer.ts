// Asks several ways one after the other, and the next one already when the last stays silent: the first answer counts.

export interface Asking<W, T> {
  /** In the order of preference; at least one. */
  readonly ways: readonly W[];
  /** Milliseconds of silence after which the next way is asked as well. */
  readonly hedgeMs: number;
  readonly ask: (way: W, signal: AbortSignal) => Promise<T>;
  /** True when nothing would come of a further way; the first one is asked whatever it says. */
  readonly isLate?: () => boolean;
  /** True for an error that no other way can better. */
  readonly isFinal: (error: unknown) => boolean;
  /** What to reject with when all failed, in the order in which they did; by default the last. */
  readonly sumUp?: (errors: readonly unknown[]) => unknown;
}

/** Resolves with the first answer and tells the other ways to stop; rejects with a final error, or with what all of them come to. */
export function firstAnswer<W, T>(asking: Asking<W, T>): Promise<T> {
  const { ways, hedgeMs, ask, isLate = () => false, isFinal, sumUp } = asking;
  const over = new AbortController();
  return new Promise<T>((resolve, reject) => {
    let next = 0;
    let pending = 0;
    let timer: NodeJS.Timeout | undefined;
    const errors: unknown[] = [];
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      over.abort();
      settle();
    };
    const failed = (error: unknown): void => {
      pending -= 1;
      if (over.signal.aborted) return;
      errors.push(error);
      if (isLate()) next = ways.length;
      if (isFinal(error)) end(() => reject(error));
      else if (next === ways.length && pending === 0) end(() => reject(sumUp?.(errors) ?? error));
      else start();
    };
    const start = (): void => {
      clearTimeout(timer);
      const way = ways[next];
      if (way === undefined || over.signal.aborted) return;
      if (next > 0 && isLate()) return;
      next += 1;
      pending += 1;
      if (next < ways.length) timer = setTimeout(start, hedgeMs);
      ask(way, over.signal).then((answer) => end(() => resolve(answer)), failed);
    };
    if (ways.length === 0) reject(new Error('there is no way to ask'));
    else start();
  });
}
