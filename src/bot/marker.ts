// Our own mark on a message, by which one is found again whose posting was never answered. Needs a scope that is optional.
import type { WebClient } from '@slack/web-api';
import { codeOf } from './slack-code.ts';
import { askedToWaitMs } from './when-allowed.ts';

/** What a message is, to us: ids only, because metadata is readable by every app and member (facts/slack.md 3.5). */
export interface Marker {
  readonly rollout: string;
  readonly slot: string;
}

const EVENT = 'talos_chatops_slot';
/** Messages looked through: more than are posted in a channel within the seconds in question. */
const LOOKED_THROUGH = 100;
/** Milliseconds by which Slack's clock may be behind ours. */
const CLOCK_MS = 30_000;

export function metadataOf({ rollout, slot }: Marker): {
  readonly event_type: string;
  readonly event_payload: { readonly rollout: string; readonly slot: string };
} {
  return { event_type: EVENT, event_payload: { rollout, slot } };
}

export type Found =
  | { readonly kind: 'found'; readonly ts: string }
  | { readonly kind: 'absent' }
  /** Slack did not say. `afterMs`: how long it wants to be left alone. */
  | { readonly kind: 'unknown'; readonly code: string; readonly afterMs: number };

/** Looks for a message of ours posted since `sinceMs` (milliseconds since 1970). Never rejects. */
export async function findMarked(
  client: WebClient,
  at: { readonly channel: string; readonly thread: string | null; readonly sinceMs: number },
  marker: Marker,
): Promise<Found> {
  const oldest = Math.max(0, (at.sinceMs - CLOCK_MS) / 1_000).toFixed(6);
  const asked = { channel: at.channel, oldest, include_all_metadata: true, limit: LOOKED_THROUGH };
  try {
    const { messages = [] } =
      at.thread === null
        ? await client.conversations.history(asked)
        : await client.conversations.replies({ ...asked, ts: at.thread });
    const mine = messages.find(({ metadata }) => isMarked(metadata, marker));
    return mine?.ts === undefined ? { kind: 'absent' } : { kind: 'found', ts: mine.ts };
  } catch (error) {
    const afterMs = askedToWaitMs(error) ?? 0;
    return { kind: 'unknown', code: afterMs > 0 ? 'ratelimited' : codeOf(error), afterMs };
  }
}

function isMarked(metadata: unknown, { rollout, slot }: Marker): boolean {
  if (typeof metadata !== 'object' || metadata === null) return false;
  const { event_type: type, event_payload: payload } = metadata as Readonly<Record<string, unknown>>;
  if (type !== EVENT || typeof payload !== 'object' || payload === null) return false;
  const known = payload as Readonly<Record<string, unknown>>;
  return known['rollout'] === rollout && known['slot'] === slot;
}
