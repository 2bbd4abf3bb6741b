// The port Archive in memory: it verifies what comes in as the real ones do, and remembers only what it was.
import { createHash } from 'node:crypto';
import { fileNameOf, folderOf, listed } from '../../src/archive/name.ts';
import { outdated } from '../../src/archive/retention.ts';
import { verified } from '../../src/archive/verify.ts';
import type { Archive, ListedSnapshot, PutRequest, StoredSnapshot } from '../../src/engine/ports/archive.ts';

export class MemoryArchive implements Archive {
  readonly #files = new Map<string, number>();
  /** Thrown by every put while it is there: a full disk, a bucket that is away. */
  trouble: Error | null = null;

  async put({ cluster, rollout, takenAt, stream }: PutRequest): Promise<StoredSnapshot> {
    const hash = createHash('sha256');
    let bytes = 0;
    for await (const piece of verified(stream)) {
      hash.update(piece);
      bytes += piece.length;
    }
    if (this.trouble !== null) throw this.trouble;
    const name = `${folderOf(cluster)}${fileNameOf({ cluster, rollout, takenAt, encrypted: false })}`;
    this.#files.set(name, bytes);
    return { name, bytes, digest: hash.digest('hex') };
  }

  async list(cluster: string): Promise<readonly ListedSnapshot[]> {
    const home = folderOf(cluster);
    const files = [...this.#files].filter(([name]) => name.startsWith(home));
    return listed(
      cluster,
      files.map(([name, bytes]) => ({ file: name.slice(home.length), bytes })),
    );
  }

  /** True when this file is there, whole. */
  holds(name: string): boolean {
    return this.#files.has(name);
  }

  async prune(
    ...[cluster, retention, nowMs, taken]: Parameters<Archive['prune']>
  ): Promise<readonly string[]> {
    const gone = outdated(await this.list(cluster), retention, nowMs, taken).map(({ name }) => name);
    for (const name of gone) this.#files.delete(name);
    return gone;
  }

  async close(): Promise<void> {}
}
