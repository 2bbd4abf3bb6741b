// Folds what the store holds: facts that cannot follow each other are a journal that nobody can go on from, and no defect of a task.
import { lift, versionOf } from '../rollout/event/lift.ts';
import type { Entry, RolloutEvent } from '../rollout/event.ts';
import { evolve } from '../rollout/evolve.ts';
import type { Rollout } from '../rollout/rollout.ts';
import { UnreadableEntry } from './ports/journal.ts';

/** The rollout these entries of the store tell of, or null for an empty journal. Throws UnreadableEntry at the first that contradicts. */
export function folded(id: string, entries: readonly Entry[]): Rollout | null {
  return foldedOn(id, null, entries);
}

/** The same, going on from what is folded already. */
export function followed(before: Rollout, fresh: readonly Entry[]): Rollout {
  return foldedOn(before.id, before, fresh) ?? before;
}

/**
 * Throws for facts that nobody could read or go on from once they are written: a defect of ours, which must not close the journal for
 * good. `at` in milliseconds since 1970.
 */
export function rehearse(before: Rollout | null, events: readonly RolloutEvent[], at: number): void {
  let rollout = before;
  for (const event of events) {
    const v = versionOf(event);
    const { kind, ...data } = event;
    lift({ v, kind, data });
    const n = (rollout?.version ?? 0) + 1;
    rollout = evolve(rollout, { n, at, by: { kind: 'driver', name: 'rehearsal' }, v, event });
  }
}

/** The first entry that contradicts those before it, or null. */
export function contradictionIn(id: string, entries: readonly Entry[]): UnreadableEntry | null {
  try {
    folded(id, entries);
    return null;
  } catch (error) {
    if (error instanceof UnreadableEntry) return error;
    throw error;
  }
}

function foldedOn(id: string, before: Rollout | null, fresh: readonly Entry[]): Rollout | null {
  let rollout = before;
  for (const [index, entry] of fresh.entries()) {
    try {
      rollout = evolve(rollout, entry);
    } catch (error) {
      const why = `it contradicts what is before it (${error instanceof Error ? error.message : String(error)})`;
      throw new UnreadableEntry(id, entry.n, { why, readable: fresh.slice(0, index) });
    }
  }
  return rollout;
}
