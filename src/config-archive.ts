// The archive's part of the configuration: where copies of etcd go, for how long, and with whose credentials.
import type { z } from 'zod';
import type { ArchivePlace } from './archive/open.ts';
import type { S3Credentials } from './archive/s3.ts';
import { type archive, isLoopbackUrl } from './config-schema.ts';
import type { Retention } from './engine/ports/archive.ts';

export interface ArchiveSettings {
  /** May hold a secret access key. */
  readonly place: ArchivePlace;
  /** An age recipient, or null to store copies as they are. */
  readonly recipient: string | null;
  readonly retention: Retention;
}

type Written = z.infer<typeof archive>;
type Environment = Readonly<Record<string, string | undefined>>;

/** `here` makes a path of the file absolute. */
export function archiveOf(
  written: Written | undefined,
  environment: Environment,
  here: (relative: string) => string,
): ArchiveSettings | null {
  if (written === undefined) return null;
  const { folder, s3, recipient = null, keep, maxAge } = written;
  const retention = { keep, maxAgeMs: maxAge };
  if (s3 === undefined) {
    return { place: { kind: 'folder', folder: here(folder ?? '') }, recipient, retention };
  }
  const { bucket, region, endpoint = null } = s3;
  const prefix = s3.prefix === '' || s3.prefix.endsWith('/') ? s3.prefix : `${s3.prefix}/`;
  const credentials = credentialsIn(environment);
  return { place: { kind: 's3', bucket, prefix, region, endpoint, credentials }, recipient, retention };
}

function credentialsIn(environment: Environment): S3Credentials | null {
  const accessKeyId = environment['AWS_ACCESS_KEY_ID'] ?? '';
  const secretAccessKey = environment['AWS_SECRET_ACCESS_KEY'] ?? '';
  const sessionToken = environment['AWS_SESSION_TOKEN'] ?? '';
  if (accessKeyId === '' || secretAccessKey === '') return null;
  return { accessKeyId, secretAccessKey, ...(sessionToken === '' ? {} : { sessionToken }) };
}

/** What these archives lack: credentials in the environment and, for a playground, a store on this machine. */
export function archiveMistakes(
  written: readonly (Written | undefined)[],
  environment: Environment,
  onlyLoopback: boolean,
): readonly string[] {
  const buckets = written.flatMap((one) => (one?.s3 === undefined ? [] : [one.s3]));
  if (buckets.length === 0) return [];
  const mistakes: string[] = [];
  if (onlyLoopback && buckets.some(({ endpoint = '' }) => !isLoopbackUrl(endpoint)))
    mistakes.push('archive.s3.endpoint: expects a loopback address while onlyLoopback is set');
  // A workload identity is set up by the platform: that it is named is enough.
  const identity =
    environment['AWS_WEB_IDENTITY_TOKEN_FILE'] ?? environment['AWS_CONTAINER_CREDENTIALS_FULL_URI'];
  if (credentialsIn(environment) === null && identity === undefined) {
    mistakes.push(
      'AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY: expected in the environment for the bucket of the archive, or a workload identity (AWS_WEB_IDENTITY_TOKEN_FILE)',
    );
  }
  return mistakes;
}
