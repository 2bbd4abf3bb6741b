// The parts that all replies of Talos's services share.
import { Fault } from '../engine/ports/fault.ts';

/**
 * The one message in a reply. Replies are lists because of multi-machine calls, which are never made here: none or several
 * means that something answered which is not the machine asked.
 */
export function onlyMessage<T extends { readonly metadata?: { readonly error: string } | undefined }>(
  method: string,
  reply: { readonly messages: readonly T[] },
): T {
  const [message] = reply.messages;
  if (message === undefined || reply.messages.length !== 1) {
    throw new Fault('broken', `${method} answered with ${reply.messages.length} messages instead of one.`);
  }
  const error = message.metadata?.error ?? '';
  if (error !== '') throw new Fault('broken', `${method} answered with an error inside its reply: ${error}.`);
  return message;
}

/** The bytes of a stream of chunks, in order. */
export function joined(chunks: readonly { readonly bytes: Uint8Array }[]): Buffer {
  return Buffer.concat(chunks.map(({ bytes }) => bytes));
}
