// Which snapshots have had their time.
import type { ListedSnapshot, Retention } from '../engine/ports/archive.ts';

/** What an interrupted put left is deleted after this long: longer than any snapshot takes, so never one that is being written. */
export const ABANDONED_MS = 24 * 60 * 60_000;

/** Those behind the newest `keep`, and those older than `maxAgeMs`; never the newest, however old it is. */
export function outdated(
  snapshots: readonly ListedSnapshot[],
  { keep, maxAgeMs }: Retention,
  nowMs: number,
): readonly ListedSnapshot[] {
  const newestFirst = snapshots.toSorted((a, b) => b.takenAt - a.takenAt);
  return newestFirst.filter(({ takenAt }, at) => at > 0 && (at >= keep || nowMs - takenAt > maxAgeMs));
}
