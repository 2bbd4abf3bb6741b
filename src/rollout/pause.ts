// A pause outlasts a hold: what frees a rollout that was paused before leaves it paused, until somebody resumes it.
import { type Decided, decided } from './decided.ts';
import { versionOf } from './event/lift.ts';
import type { RolloutEvent } from './event.ts';
import { evolve } from './evolve.ts';
import { pauserOf } from './phase.ts';
import type { Rollout } from './rollout.ts';

/**
 * What was decided, with the pause after it when it would make a held rollout move that somebody had paused: nothing new starts, also not
 * what is tried again. `now`: milliseconds since 1970.
 */
export function stillPaused(rollout: Rollout, choice: Decided, now: number): Decided {
  const user = rollout.phase.phase === 'held' ? pauserOf(rollout.phase) : null;
  const [first] = choice.events;
  if (user === null || first === undefined || !('delivery' in first) || first.delivery === null)
    return choice;
  const { phase } = afterwards(rollout, choice.events, now);
  // Another step is asked about next, or it ends.
  if (phase.phase !== 'running' || phase.halt !== null) return choice;
  return decided(...choice.events, { kind: 'paused', user, stays: true, delivery: first.delivery });
}

/** The rollout when these facts are written down. `at`: milliseconds since 1970. */
export function afterwards(rollout: Rollout, events: readonly RolloutEvent[], at: number): Rollout {
  return events.reduce<Rollout>(
    (before, event) =>
      evolve(before, { n: before.version + 1, at, by: { kind: 'clock' }, v: versionOf(event), event }),
    rollout,
  );
}
