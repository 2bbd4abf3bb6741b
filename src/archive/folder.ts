// Snapshots as files in a folder: written beside their place, and put there whole or not at all.
import { randomBytes } from 'node:crypto';
import { chmod, type FileHandle, mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Archive, ListedSnapshot, PutRequest, StoredSnapshot } from '../engine/ports/archive.ts';
import { folderFault } from './fault.ts';
import { intake } from './intake.ts';
import { fileNameOf, folderOf, listed } from './name.ts';
import { ABANDONED_MS, outdated } from './retention.ts';

/** What is asked of a file being written: a test may give one whose disk is full. */
export interface SnapshotFile {
  appendFile(data: Uint8Array): Promise<void>;
  /** On the disk, not only on its way there. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

export interface FolderOptions {
  /** An absolute path; made when it is not there. */
  readonly folder: string;
  /** An age recipient, or null to store snapshots as they are. */
  readonly recipient: string | null;
  readonly create?: (path: string) => Promise<SnapshotFile>;
}

/** A snapshot holds every Secret of its cluster: nobody else may read the file, or even see that it is there. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;
/** What is being written: hidden, and no snapshot by its name. */
const UNFINISHED = /^\..+\.part$/;

export function folderArchive({ folder, recipient, create = createPrivate }: FolderOptions): Archive {
  const home = (cluster: string): string => join(folder, folderOf(cluster));
  const faulty = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw folderFault(error, folder);
    });
  return {
    put: async (request) => faulty(put(home(request.cluster), request, recipient, create)),
    list: async (cluster) => faulty(list(home(cluster), cluster)),
    prune: (cluster, retention, nowMs, taken) =>
      faulty(
        (async () => {
          const gone = outdated(await list(home(cluster), cluster), retention, nowMs, taken);
          for (const { name } of gone) await rm(join(folder, name), { force: true });
          await sweep(home(cluster), nowMs);
          return gone.map(({ name }) => name);
        })(),
      ),
    close: async () => undefined,
  };
}

function createPrivate(path: string): Promise<FileHandle> {
  return open(path, 'wx', FILE_MODE);
}

async function put(
  home: string,
  { cluster, rollout, takenAt, stream }: PutRequest,
  recipient: string | null,
  create: (path: string) => Promise<SnapshotFile>,
): Promise<StoredSnapshot> {
  const file = fileNameOf({ cluster, rollout, takenAt, encrypted: recipient !== null });
  await makePrivate(home);
  // A name of its own for each try: of two processes that write the same snapshot, neither spoils the other's.
  const part = join(home, `.${file}.${randomBytes(6).toString('hex')}.part`);
  const incoming = intake(stream, recipient);
  try {
    const handle = await create(part);
    try {
      for await (const block of incoming.body) await handle.appendFile(block);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(part, join(home, file));
  } catch (error) {
    await rm(part, { force: true }).catch(() => undefined);
    throw error;
  }
  await syncFolder(home);
  return { name: `${folderOf(cluster)}${file}`, ...incoming.measured() };
}

/** The folder of a cluster, for its owner alone; one that others could look into is closed to them. */
async function makePrivate(home: string): Promise<void> {
  await mkdir(home, { recursive: true, mode: FOLDER_MODE });
  const { mode } = await stat(home);
  if ((mode & 0o077) !== 0) await chmod(home, FOLDER_MODE);
}

/** A rename is on the disk only when its folder is. */
async function syncFolder(home: string): Promise<void> {
  const handle = await open(home, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function list(home: string, cluster: string): Promise<readonly ListedSnapshot[]> {
  const files = await Promise.all(
    (await filesIn(home)).map(async (file) => ({ file, bytes: (await stat(join(home, file))).size })),
  );
  return listed(cluster, files);
}

async function filesIn(home: string): Promise<readonly string[]> {
  try {
    const entries = await readdir(home, { withFileTypes: true });
    return entries.filter((entry) => entry.isFile()).map((entry) => entry.name);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** Deletes what puts left that never ended: a process that was killed cannot tidy up. */
async function sweep(home: string, nowMs: number): Promise<void> {
  for (const file of await filesIn(home)) {
    if (!UNFINISHED.test(file)) continue;
    const path = join(home, file);
    if (nowMs - (await stat(path)).mtimeMs > ABANDONED_MS) await rm(path, { force: true });
  }
}
