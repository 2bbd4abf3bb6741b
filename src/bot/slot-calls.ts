// One slot's contents on their way into Slack: as the card, a reply, a file or a private word; without blocks where Slack refuses them.
import type { WebClient } from '@slack/web-api';
import type { Log } from '../engine/ports/log.ts';
import type { Rollout } from '../rollout/rollout.ts';
import { findMarked } from './marker.ts';
import { edit, post, type Sent, upload } from './slack-calls.ts';
import type { Slot } from './thread.ts';
import type { Message } from './views/blocks.ts';
import type { Report } from './views/report.ts';

export interface SlotCalls {
  readonly client: WebClient;
  readonly log: Log;
  /** Whether we may look for a message of ours: without the scope Slack is not even asked. */
  readonly reads: boolean;
  /** Tells the requester privately; false when that was not possible now. Never rejects. */
  readonly tell: (rollout: Rollout, message: Message) => Promise<boolean>;
}

/** `card`: the message the thread hangs on, null while there is none. Never rejects. */
export async function sendSlot(
  calls: SlotCalls,
  slot: Slot,
  { rollout, card }: { readonly rollout: Rollout; readonly card: string | null },
): Promise<Sent> {
  if (slot.where === 'private') {
    const told = await calls.tell(rollout, slot.message);
    return told ? { kind: 'sent', ts: 'private' } : { kind: 'lost', code: 'nobody_told' };
  }
  if (slot.where !== 'card' && card === null) return { kind: 'busy', code: 'no_card', afterMs: 0 };
  const thread = slot.where === 'card' ? null : card;
  if (slot.file !== undefined && thread !== null) return uploadSlot(calls, slot, slot.file, thread, rollout);
  const place = { channel: rollout.channel, thread, loud: slot.where === 'loud-reply' };
  return fitting(calls, slot, rollout, (message) =>
    post(calls.client, place, { message, marker: { rollout: rollout.id, slot: slot.name } }),
  );
}

/** One whose posting was never answered, if it is there after all. Files and private words carry no mark. Never rejects. */
export async function findSlot(
  { client, log, reads }: SlotCalls,
  slot: Slot,
  {
    rollout,
    card,
    sinceMs,
  }: { readonly rollout: Rollout; readonly card: string | null; readonly sinceMs: number },
): Promise<string | null> {
  if (!reads || slot.where === 'private' || slot.where === 'file') return null;
  if (slot.where !== 'card' && card === null) return null;
  const at = { channel: rollout.channel, thread: slot.where === 'card' ? null : card, sinceMs };
  const found = await findMarked(client, at, { rollout: rollout.id, slot: slot.name });
  if (found.kind === 'found') log.info('a message was found again', { slot: slot.name, rollout: rollout.id });
  return found.kind === 'found' ? found.ts : null;
}

/** Never rejects. */
export function editSlot(calls: SlotCalls, slot: Slot, rollout: Rollout, ts: string): Promise<Sent> {
  const at = { channel: rollout.channel, ts };
  return fitting(calls, slot, rollout, (message) => edit(calls.client, at, message));
}

/** Without the scope for files the thread does without: the plan is there, folded. */
async function uploadSlot(
  { client, log }: SlotCalls,
  slot: Slot,
  { name, text }: Report,
  thread: string,
  { channel, id }: Rollout,
): Promise<Sent> {
  const sent = await upload(client, { channel, thread }, { name, text, word: slot.message.text });
  if (sent.kind === 'sent' || sent.code !== 'missing_scope') return sent;
  log.warn('a file could not be shown: the app lacks the scope files:write', { rollout: id });
  return { kind: 'sent', ts: 'none' };
}

/** Slack refuses our blocks: the sentence alone is better than silence. */
async function fitting(
  { log }: SlotCalls,
  slot: Slot,
  rollout: Rollout,
  say: (message: Message) => Promise<Sent>,
): Promise<Sent> {
  const first = await say(slot.message);
  if (first.kind !== 'unfit') return first;
  log.error('Slack refused the blocks of a message', {
    slot: slot.name,
    rollout: rollout.id,
    code: first.code,
  });
  return say({ text: slot.message.text, blocks: [] });
}
