// One object out of a stream of unknown length: parts of a fixed size from one buffer, an object only when the last was sent.
import {
  AbortMultipartUploadCommand,
  type CompletedPart,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { Fault } from '../engine/ports/fault.ts';

/** The smallest that S3 allows: all the memory an upload takes. */
const PART_BYTES = 5 * 1024 * 1024;
/** S3's own bound: 48 GiB in parts of this size, six times etcd's largest. */
const MAX_PARTS = 10_000;

export interface ObjectPlace {
  readonly Bucket: string;
  readonly Key: string;
}

/** Whatever goes wrong, also in the stream, leaves no object, and no parts as long as the store still answers. */
export async function upload(
  client: S3Client,
  place: ObjectPlace,
  body: AsyncIterable<Uint8Array>,
): Promise<void> {
  const parts = new Parts(client, place);
  try {
    for await (const block of body) await parts.add(block);
    await parts.finish();
  } catch (error) {
    await parts.giveUp();
    throw error;
  }
}

class Parts {
  readonly #client: S3Client;
  readonly #place: ObjectPlace;
  /** Filled again for each part, which was sent before: a new one each time would wait for the garbage collector by the dozen. */
  readonly #part = Buffer.allocUnsafeSlow(PART_BYTES);
  readonly #sent: CompletedPart[] = [];
  #used = 0;
  #uploadId: string | null = null;

  constructor(client: S3Client, place: ObjectPlace) {
    this.#client = client;
    this.#place = place;
  }

  async add(block: Uint8Array): Promise<void> {
    for (let taken = 0; taken < block.length; ) {
      const fits = block.subarray(taken, taken + PART_BYTES - this.#used);
      this.#part.set(fits, this.#used);
      this.#used += fits.length;
      taken += fits.length;
      if (this.#used === PART_BYTES) await this.#send();
    }
  }

  async finish(): Promise<void> {
    if (this.#uploadId === null) {
      await this.#client.send(new PutObjectCommand({ ...this.#place, Body: this.#filled() }));
      return;
    }
    if (this.#used > 0) await this.#send();
    const upload = { UploadId: this.#uploadId, MultipartUpload: { Parts: this.#sent } };
    await this.#client.send(new CompleteMultipartUploadCommand({ ...this.#place, ...upload }));
    this.#uploadId = null;
  }

  /** Never throws: what cannot be given up now is swept away later. */
  async giveUp(): Promise<void> {
    if (this.#uploadId === null) return;
    const abort = new AbortMultipartUploadCommand({ ...this.#place, UploadId: this.#uploadId });
    await this.#client.send(abort).catch(() => undefined);
  }

  async #send(): Promise<void> {
    const PartNumber = this.#sent.length + 1;
    if (PartNumber > MAX_PARTS) throw new Fault('refused', 'The snapshot is larger than an object can be.');
    this.#uploadId ??= await this.#begin();
    const { ETag } = await this.#client.send(
      new UploadPartCommand({
        ...this.#place,
        UploadId: this.#uploadId,
        PartNumber,
        Body: this.#filled(),
      }),
    );
    this.#sent.push({ ETag, PartNumber });
    this.#used = 0;
  }

  async #begin(): Promise<string> {
    const { UploadId } = await this.#client.send(new CreateMultipartUploadCommand(this.#place));
    if (UploadId === undefined)
      throw new Fault('broken', 'The archive bucket began an upload without an id.');
    return UploadId;
  }

  #filled(): Buffer {
    return this.#part.subarray(0, this.#used);
  }
}
