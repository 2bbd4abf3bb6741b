// What the contract of `Archive` needs besides the port: a look behind it.
import type { Archive } from '../../src/engine/ports/archive.ts';

export interface ArchiveUnderTest {
  readonly archive: Archive;
  /** What is stored under a name, byte by byte. */
  read(name: string): Promise<Buffer>;
  /** Everything that can be seen where snapshots lie, by name. */
  stored(): Promise<readonly string[]>;
  /** What puts have begun and not ended: hidden files, open uploads. */
  unfinished(): Promise<readonly string[]>;
  /** Begins a put that never ends, as a process does that is killed; resolves once something of it is there. */
  abandon(): Promise<void>;
  /** From now on there is no room for what is written. */
  fill(): void;
}

export interface ArchiveOptions {
  readonly recipient?: string;
}

/** Closed and deleted when the test is over. */
export type OpenArchive = (options?: ArchiveOptions) => Promise<ArchiveUnderTest>;
