// Where short-lived servers keep what they write: in memory, where there is enough of it.
import { statfsSync } from 'node:fs';
import { tmpdir } from 'node:os';

/** Enough for the few megabytes of several servers at once, and the machine's own use. */
const ROOM_BYTES = 1024 ** 3;

/** A disk busy with somebody else's fsync makes a server that syncs every write stand still for seconds. */
export function folderForData(): string {
  try {
    const { bavail, bsize } = statfsSync('/dev/shm');
    return bavail * bsize >= ROOM_BYTES ? '/dev/shm' : tmpdir();
  } catch {
    return tmpdir();
  }
}
