// The archive in a folder: the contract, and what only files have: modes, links, a disk that is full for real.
import {
  chmod,
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { type FolderOptions, folderArchive, type SnapshotFile } from '../../src/archive/folder.ts';
import { archiveContract, SOON } from './archive.contract.ts';
import type { OpenArchive } from './archive-under-test.ts';
import { aSnapshot, streamOf } from './snapshots.ts';

type Create = NonNullable<FolderOptions['create']>;

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'archive-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return join(folder, 'etcd');
}

/** A file on a disk with so many bytes left. */
function onASmallDisk(bytes: number): Create {
  return async (path): Promise<SnapshotFile> => {
    const handle = await open(path, 'wx', 0o600);
    let left = bytes;
    const appendFile: SnapshotFile['appendFile'] = async (data) => {
      left -= data.length;
      if (left < 0) throw Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      await handle.appendFile(data);
    };
    return { appendFile, sync: () => handle.sync(), close: () => handle.close() };
  };
}

async function filesBelow(folder: string): Promise<readonly string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

const openFolder: OpenArchive = async ({ recipient = null } = {}) => {
  const folder = await aFolder();
  let small: Create | null = null;
  const create: Create = (path) => (small === null ? open(path, 'wx', 0o600) : small(path));
  const hidden = (file: string): boolean => /(^|\/)\./.test(file);
  return {
    archive: folderArchive({ folder, recipient, create }),
    read: (name) => readFile(join(folder, name)),
    stored: async () => (await filesBelow(folder)).filter((file) => !hidden(file)),
    unfinished: async () => (await filesBelow(folder)).filter(hidden),
    abandon: async () => {
      // Written in full, and killed between that and the rename.
      const stuck = folderArchive({
        folder,
        recipient,
        create: async (path) => {
          const handle = await open(path, 'wx', 0o600);
          onTestFinished(() => handle.close());
          return {
            appendFile: (data) => handle.appendFile(data),
            sync: () => new Promise(() => undefined),
            close: () => handle.close(),
          };
        },
      });
      void stuck.put({ cluster: 'prod', rollout: 'r1', takenAt: 0, stream: streamOf(aSnapshot()) });
      await vi.waitFor(async () => {
        const [file = ''] = (await filesBelow(folder)).filter(hidden);
        expect((await stat(join(folder, file))).size).toBe(aSnapshot().length);
      }, SOON);
    },
    fill: () => {
      small = onASmallDisk(3 * 1024 * 1024);
    },
  };
};

describe('an archive in a folder', () => archiveContract(openFolder));

describe('a folder', () => {
  const request = () => ({ cluster: 'prod', rollout: 'r1', takenAt: 0, stream: streamOf(aSnapshot()) });
  const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

  it('and its files are for their owner alone, whatever the umask says', async () => {
    const folder = await aFolder();
    const before = process.umask(0o000);
    onTestFinished(() => void process.umask(before));
    const { name } = await folderArchive({ folder, recipient: null }).put(request());
    expect(await modeOf(join(folder, name))).toBe(0o600);
    expect(await modeOf(join(folder, 'prod'))).toBe(0o700);
    expect(await modeOf(folder)).toBe(0o700);
  });

  it('that others could look into is closed to them', async () => {
    const folder = await aFolder();
    await mkdir(join(folder, 'prod'), { recursive: true });
    await chmod(join(folder, 'prod'), 0o777);
    await folderArchive({ folder, recipient: null }).put(request());
    expect(await modeOf(join(folder, 'prod'))).toBe(0o700);
  });

  it('lists and deletes nothing that it did not write', async () => {
    const folder = await aFolder();
    const archive = folderArchive({ folder, recipient: null });
    await archive.put(request());
    const foreign = ['notes.txt', '20261120T150000.000Z_other_r1.snapshot', '.hidden', 'db.snapshot'];
    for (const file of foreign) await writeFile(join(folder, 'prod', file), 'x');
    await symlink('/etc/hostname', join(folder, 'prod', '20261120T150000.000Z_prod_r9.snapshot'));
    expect(await archive.list('prod')).toHaveLength(1);
    await archive.prune('prod', { keep: 1, maxAgeMs: 0 }, Date.now() * 2, null);
    expect(await readdir(join(folder, 'prod'))).toHaveLength(foreign.length + 2);
  });

  it.each<readonly [how: string, create: Create, says: RegExp]>([
    // The kernel's own answer.
    ['on a full disk', () => open('/dev/full', 'w'), /is full/],
    ['that may not be written', () => failing('EACCES'), /may not be written by the bot/],
    ['that can only be read', () => failing('EROFS'), /can only be read/],
    ['without the quota for it', () => failing('EDQUOT'), /is full/],
  ])('%s is told apart', async (_how, create, says) => {
    const folder = await aFolder();
    await expect(folderArchive({ folder, recipient: null, create }).put(request())).rejects.toMatchObject({
      name: 'Fault',
      kind: 'refused',
      message: expect.stringMatching(says),
    });
    expect(await filesBelow(folder)).toEqual([]);
  });

  it('that is a file is refused', async () => {
    const folder = await aFolder();
    await writeFile(folder, '');
    const archive = folderArchive({ folder, recipient: null });
    await expect(archive.put(request())).rejects.toMatchObject({ kind: 'refused' });
  });
});

function failing(code: string): Promise<never> {
  return Promise.reject(Object.assign(new Error(`it says ${code}`), { code }));
}
