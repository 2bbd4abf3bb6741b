// The bot's side of a copy of etcd as a process of its own: takes the stream, and tells how long that took and how its memory grew.
import { folderArchive } from '../../src/archive/folder.ts';
import { talosMachines } from '../../src/talos/machines.ts';
import { contextOf } from '../cluster-process.ts';
import { type MemoryGrown, MemoryWatch } from '../memory-watch.ts';

export interface Copying {
  readonly talosconfig: string;
  readonly address: string;
  readonly port: number;
  readonly expectedBytes: number;
  /** `read`: the stream is read and forgotten. `hold`: it is read and held, which a memory that stays flat must show. */
  readonly into:
    | { readonly kind: 'read' | 'hold' }
    | { readonly kind: 'folder'; readonly folder: string; readonly recipient: string | null };
}

export interface Copied {
  readonly bytes: number;
  readonly seconds: number;
  readonly grown: MemoryGrown;
}

async function copy({ talosconfig, address, port, expectedBytes, into }: Copying): Promise<Copied> {
  const { endpoints, identity } = contextOf(talosconfig);
  const direct = (host: string) => ({ host, port });
  const machines = talosMachines({ endpoints, identity, onlyLoopback: true, direct });
  const watch = new MemoryWatch(expectedBytes);
  let bytes = 0;
  async function* watched(): AsyncGenerator<Uint8Array, void> {
    for await (const chunk of machines.etcdSnapshot(address, new AbortController().signal)) {
      yield chunk;
      bytes += chunk.length;
      watch.passed(chunk.length);
    }
  }
  const begunMs = performance.now();
  if (into.kind === 'folder') {
    const archive = folderArchive({ folder: into.folder, recipient: into.recipient });
    await archive.put({ cluster: 'bench', rollout: 'r1', takenAt: Date.now(), stream: watched() });
  } else {
    const held: Uint8Array[] = [];
    for await (const chunk of watched()) if (into.kind === 'hold') held.push(chunk);
  }
  const seconds = (performance.now() - begunMs) / 1_000;
  await machines.close();
  return { bytes, seconds, grown: watch.grown() };
}

process.once('message', (copying: Copying) => {
  copy(copying)
    .then((copied) => process.send?.({ copied }))
    .catch((error: unknown) => process.send?.({ failed: String(error) }))
    .finally(() => process.disconnect());
});
