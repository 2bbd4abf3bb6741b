// Evaluates health checks a slice at a time, so that whatever else the process has to do in time gets its turn; bounded in all.
import { setTimeout as pause } from 'node:timers/promises';
import { Slots } from '../../engine/slots.ts';
import type { Expression, Verdict } from './expression.ts';

/** Milliseconds of one slice: a tenth of what anybody notices, a hundredth of a lease. */
const SLICE_MS = 25;
/** Milliseconds that everybody else has after a slice, at most: what waits for its turn needs a few. */
const MOST_PAUSE_MS = 100;
/** Milliseconds of evaluation for one check: ten thousand pods take a fifth of a second. */
export const CHECK_MS = 3_000;
/** Milliseconds of evaluation for all checks of a reading, which has thirty seconds in all. */
export const READING_MS = 10_000;

/** One slice at a time in the whole process, however many clusters are surveyed: only then is a slice as long as it says. */
const turn = new Slots(1);

/** What a check, and all checks of its reading, may still spend, in milliseconds. */
export interface Purse {
  readonly all: { leftMs: number };
  leftMs: number;
}

export function purseOf(all: Purse['all']): Purse {
  return { all, leftMs: CHECK_MS };
}

export type Verdicts =
  | { readonly kind: 'said'; readonly verdicts: readonly Verdict[] }
  /** `why` is about the check, not about an object. */
  | { readonly kind: 'over'; readonly why: string };

/** The verdicts about all of a page, up to the first that nobody can say; then the rest is not asked about. */
export async function verdictsOn(
  page: readonly object[],
  { asks }: Expression,
  purse: Purse,
): Promise<Verdicts> {
  const verdicts: Verdict[] = [];
  while (verdicts.length < page.length) {
    const why = whyOver(purse);
    if (why !== null) return { kind: 'over', why };
    const given = await turn.run(async () => {
      const begunMs = performance.now();
      const slice = asks(page.slice(verdicts.length), SLICE_MS);
      const spentMs = performance.now() - begunMs;
      purse.leftMs -= spentMs;
      purse.all.leftMs -= spentMs;
      // As long as this took, before the next slice of whichever check.
      await pause(Math.min(spentMs, MOST_PAUSE_MS));
      return slice;
    });
    verdicts.push(...given);
    if (given.some(({ kind }) => kind === 'unknown')) break;
  }
  return { kind: 'said', verdicts };
}

function whyOver({ all, leftMs }: Purse): string | null {
  if (leftMs <= 0)
    return `it was given up after ${CHECK_MS / 1_000} s: ask about fewer objects, or something simpler`;
  if (all.leftMs <= 0)
    return `it was given up, as all health checks together took ${READING_MS / 1_000} s: ask about fewer objects, or fewer checks`;
  return null;
}
