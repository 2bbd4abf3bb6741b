// Which snapshots have had their time.
import type { ListedSnapshot, Retention } from '../engine/ports/archive.ts';

/** What an interrupted put left is deleted after this long: longer than any snapshot takes, so never one that is being written. */
export const ABANDONED_MS = 24 * 60 * 60_000;

/**
 * Those behind the newest `keep`, and those older than `maxAgeMs`; never the newest, however old it is, nor the one that was just
 * `taken`. Names carry the clock of whichever process took the copy: one that was ahead makes a copy outrank those taken after it.
 */
export function outdated(
  snapshots: readonly ListedSnapshot[],
  { keep, maxAgeMs }: Retention,
  nowMs: number,
  taken: string | null,
): readonly ListedSnapshot[] {
  const newestFirst = snapshots.toSorted((a, b) => b.takenAt - a.takenAt);
  return newestFirst.filter(
    ({ name, takenAt }, at) => at > 0 && name !== taken && (at >= keep || nowMs - takenAt > maxAgeMs),
  );
}
