// What every archive does to a snapshot on its way in: gather, verify, encrypt, and measure what is stored.
import { createHash } from 'node:crypto';
import { encrypted } from './encryption.ts';
import { verified } from './verify.ts';

/** Talos sends chunks of at most 1 KiB; written one by one they would cost a system call each. */
const BLOCK_BYTES = 256 * 1024;

export interface Intake {
  /**
   * What is to be stored. Throws where the stream does, and at its end when it was not a whole snapshot. Read once; a piece
   * belongs to its reader until the next one is asked for, and is empty after that.
   */
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
      release(chunk);
    }
  }
  return { body: body(), measured: () => ({ bytes, digest: hash.digest('hex') }) };
}

/**
 * Gives the memory of a piece back at once. Left to the garbage collector, which hardly notices memory outside its heap, pieces
 * pile up by the hundred while a snapshot of gigabytes goes through. Pieces that share their memory are left alone.
 */
function release({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

/** The same bytes in blocks of `BLOCK_BYTES`, each a buffer of its own: what encrypts them reads ahead. */
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
