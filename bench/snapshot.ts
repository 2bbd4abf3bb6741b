// A copy of etcd through the real gRPC client into a folder: how fast against the bare stream, and whether the memory stays flat.
import { fork } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { generateX25519Identity, identityToRecipient } from 'age-encryption';
import { startFlags } from './as-started.ts';
import { startClusterProcess } from './cluster-process.ts';
import { figure, judged, type Measurement, type Part, ratio } from './measurement.ts';
import type { Copied, Copying } from './programs/copying.ts';

const MIB = 1_048_576;
const MB = 1_000_000;
/** Issue 3: memory stays flat (± 20 MB). */
const MOST_GROWN_MB = 20;
/** The bare stream is only there to be compared with: its speed shows long before a large copy is over. */
const BARE_MIB = 256;
const PROGRAM = fileURLToPath(new URL('programs/copying.ts', import.meta.url));

export const snapshot: Measurement = {
  name: 'snapshot',
  sentence: 'A copy of etcd, streamed, verified and stored: memory stays flat however long it is.',
  run: async ({ snapshotMib }, say) => {
    const folder = await mkdtemp(join(tmpdir(), 'talos-chatops-bench-'));
    try {
      const bareMib = Math.min(snapshotMib, BARE_MIB);
      const reading = (): Promise<Copied> => {
        say(`reading ${bareMib} MiB and forgetting it`);
        return copyOf(bareMib, { kind: 'read' });
      };
      const before = await reading();
      say(`storing ${snapshotMib} MiB as it is`);
      const plain = await copyOf(snapshotMib, { kind: 'folder', folder, recipient: null });
      await rm(folder, { recursive: true });
      // Once more: a shared machine is another one some minutes later.
      const between = await reading();
      say(`storing ${snapshotMib} MiB for a recipient`);
      const recipient = await identityToRecipient(await generateX25519Identity());
      const sealed = await copyOf(snapshotMib, { kind: 'folder', folder, recipient });
      return [
        part(`${bareMib} MiB, read and forgotten`, before, null),
        part(`${snapshotMib} MiB into a folder`, plain, before),
        part(`${snapshotMib} MiB into a folder, encrypted with age`, sealed, between),
      ];
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
};

function part(title: string, { bytes, seconds, grown }: Copied, bare: Copied | null): Part {
  const speed = bytes / MB / seconds;
  const live = figure('grown, alive', grown.liveBytes / MB, 'MB');
  const resident = figure('grown, resident', grown.residentBytes / MB, 'MB');
  return {
    title,
    figures: [
      figure('bytes', bytes / MB, 'MB'),
      figure('time', seconds, 's'),
      figure('speed', speed, 'MB/s'),
      ...(bare === null ? [] : [ratio('speed ÷ bare stream', speed, bare.bytes / MB / bare.seconds)]),
      judged(live, grown.looks > 1 ? MOST_GROWN_MB : Number.NaN),
      judged(resident, MOST_GROWN_MB),
      ratio('grown ÷ bytes', Math.max(grown.liveBytes, grown.residentBytes), bytes),
    ],
  };
}

/** Copies an etcd of so many MiB that a process simulates, in another process, whose memory is nobody else's. */
export async function copyOf(mib: number, into: Copying['into']): Promise<Copied> {
  const cluster = await startClusterProcess({ workers: 0, etcdDatabaseBytes: mib * MIB });
  try {
    const { talosconfig, addresses, port } = cluster;
    return await copied({
      talosconfig,
      port,
      address: addresses['cp-1'] ?? '',
      expectedBytes: mib * MIB,
      into,
    });
  } finally {
    await cluster.stop();
  }
}

/** Rejects with what went wrong there. */
function copied(copying: Copying): Promise<Copied> {
  return new Promise((resolve, reject) => {
    const child = fork(PROGRAM, [], {
      execArgv: ['--expose-gc', ...startFlags()],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    child.once('message', (said: { readonly copied: Copied } | { readonly failed: string }) => {
      if ('copied' in said) resolve(said.copied);
      else reject(new Error(`the copy failed: ${said.failed}`));
    });
    child.once('exit', (code) => reject(new Error(`the copying process ended with ${code}`)));
    child.send(copying);
  });
}
