// Encryption to a recipient with age: the bot can seal a snapshot and never open it again.
import { Encrypter } from 'age-encryption';

/** Why this is no age recipient (`age1…`), or null when it is one. A secret key given by mistake is not repeated. */
export function recipientMistake(recipient: string): string | null {
  try {
    new Encrypter().addRecipient(recipient);
    return null;
  } catch {
    return 'expects an age recipient such as age1… (the public half that age-keygen prints)';
  }
}

/** The age file of these bytes, in pieces. Throws what the stream throws, and for a recipient that is none. */
export async function* encrypted(
  stream: AsyncIterable<Uint8Array>,
  recipient: string,
): AsyncGenerator<Uint8Array, void> {
  const encrypter = new Encrypter();
  encrypter.addRecipient(recipient);
  const reader = (await encrypter.encrypt(webStream(stream))).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  } finally {
    // Whoever stops early must not leave the source waiting to be read.
    await reader.cancel().catch(() => undefined);
  }
}

/** The kind of stream that age takes; asked for a piece only when age wants one. */
function webStream(stream: AsyncIterable<Uint8Array>): ReadableStream<Uint8Array> {
  const pieces = stream[Symbol.asyncIterator]();
  return new ReadableStream<Uint8Array>({
    pull: async (controller) => {
      const { done, value } = await pieces.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    cancel: async () => {
      await pieces.return?.();
    },
  });
}
