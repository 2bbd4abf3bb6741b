// Passes a snapshot on while checking that it is whole: Talos hides errors in the middle, and the stream then just ends (talos-api.md 9.17).
import { createHash } from 'node:crypto';
import { Fault } from '../engine/ports/fault.ts';

/** SHA-256 of the database, behind it; the database itself is made of pages, so its size is a multiple of this (talos-api.md 2.2). */
const DIGEST_BYTES = 32;
const PAGE_BYTES = 512;

/** The same bytes. Throws Fault `broken` at the end of a stream that is not a whole snapshot: whoever stores it must not keep it. */
export async function* verified(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void> {
  const hash = createHash('sha256');
  let held = Buffer.alloc(0);
  let bytes = 0;
  for await (const chunk of stream) {
    bytes += chunk.length;
    // The last bytes may be the digest, so they are hashed only once others came behind them.
    const ends = chunk.length >= DIGEST_BYTES ? Buffer.from(chunk.subarray(-DIGEST_BYTES)) : null;
    if (ends === null) {
      const both = Buffer.concat([held, chunk]);
      const cut = Math.max(0, both.length - DIGEST_BYTES);
      hash.update(both.subarray(0, cut));
      held = both.subarray(cut);
    } else {
      hash.update(held);
      hash.update(chunk.subarray(0, -DIGEST_BYTES));
      held = ends;
    }
    yield chunk;
  }
  const trouble = troubleWith(bytes, held, hash.digest());
  if (trouble !== null)
    throw new Fault('broken', `The etcd snapshot is not whole: ${trouble}. It was not kept.`);
}

function troubleWith(bytes: number, last: Buffer, digest: Buffer): string | null {
  if (bytes <= DIGEST_BYTES) return `only ${bytes} bytes came`;
  if (bytes % PAGE_BYTES !== DIGEST_BYTES) return `it was cut off after ${bytes} bytes`;
  return last.equals(digest) ? null : `its checksum does not fit its ${bytes} bytes`;
}
