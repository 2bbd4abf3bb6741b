// Which question a card asks: a click counts for the question it was meant for, and for none that came after it.
import { drainOf, questionSubject } from './blockade.ts';
import type { Entry } from './event.ts';
import type { Intent } from './intent.ts';
import { added } from './layered.ts';
import type { Rollout } from './rollout.ts';
import { soakingOf } from './soak.ts';

/** Number of the entry with which the present question about this gate or step began; null when people were never asked. */
export function occasionOf(rollout: Rollout, subject: string): number | null {
  return rollout.occasions.get(subject) ?? null;
}

/** True when the intent was meant for another question than the present one. Typed commands name none: see boundTo and crossedBy. */
export function isOutOfDate(
  rollout: Rollout,
  subject: string,
  meant: { readonly occasion?: number },
): boolean {
  return meant.occasion !== undefined && meant.occasion !== occasionOf(rollout, subject);
}

/** A typed retry or skip, bound to what was asked when it came in: what is asked later is not theirs to answer. */
export function boundTo(rollout: Rollout | null, intent: Intent): Intent {
  if ((intent.kind !== 'retry' && intent.kind !== 'skip') || intent.occasion !== undefined) return intent;
  const occasion = rollout?.phase.phase === 'held' ? occasionOf(rollout, rollout.phase.held.subject) : null;
  return occasion === null ? intent : { ...intent, occasion };
}

/** Notes with which entry a gate was opened, a soak began, or the rollout began to be held for another cause than before. */
export function withOccasion(before: Rollout, after: Rollout, entry: Entry): Rollout {
  const { n, event } = entry;
  const subject =
    event.kind === 'gate-opened'
      ? event.gate
      : (newlyAsked(before, event) ?? newlyHeld(before, after) ?? newlySoaking(before, after));
  const lastChoice = choiceIn(before, entry) ?? after.lastChoice;
  if (subject === null) return lastChoice === after.lastChoice ? after : { ...after, lastChoice };
  return { ...after, lastChoice, occasions: added(after.occasions, subject, n) };
}

/** What a person decided about a hold, and when. */
export interface HoldChoice {
  readonly at: number;
  readonly user: string;
  /** Where the rollout was held. */
  readonly node: string;
}

/** One word may be several facts, of which the first is about what was held. */
function choiceIn(before: Rollout, { at, event }: Entry): HoldChoice | null {
  if (event.kind !== 'retried' && event.kind !== 'skipped' && event.kind !== 'debt-taken') return null;
  if (before.phase.phase !== 'held' || before.deliveries.has(event.delivery)) return null;
  return { at, user: event.user, node: before.phase.held.node };
}

/** Longer than it takes to type a short command about a card that one has just read, and to send it. */
const CROSSING_MS = 10_000;

/** A decision of somebody else that the present hold came out of: whatever is held after it was not so before. */
export interface Crossed {
  readonly user: string;
  readonly node: string;
  /** Milliseconds since it, and until a typed word counts for the present hold. */
  readonly agoMs: number;
  readonly leftMs: number;
}

/** Who says something, and when. */
export interface Said {
  readonly user: string;
  readonly now: number;
}

/** Two people who type about one held card mean the same hold: the later word has not seen what the earlier one led to. */
export function crossedBy({ lastChoice: choice }: Rollout, said: Said): Crossed | null {
  if (choice === null || choice.user === said.user) return null;
  // By two clocks that may differ a little.
  const agoMs = said.now - choice.at;
  if (Math.abs(agoMs) >= CROSSING_MS) return null;
  return { user: choice.user, node: choice.node, agoMs, leftMs: CROSSING_MS - agoMs };
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
