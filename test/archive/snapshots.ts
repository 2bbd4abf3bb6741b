// Snapshots for tests: whole ones and broken ones, as streams in Talos's chunks.
import { createHash } from 'node:crypto';

/** The largest message of a stream (talos-api.md 2.2). */
const CHUNK_BYTES = 1024;
const PAGE_BYTES = 512;

/** A database of so many pages with its SHA-256 behind it; another seed, another content. */
export function aSnapshot({ pages = 64, seed = 1 }: { pages?: number; seed?: number } = {}): Buffer {
  const database = Buffer.alloc(pages * PAGE_BYTES);
  for (let at = 0; at < database.length; at += 4)
    database.writeUInt32LE((at * 2_654_435_761 + seed) >>> 0, at);
  return Buffer.concat([database, createHash('sha256').update(database).digest()]);
}

/** As a machine sends it; `end` happens behind the last byte. */
export async function* streamOf(
  bytes: Uint8Array,
  end: () => Promise<void> | void = () => undefined,
): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
  await end();
}

/** A whole snapshot of any size that is never anywhere as a whole. `bytes` without the digest; a multiple of 1024. */
export async function* aLongSnapshot(bytes: number): AsyncGenerator<Uint8Array, void> {
  const hash = createHash('sha256');
  for (let at = 0; at < bytes; at += CHUNK_BYTES) {
    const chunk = Buffer.alloc(CHUNK_BYTES, at / CHUNK_BYTES);
    chunk.writeDoubleLE(at);
    hash.update(chunk);
    yield chunk;
  }
  yield hash.digest();
}

/** Ways in which a stream is not a whole snapshot, with what is said about it. */
export const BROKEN: readonly (readonly [how: string, bytes: Buffer, says: RegExp])[] = [
  ['that is empty', Buffer.alloc(0), /only 0 bytes came/],
  ['of nothing but a digest', createHash('sha256').digest(), /only 32 bytes came/],
  ['cut off within a page', aSnapshot().subarray(0, 10_000), /cut off after 10000 bytes/],
  ['cut off behind a page', aSnapshot().subarray(0, 20 * PAGE_BYTES), /cut off after 10240 bytes/],
  ['cut off 32 bytes behind a page', aSnapshot().subarray(0, 20 * PAGE_BYTES + 32), /checksum does not fit/],
  ['without its digest', aSnapshot().subarray(0, -32), /cut off after 32768 bytes/],
  ['with one bit turned', turned(aSnapshot(), 7_777), /checksum does not fit its 32800 bytes/],
  ['with one bit turned in its digest', turned(aSnapshot(), 32_799), /checksum does not fit/],
  ['with a page too many', Buffer.concat([aSnapshot(), Buffer.alloc(PAGE_BYTES)]), /checksum does not fit/],
  ['of several parts, with one bit turned', turned(aSnapshot({ pages: 24_000 }), 11_000_000), /checksum/],
];

function turned(bytes: Buffer, at: number): Buffer {
  const other = Buffer.from(bytes);
  other[at] = (other[at] ?? 0) ^ 1;
  return other;
}

/** Every piece of a stream, for those short enough. */
export async function allOf(stream: AsyncIterable<Uint8Array>): Promise<readonly Uint8Array[]> {
  const pieces: Uint8Array[] = [];
  for await (const piece of stream) pieces.push(piece);
  return pieces;
}
