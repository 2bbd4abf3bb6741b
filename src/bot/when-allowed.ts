// Does something that Slack may ask to have later: then, and not for ever.
import { WebAPIRateLimitedError } from '@slack/web-api';
import type { Clock } from '../engine/ports/clock.ts';

/** Slack's limits are counted by the minute: what it refuses after so many waits is refused for more than being too much. */
const ROUNDS = 3;
/** Slack asks for seconds, rarely for a minute; nobody sits through more. */
const LONGEST_MS = 60_000;

/** How long Slack wants to be left alone, in milliseconds; null when that is not what it said. */
export function askedToWaitMs(error: unknown): number | null {
  return error instanceof WebAPIRateLimitedError ? error.retryAfter * 1_000 : null;
}

/** For clients that do not wait by themselves, because others would wait with them. Rejects with what the work rejected with last. */
export async function whenAllowed<T>(clock: Pick<Clock, 'sleep'>, work: () => Promise<T>): Promise<T> {
  for (let round = 1; ; round += 1) {
    try {
      return await work();
    } catch (error) {
      const waitMs = askedToWaitMs(error);
      if (waitMs === null || waitMs > LONGEST_MS || round === ROUNDS) throw error;
      await clock.sleep(waitMs);
    }
  }
}
