// Snapshots as objects of an S3-compatible bucket: uploaded in parts, which become an object only when the last one was verified.
import {
  AbortMultipartUploadCommand,
  DeleteObjectCommand,
  ListMultipartUploadsCommand,
  paginateListObjectsV2,
  S3Client,
} from '@aws-sdk/client-s3';
import type { Archive, ListedSnapshot, PutRequest, StoredSnapshot } from '../engine/ports/archive.ts';
import { bucketFault } from './fault.ts';
import { intake } from './intake.ts';
import { fileNameOf, folderOf, listed } from './name.ts';
import { ABANDONED_MS, outdated } from './retention.ts';
import { upload } from './upload.ts';

export interface S3Options {
  readonly bucket: string;
  /** Stands before every name; '' or with a slash at its end. */
  readonly prefix: string;
  readonly region: string;
  /** Of an S3-compatible store; null = Amazon's own. */
  readonly endpoint: string | null;
  /** Null: the workload identity that the environment names is used (web identity, container credentials). */
  readonly credentials: S3Credentials | null;
  /** An age recipient, or null to store snapshots as they are. */
  readonly recipient: string | null;
}

export interface S3Credentials {
  readonly accessKeyId: string;
  /** A secret. */
  readonly secretAccessKey: string;
  /** A secret. */
  readonly sessionToken?: string;
}

/** Milliseconds until a connection stands, and until a sent request is answered: a store slower than this is in trouble. */
const CONNECT_LIMIT_MS = 5_000;
const REQUEST_LIMIT_MS = 60_000;
/** Tries of one request: parts are small and named, so that repeating one changes nothing. */
const TRIES = 3;
/** Pages of a listing, 1,000 objects each: pruning keeps far fewer. */
const MAX_PAGES = 20;

/** Dials nothing until asked. */
export function s3Archive(options: S3Options): Archive {
  const client = clientOf(options);
  const faulty = <T>(work: Promise<T>): Promise<T> =>
    work.catch((error: unknown) => {
      throw bucketFault(error, options.bucket);
    });
  return {
    put: (request) => faulty(put(client, options, request)),
    list: (cluster) => faulty(list(client, options, cluster)),
    prune: (cluster, retention, nowMs, taken) =>
      faulty(
        (async () => {
          const gone = outdated(await list(client, options, cluster), retention, nowMs, taken);
          for (const { name } of gone) {
            const Key = `${options.prefix}${name}`;
            await client.send(new DeleteObjectCommand({ Bucket: options.bucket, Key }));
          }
          await sweep(client, options, cluster, nowMs);
          return gone.map(({ name }) => name);
        })(),
      ),
    close: async () => client.destroy(),
  };
}

function clientOf({ region, endpoint, credentials }: S3Options): S3Client {
  return new S3Client({
    region,
    ...(endpoint === null ? {} : { endpoint, forcePathStyle: true }),
    ...(credentials === null ? {} : { credentials }),
    maxAttempts: TRIES,
    requestHandler: {
      connectionTimeout: CONNECT_LIMIT_MS,
      requestTimeout: REQUEST_LIMIT_MS,
      throwOnRequestTimeout: true,
    },
    // Many compatible stores refuse the newer checksum headers; each part's SHA-256 is in its signature anyway.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

async function put(client: S3Client, options: S3Options, request: PutRequest): Promise<StoredSnapshot> {
  const { cluster, rollout, takenAt, stream } = request;
  const file = fileNameOf({ cluster, rollout, takenAt, encrypted: options.recipient !== null });
  const name = `${folderOf(cluster)}${file}`;
  const incoming = intake(stream, options.recipient);
  await upload(client, { Bucket: options.bucket, Key: `${options.prefix}${name}` }, incoming.body);
  return { name, ...incoming.measured() };
}

async function list(
  client: S3Client,
  { bucket, prefix }: S3Options,
  cluster: string,
): Promise<readonly ListedSnapshot[]> {
  const home = `${prefix}${folderOf(cluster)}`;
  const files: { file: string; bytes: number }[] = [];
  let pages = 0;
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: home })) {
    for (const { Key = '', Size = 0 } of page.Contents ?? [])
      files.push({ file: Key.slice(home.length), bytes: Size });
    pages += 1;
    if (pages === MAX_PAGES) break;
  }
  return listed(cluster, files);
}

/** Gives up uploads that never ended, because their parts cost money and cannot be seen. */
async function sweep(client: S3Client, options: S3Options, cluster: string, nowMs: number): Promise<void> {
  const { bucket: Bucket, prefix } = options;
  try {
    const { Uploads = [] } = await client.send(
      new ListMultipartUploadsCommand({ Bucket, Prefix: `${prefix}${folderOf(cluster)}` }),
    );
    for (const { Key, UploadId, Initiated } of Uploads) {
      if (Initiated === undefined || nowMs - Initiated.getTime() <= ABANDONED_MS) continue;
      await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    }
  } catch {
    // Not every store lists uploads, and not everybody gives this right: a rule of the bucket can do the same.
  }
}
