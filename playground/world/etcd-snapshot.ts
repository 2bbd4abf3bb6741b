/** The bytes of a simulated etcd snapshot: pages of 512 and, behind them, the SHA-256 (facts/talos-api.md 2.2). */
import { sha256 } from '@noble/hashes/sha2.js';

const SNAPSHOT_BYTES = 64 * 512;

/** A database of fixed size whose content depends on the raft index, followed by its digest. */
export function snapshotBytes(raftIndex: bigint): Uint8Array {
  const bytes = new Uint8Array(SNAPSHOT_BYTES + 32);
  const view = new DataView(bytes.buffer);
  for (let offset = 0; offset < SNAPSHOT_BYTES; offset += 8)
    view.setBigUint64(offset, raftIndex + BigInt(offset));
  bytes.set(sha256(bytes.subarray(0, SNAPSHOT_BYTES)), SNAPSHOT_BYTES);
  return bytes;
}
