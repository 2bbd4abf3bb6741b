// Work that must not outlive its time: it is told when that is over.
import type { Clock } from './ports/clock.ts';

/** Gives the work a signal that aborts after `ms` milliseconds, and awaits how it ends: what listens to it leaves nothing behind. */
export async function within<T>(
  clock: Clock,
  ms: number,
  work: (over: AbortSignal) => Promise<T>,
): Promise<T> {
  const ended = new AbortController();
  const over = new AbortController();
  void clock.sleep(ms, ended.signal).then(() => over.abort());
  try {
    return await work(over.signal);
  } finally {
    ended.abort();
  }
}
