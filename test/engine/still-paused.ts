// What the audit asks of every fact that begins something: nothing new starts while somebody's pause stands, whatever came between.
import type { Entry, EventKind, RolloutEvent } from '../../src/rollout/event.ts';

/** What nothing of begins meanwhile. */
export const BEGINNINGS: readonly EventKind[] = ['step-begun', 'gate-opened', 'gate-passed'];
/** What takes a pause away: a person's word, and an end, after which what was changed is put back. */
export const LIFTING: readonly EventKind[] = ['resumed', 'aborted', 'denied', 'expired', 'gate-expired'];

/** What is wrong with this fact, judged on the entries before it alone and not on what the fold makes of them; null when nothing is. */
export function wrongWhilePaused(before: readonly Entry[], event: RolloutEvent): string | null {
  if (!BEGINNINGS.includes(event.kind)) return null;
  const last = before.findLast(({ event: { kind } }) => kind === 'paused' || LIFTING.includes(kind))?.event;
  if (last?.kind !== 'paused') return null;
  const what = 'step' in event ? event.step : 'gate' in event ? event.gate : '';
  return `${event.kind} ${what} while the pause of ${last.user} stands`;
}
