// What every archive does to a snapshot on its way in: gather, verify, encrypt, and measure what is stored.
import { createHash } from 'node:crypto';
import { encrypted } from './encryption.ts';
import { verified } from './verify.ts';

/** Talos sends chunks of at most 1 KiB; written one by one they would cost a system call each. */
const BLOCK_BYTES = 256 * 1024;

export interface Intake {
  /** What is to be stored. Throws where the stream does, and at its end when it was not a whole snapshot. Read once. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Size and SHA-256 of what `body` gave; to be asked once it has ended. */
  measured(): { readonly bytes: number; readonly digest: string };
}

/** `recipient` is an age recipient, or null to store the snapshot as it is. */
export function intake(stream: AsyncIterable<Uint8Array>, recipient: string | null): Intake {
  const hash = createHash('sha256');
  let bytes = 0;
  async function* body(): AsyncGenerator<Uint8Array, void> {
    const whole = verified(inBlocks(stream));
    for await (const chunk of recipient === null ? whole : encrypted(whole, recipient)) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  }
  return { body: body(), measured: () => ({ bytes, digest: hash.digest('hex') }) };
}

/** The same bytes in blocks of `BLOCK_BYTES`, each a buffer of its own: a store may hold on to some. */
async function* inBlocks(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  let block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
  let used = 0;
  for await (const chunk of stream) {
    for (let taken = 0; taken < chunk.length; ) {
      const fits = chunk.subarray(taken, taken + BLOCK_BYTES - used);
      block.set(fits, used);
      used += fits.length;
      taken += fits.length;
      if (used === BLOCK_BYTES) {
        yield block;
        block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
        used = 0;
      }
    }
  }
  if (used > 0) yield block.subarray(0, used);
}
