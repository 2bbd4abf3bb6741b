// Names of snapshots: they sort by time and say whose they are, so that a folder needs no index.
import type { ListedSnapshot } from '../engine/ports/archive.ts';

export interface Named {
  readonly cluster: string;
  readonly rollout: string;
  /** Milliseconds since 1970. */
  readonly takenAt: number;
  readonly encrypted: boolean;
}

/** Neither a path's separator nor our own: the parts of a name must be found again, and lead nowhere else. */
const PART = /^[A-Za-z0-9-]{1,64}$/;
const FILE =
  /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d\.\d{3})Z_([A-Za-z0-9-]{1,64})_([A-Za-z0-9-]{1,64})\.snapshot(\.age)?$/;

/** `20261120T150000.123Z_prod_r0123456789.snapshot`, with `.age` behind it when encrypted. Throws for parts that cannot be in a name. */
export function fileNameOf({ cluster, rollout, takenAt, encrypted }: Named): string {
  if (!PART.test(cluster) || !PART.test(rollout))
    throw new Error(`no snapshot can be named after ${cluster} and ${rollout}`);
  const time = new Date(takenAt).toISOString().replaceAll(/[-:]/g, '');
  return `${time}_${cluster}_${rollout}.snapshot${encrypted ? '.age' : ''}`;
}

/** What a file name says, or null when it is not one of ours. */
export function readFileName(file: string): Named | null {
  const match = FILE.exec(file);
  if (match === null) return null;
  const [, year, month, day, hour, minute, second, cluster = '', rollout = '', age] = match;
  const takenAt = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return Number.isNaN(takenAt) ? null : { cluster, rollout, takenAt, encrypted: age !== undefined };
}

/** The cluster's own folder within the archive. Throws for a cluster that cannot be in a name. */
export function folderOf(cluster: string): string {
  if (!PART.test(cluster)) throw new Error(`no folder can be named after ${cluster}`);
  return `${cluster}/`;
}

/** The snapshots among these files of a cluster's folder, newest first. */
export function listed(
  cluster: string,
  files: readonly { readonly file: string; readonly bytes: number }[],
): readonly ListedSnapshot[] {
  return files
    .flatMap(({ file, bytes }): ListedSnapshot[] => {
      const named = readFileName(file);
      if (named === null || named.cluster !== cluster) return [];
      const { rollout, takenAt, encrypted } = named;
      return [{ name: `${folderOf(cluster)}${file}`, rollout, takenAt, bytes, encrypted }];
    })
    .sort((a, b) => (a.name < b.name ? 1 : -1));
}
