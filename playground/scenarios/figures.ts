// What the journals themselves say of processes that died: how long nobody drove, and whether anything was left in doubt.
import type { Entry } from '../../src/rollout/event.ts';

type Entries = readonly Entry[];

/**
 * The longest time, in milliseconds by the journal's own clock, from the last fact of a killed process that had a step in hand to the
 * first of who drove next; null where nobody was killed with one, or nobody drove again.
 */
export function drivingAgainMs(journals: readonly Entries[], killed: readonly string[]): number | null {
  const gaps = journals.flatMap((entries) => killed.flatMap((owner) => gapAfter(entries, owner)));
  return gaps.length === 0 ? null : Math.max(...gaps);
}

function gapAfter(entries: Entries, owner: string): readonly number[] {
  const last = entries.findLast(({ by }) => by.kind === 'driver' && by.name === owner);
  if (last?.event.kind !== 'step-begun') return [];
  const next = entries.find(({ n, by }) => n > last.n && by.kind === 'driver' && by.name !== owner);
  return next === undefined ? [] : [next.at - last.at];
}

/** How often a step was held in doubt. */
export function doubtsIn(journals: readonly Entries[]): number {
  return journals.flat().filter(({ event }) => event.kind === 'step-doubted').length;
}
