// Waits for something, but not for ever.
import type { Clock } from '../engine/ports/clock.ts';

export type Prompt<T> = { readonly kind: 'in-time'; readonly value: T } | { readonly kind: 'later' };

/** Rejects when the work rejects in time; a later rejection belongs to whoever else awaits the work. */
export async function promptly<T>(clock: Clock, work: Promise<T>, limitMs: number): Promise<Prompt<T>> {
  const stop = new AbortController();
  const late = clock.sleep(limitMs, stop.signal).then((): Prompt<T> => ({ kind: 'later' }));
  const done = work.then((value): Prompt<T> => ({ kind: 'in-time', value }));
  try {
    return await Promise.race([done, late]);
  } finally {
    stop.abort();
    // Lost races must not become unhandled rejections.
    done.catch(() => undefined);
  }
}
