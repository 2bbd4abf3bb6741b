// One slot's contents on their way into Slack: as the card, a reply, a file or a private word.
import type { WebClient } from '@slack/web-api';
import type { Log } from '../engine/ports/log.ts';
import { type Found, findMarked } from './marker.ts';
import { edit, post, type Sent, type Trouble, upload } from './slack-calls.ts';
import { isPassing } from './slack-code.ts';
import type { Slot } from './thread.ts';
import type { Message } from './views/blocks.ts';
import { type Report, withoutFile } from './views/report.ts';

/** Whose thread it is: all of a rollout that posting needs, and all that is known of one whose journal cannot be read. */
export interface Whose {
  readonly id: string;
  /** Slack channel id. */
  readonly channel: string;
  /** Who asked; null when nobody knows. */
  readonly user: string | null;
}

/** What is remembered instead of a message's ts where none was shown. */
export const NOT_SHOWN = 'none';

export interface SlotCalls {
  readonly client: WebClient;
  readonly log: Log;
  /** Whether we may look for a message of ours: without the scope Slack is not even asked. */
  readonly reads: boolean;
  /** Tells the requester privately; false when that was not possible now. Never rejects. */
  readonly tell: (whose: Whose, message: Message) => Promise<boolean>;
}

export interface Under {
  readonly rollout: Whose;
  /** The message the thread hangs on, null while there is none. */
  readonly card: string | null;
  /** Its sentence alone: Slack refused its blocks. */
  readonly plain: boolean;
  /** The last try of a file: where it fails, the thread goes on without it. */
  readonly last: boolean;
}

/** Never rejects. */
export async function sendSlot(calls: SlotCalls, slot: Slot, under: Under): Promise<Sent> {
  const { rollout, card, plain } = under;
  if (slot.where === 'private') {
    const told = await calls.tell(rollout, slot.message);
    return told ? { kind: 'sent', ts: 'private' } : { kind: 'lost', code: 'nobody_told' };
  }
  const thread = slot.where === 'card' ? null : card;
  if (slot.where !== 'card' && thread === null) return { kind: 'busy', code: 'no_card', afterMs: 0 };
  if (slot.file !== undefined && thread !== null)
    return uploadSlot(calls, { slot, file: slot.file, thread }, under);
  const place = { channel: rollout.channel, thread, loud: slot.where === 'loud-reply' };
  const marker = { rollout: rollout.id, slot: slot.name };
  return post(calls.client, place, { message: contents(slot, plain), marker });
}

/** Slack's answers that mean that we may not look, or that there is nowhere to look: then it is posted. */
const NO_LOOKING = ['missing_scope', 'not_in_channel', 'channel_not_found', 'thread_not_found'];

/** One whose posting was never answered, if it is there after all. Files and private words carry no mark. Never rejects. */
export async function findSlot(
  { client, log, reads }: SlotCalls,
  slot: Slot,
  { rollout, card, sinceMs }: Pick<Under, 'rollout' | 'card'> & { readonly sinceMs: number },
): Promise<Found> {
  if (!reads || slot.where === 'private' || slot.where === 'file') return { kind: 'absent' };
  if (slot.where !== 'card' && card === null) return { kind: 'absent' };
  const at = { channel: rollout.channel, thread: slot.where === 'card' ? null : card, sinceMs };
  const found = await findMarked(client, at, { rollout: rollout.id, slot: slot.name });
  if (found.kind === 'found') log.info('a message was found again', { slot: slot.name, rollout: rollout.id });
  return found.kind === 'unknown' && NO_LOOKING.includes(found.code) ? { kind: 'absent' } : found;
}

/** `plain`: its sentence alone. Never rejects. */
export function editSlot(
  { client }: SlotCalls,
  slot: Slot,
  at: { readonly channel: string; readonly ts: string; readonly plain: boolean },
): Promise<Sent> {
  return edit(client, at, contents(slot, at.plain));
}

/** Slack refuses our blocks: the sentence alone is better than silence. */
function contents({ message }: Slot, plain: boolean): Message {
  return plain ? { text: message.text, blocks: [] } : message;
}

interface Upload {
  readonly slot: Slot;
  readonly file: Report;
  readonly thread: string;
}

/** Where Slack takes no file the thread does without, and says so: what the file is of is there, folded. */
async function uploadSlot(
  { client, log }: SlotCalls,
  { slot, file: { name, text }, thread }: Upload,
  { rollout: { channel, id }, last }: Under,
): Promise<Sent> {
  const sent = await upload(client, { channel, thread }, { name, text, word: slot.message.text });
  if (sent.kind === 'sent') return sent;
  // A scope that was never given is a choice; everything else is news to whoever reads the thread.
  if (sent.code === 'missing_scope') {
    log.warn('a file could not be shown: the app lacks the scope files:write', { rollout: id });
    return { kind: 'sent', ts: NOT_SHOWN };
  }
  if (!last && !isRefused(sent)) return sent;
  log.warn('a file could not be shown: the thread goes on without it', { rollout: id, code: sent.code });
  const place = { channel, thread, loud: false };
  return post(client, place, {
    message: withoutFile(name, sent.code),
    marker: { rollout: id, slot: slot.name },
  });
}

/** Slack answered, and will answer the same the next time: most workspaces that refuse files say so by a word of their own. */
function isRefused(trouble: Trouble): boolean {
  if (trouble.kind === 'lost') return false;
  return trouble.kind !== 'busy' || (trouble.afterMs === 0 && !isPassing(trouble.code));
}
