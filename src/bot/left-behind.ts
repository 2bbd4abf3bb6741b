// A question whose parent was posted again is still in the thread of the former one: there it loses its buttons, and it is asked below the new one.
import { edit, type Trouble } from './slack-calls.ts';
import type { SlotCalls } from './slot-calls.ts';
import { asks } from './still-there.ts';
import type { Slot } from './thread.ts';
import { message } from './views/blocks.ts';
import { mrkdwn } from './views/text.ts';

/** Slack's ts of two messages of one channel grow: a reply that is older than its parent hangs on another one. */
export function isLeftBehind(slot: Slot, ts: string, card: string | null): boolean {
  const isReply = slot.where === 'reply' || slot.where === 'loud-reply';
  return isReply && card !== null && asks(slot) && Number(ts) < Number(card);
}

/**
 * Null when it may be asked again, else why it has to wait. A crash between this and that does no harm: it is found left behind again.
 * One that Slack does not let us change stays as it is, because people could not answer below the new card otherwise. Never rejects.
 */
export async function leaveBehind(
  { client }: SlotCalls,
  at: { readonly channel: string; readonly ts: string },
): Promise<Trouble | null> {
  const sent = await edit(client, at, message(mrkdwn`Asked again: see the thread of the newer card.`, []));
  const waits = sent.kind === 'lost' || sent.kind === 'no-door' || (sent.kind === 'busy' && sent.afterMs > 0);
  return waits ? sent : null;
}
