// Which question a card asks: a click counts for the question it was meant for, and for none that came after it.
import { drainOf, questionSubject } from './blockade.ts';
import type { Entry } from './event.ts';
import { added } from './layered.ts';
import type { Rollout } from './rollout.ts';
import { soakingOf } from './soak.ts';

/** Number of the entry with which the present question about this gate or step began; null when people were never asked. */
export function occasionOf(rollout: Rollout, subject: string): number | null {
  return rollout.occasions.get(subject) ?? null;
}

/** True when the intent was meant for another question than the present one. Typed commands name none: they mean what is asked now. */
export function isOutOfDate(
  rollout: Rollout,
  subject: string,
  meant: { readonly occasion?: number },
): boolean {
  return meant.occasion !== undefined && meant.occasion !== occasionOf(rollout, subject);
}

/** Notes with which entry a gate was opened, a soak began, or the rollout began to be held for another cause than before. */
export function withOccasion(before: Rollout, after: Rollout, { n, event }: Entry): Rollout {
  const subject =
    event.kind === 'gate-opened'
      ? event.gate
      : (newlyAsked(before, event) ?? newlyHeld(before, after) ?? newlySoaking(before, after));
  return subject === null ? after : { ...after, occasions: added(after.occasions, subject, n) };
}

/** A soak that goes on after a pause is the same one: what people were asked about it still stands. */
function newlySoaking(before: Rollout, after: Rollout): string | null {
  if (before.steps === after.steps && before.skipped === after.skipped) return null;
  const soaking = soakingOf(after)?.step.id ?? null;
  return soaking === null || after.occasions.has(soaking) ? null : soaking;
}

/** Other pods, a wish, or one that was taken back: whoever pressed before that meant something else. */
function newlyAsked(before: Rollout, event: Entry['event']): string | null {
  switch (event.kind) {
    case 'drain-blocked':
    case 'drain-proposed':
      return questionSubject(event.step);
    case 'drain-decided':
      return drainOf(before, event.step).question?.proposal ? questionSubject(event.step) : null;
    default:
      return null;
  }
}

function newlyHeld(before: Rollout, after: Rollout): string | null {
  if (after.phase.phase !== 'held') return null;
  const was = before.phase.phase === 'held' ? before.phase.held : null;
  const { held } = after.phase;
  return was?.subject === held.subject && was.why === held.why ? null : held.subject;
}
