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
  yield* await encrypter.encrypt(ReadableStream.from(stream));
}
