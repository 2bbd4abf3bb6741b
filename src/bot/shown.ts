// What is remembered of a message that is shown: enough to tell whether it has to say something else.
import { createHash } from 'node:crypto';
import type { SlotState } from '../engine/ports/threads.ts';
import type { Message } from './views/blocks.ts';

export type Posted = Extract<SlotState, { kind: 'posted' }>;

/** Instead of a hash: it is there, nobody knows what it says, and nothing is on its way to it. */
export const UNREAD = 'unread';

/** 16 hex digits over what is shown. */
export function hashOf(message: Message): string {
  return createHash('sha256').update(JSON.stringify(message)).digest('hex').slice(0, 16);
}
