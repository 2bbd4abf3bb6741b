// From where a configuration says copies of etcd go to the archive that keeps them there.
import type { Archive } from '../engine/ports/archive.ts';
import { folderArchive } from './folder.ts';
import type { S3Options } from './s3.ts';

export type ArchivePlace =
  | { readonly kind: 'folder'; readonly folder: string }
  | ({ readonly kind: 's3' } & Omit<S3Options, 'recipient'>);

/** `recipient` is an age recipient, or null to store snapshots as they are. Touches nothing until asked. */
export function openArchive(place: ArchivePlace, recipient: string | null): Archive {
  if (place.kind === 'folder') return folderArchive({ folder: place.folder, recipient });
  // The client for buckets takes 34 MiB of memory: only who has a bucket pays them.
  let opened: Promise<Archive> | null = null;
  const bucket = (): Promise<Archive> => {
    opened ??= import('./s3.ts').then(({ s3Archive }) => s3Archive({ ...place, recipient }));
    return opened;
  };
  return {
    put: async (request) => (await bucket()).put(request),
    list: async (cluster) => (await bucket()).list(cluster),
    prune: async (...asked) => (await bucket()).prune(...asked),
    close: async () => {
      if (opened !== null) await (await opened).close();
    },
  };
}
