// Durations as people write them: 90s, 15m, 4h.
import { z } from 'zod';

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Shorter than this nothing here can mean: a poll would be a busy loop, a limit would hold every rollout. */
const LEAST_MS = 10;

const EXPECTED = 'expects a duration such as 90s, 15m or 4h';

/** Milliseconds. */
export const duration = z.string(EXPECTED).transform((text, context): number => {
  const found = /^(\d+)(ms|s|m|h|d)$/.exec(text.trim());
  const unit = UNITS[found?.[2] ?? ''];
  if (found === null || unit === undefined) {
    context.addIssue({ code: 'custom', message: EXPECTED });
    return z.NEVER;
  }
  const ms = Number(found[1]) * unit;
  if (ms < LEAST_MS) {
    context.addIssue({ code: 'custom', message: `expects at least ${LEAST_MS}ms` });
    return z.NEVER;
  }
  return ms;
});
