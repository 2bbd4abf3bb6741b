// A small S3 over real HTTP: objects, uploads in parts, listings, and the errors a store gives. Path style, one bucket.
import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export const BUCKET = 'talos-etcd';
export const CREDENTIALS = { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'a-secret-that-is-none' };
/** S3's least size of a part that is not the last. */
const LEAST_PART_BYTES = 5 * 1024 * 1024;

export interface S3Request {
  readonly method: string;
  readonly key: string;
  readonly query: URLSearchParams;
}

interface S3Answer {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What of a body is kept: all of it, or its size alone for bodies that would fill the test's memory. */
interface Stored {
  readonly bytes: Buffer;
  readonly size: number;
}

interface OpenUpload {
  readonly key: string;
  readonly parts: Map<number, Stored & { readonly etag: string }>;
  readonly initiated: Date;
}

export class S3StandIn {
  readonly objects = new Map<string, Stored>();
  readonly uploads = new Map<string, OpenUpload>();
  readonly requests: S3Request[] = [];
  /** An error code with its status to answer with instead, or null; 'hang-up' closes the connection. */
  trouble: (request: S3Request) => { readonly status: number; readonly code: string } | 'hang-up' | null =
    () => null;
  keepsBodies = true;
  readonly #server = createServer((request, response) => {
    this.#hear(request, response).catch((error: unknown) => response.destroy(error as Error));
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #hear(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(message.url ?? '', 'http://stand-in');
    const [bucket = '', ...rest] = decodeURIComponent(url.pathname).slice(1).split('/');
    const request = { method: message.method ?? '', key: rest.join('/'), query: url.searchParams };
    this.requests.push(request);
    const hash = createHash('sha256');
    const chunks: Buffer[] = [];
    let size = 0;
    for await (const chunk of message as AsyncIterable<Buffer>) {
      hash.update(chunk);
      size += chunk.length;
      if (this.keepsBodies || request.method === 'POST') chunks.push(chunk);
    }
    const trouble = this.trouble(request);
    if (trouble === 'hang-up') {
      message.socket.destroy();
      return;
    }
    const answer =
      trouble === null
        ? (this.#refusal(message, bucket, hash.digest('hex')) ??
          this.#answer(request, { bytes: Buffer.concat(chunks), size }))
        : failed(trouble.status, trouble.code);
    response.writeHead(answer.status, { 'content-type': 'application/xml', ...answer.headers });
    response.end(answer.body ?? '');
  }

  /** A body that is not what was signed, a stranger's key, another bucket. */
  #refusal({ headers }: IncomingMessage, bucket: string, digest: string): S3Answer | null {
    const authorization = headers.authorization ?? '';
    if (!authorization.startsWith('AWS4-HMAC-SHA256 ')) return failed(403, 'AccessDenied');
    if (!authorization.includes(`Credential=${CREDENTIALS.accessKeyId}/`))
      return failed(403, 'InvalidAccessKeyId');
    if (headers['x-amz-content-sha256'] !== digest) return failed(400, 'XAmzContentSHA256Mismatch');
    return bucket === BUCKET ? null : failed(404, 'NoSuchBucket');
  }

  #answer({ method, key, query }: S3Request, body: Stored): S3Answer {
    const upload = query.get('uploadId');
    if (method === 'GET' && query.has('uploads')) return this.#openUploads(query.get('prefix') ?? '');
    if (method === 'GET') return this.#listing(query);
    if (method === 'POST' && upload === null) return this.#initiate(key);
    if (method === 'POST') return this.#complete(upload ?? '', body.bytes.toString());
    if (method === 'PUT' && upload !== null) return this.#part(upload, Number(query.get('partNumber')), body);
    if (method === 'PUT') {
      this.objects.set(key, body);
      return { status: 200, headers: { etag: etagOf(body) } };
    }
    if (method === 'DELETE' && upload !== null) {
      return this.uploads.delete(upload) ? { status: 204 } : failed(404, 'NoSuchUpload');
    }
    if (method === 'DELETE') {
      this.objects.delete(key);
      return { status: 204 };
    }
    return failed(405, 'MethodNotAllowed');
  }

  #initiate(key: string): S3Answer {
    const id = randomBytes(8).toString('hex');
    this.uploads.set(id, { key, parts: new Map(), initiated: new Date() });
    return xml('InitiateMultipartUploadResult', tag('Key', key) + tag('UploadId', id));
  }

  #part(id: string, number: number, body: Stored): S3Answer {
    const upload = this.uploads.get(id);
    if (upload === undefined) return failed(404, 'NoSuchUpload');
    const etag = etagOf(body);
    upload.parts.set(number, { ...body, etag });
    return { status: 200, headers: { etag } };
  }

  #complete(id: string, asked: string): S3Answer {
    const upload = this.uploads.get(id);
    if (upload === undefined) return failed(404, 'NoSuchUpload');
    const numbers = [...asked.matchAll(/<PartNumber>(\d+)<\/PartNumber>/g)].map((match) => Number(match[1]));
    const parts = numbers.map((number) => upload.parts.get(number));
    if (parts.some((part) => part === undefined)) return failed(400, 'InvalidPart');
    const sizes = parts.map((part) => part?.size ?? 0);
    if (sizes.slice(0, -1).some((size) => size < LEAST_PART_BYTES)) return failed(400, 'EntityTooSmall');
    const bytes = Buffer.concat(parts.flatMap((part) => (part === undefined ? [] : [part.bytes])));
    this.objects.set(upload.key, { bytes, size: sizes.reduce((sum, size) => sum + size, 0) });
    this.uploads.delete(id);
    return xml('CompleteMultipartUploadResult', tag('Key', upload.key));
  }

  #openUploads(prefix: string): S3Answer {
    const found = [...this.uploads].filter(([, { key }]) => key.startsWith(prefix));
    const list = found.map(([id, { key, initiated }]) =>
      tag('Upload', tag('Key', key) + tag('UploadId', id) + tag('Initiated', initiated.toISOString())),
    );
    return xml('ListMultipartUploadsResult', list.join(''));
  }

  /** Two to a page, so that whoever lists must turn pages. */
  #listing(query: URLSearchParams): S3Answer {
    const after = query.get('continuation-token') ?? '';
    const keys = [...this.objects.keys()]
      .filter((key) => key.startsWith(query.get('prefix') ?? '') && key > after)
      .sort();
    const page = keys.slice(0, 2);
    const contents = page.map((key) =>
      tag('Contents', tag('Key', key) + tag('Size', String(this.objects.get(key)?.size ?? 0))),
    );
    const more = keys.length > page.length;
    const next = more ? tag('NextContinuationToken', page.at(-1) ?? '') : '';
    return xml('ListBucketResult', `${tag('IsTruncated', String(more))}${next}${contents.join('')}`);
  }
}

function etagOf({ bytes }: Stored): string {
  return `"${createHash('md5').update(bytes).digest('hex')}"`;
}

function tag(name: string, inner: string): string {
  return `<${name}>${inner}</${name}>`;
}

function xml(name: string, inner: string): S3Answer {
  return { status: 200, body: `<?xml version="1.0" encoding="UTF-8"?>${tag(name, inner)}` };
}

function failed(status: number, code: string): S3Answer {
  return { ...xml('Error', tag('Code', code) + tag('Message', `the store says ${code}`)), status };
}
