// The simulated Image Factory as an HTTP server on loopback, with the official registry (ghcr.io) beside it.
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isPublished, parseImage } from '../world/image.ts';
import type { World } from '../world/world.ts';
import { BUSY_TEXT, type Shelved } from './shelf.ts';

export interface Factory {
  readonly url: string;
  /** As image references name it: `127.0.0.1:12345`. */
  readonly host: string;
  /** Every request in order: `HEAD /v2/…`. */
  readonly requests: readonly string[];
  stop(): Promise<void>;
}

/** A schematic is a page of text. */
const MOST_BODY_BYTES = 65_536;
const INDEX_TYPE = 'application/vnd.oci.image.index.v1+json';

interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
}

type Route = readonly [
  method: string,
  path: RegExp,
  answer: (asked: Asked, groups: readonly string[]) => Promise<void> | void,
];

export async function startFactory(options: {
  readonly world: World;
  readonly host?: string;
}): Promise<Factory> {
  const { world, host = '127.0.0.1' } = options;
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  return new FactoryServer(server, world);
}

class FactoryServer implements Factory {
  readonly url: string;
  readonly host: string;
  readonly requests: string[] = [];
  readonly #server: Server;
  readonly #world: World;
  readonly #token = randomBytes(12).toString('hex');
  readonly #routes: readonly Route[];

  constructor(server: Server, world: World) {
    const { address, port } = server.address() as AddressInfo;
    this.host = `${address}:${port}`;
    this.url = `http://${this.host}`;
    this.#server = server;
    this.#world = world;
    this.#routes = this.#table();
    server.on('request', (request, response) => {
      this.#answer(request, response).catch((error: unknown) => {
        if (response.headersSent) response.destroy();
        else say(response, 500, error instanceof Error ? error.message : String(error));
      });
    });
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const method = request.method ?? 'GET';
    this.requests.push(`${method} ${url.pathname}`);
    if (this.#world.shelf.knobs.unavailable) return say(response, 503, BUSY_TEXT);
    for (const [verb, path, answer] of this.#routes) {
      const groups = path.exec(url.pathname);
      if (groups === null || !verb.split(' ').includes(method)) continue;
      return answer({ request, response, url }, groups.slice(1).map(decodeURIComponent));
    }
    return say(response, 404, 'not found');
  }

  #table(): readonly Route[] {
    const { shelf } = this.#world;
    return [
      ['GET', /^\/versions$/, ({ response }) => json(response, 200, shelf.versions())],
      ['POST', /^\/schematics$/, (asked) => this.#put(asked)],
      [
        'GET',
        /^\/schematics\/([^/]+)$/,
        ({ response }, [id = '']) => {
          const found = shelf.schematic(id);
          if (found === null) return say(response, 404, `schematic "${id}" not found`);
          return say(response, 200, found.text, 'application/yaml');
        },
      ],
      [
        'GET',
        /^\/version\/([^/]+)\/extensions\/official$/,
        ({ response }, [version = '']) => {
          const offered = shelf.extensions(version);
          return offered === null
            ? say(response, 404, `version ${version} not found`)
            : json(response, 200, offered);
        },
      ],
      ['GET', /^\/token$/, ({ response }) => json(response, 200, { token: this.#token })],
      [
        'GET HEAD',
        /^\/v2\/siderolabs\/installer\/manifests\/([^/]+)$/,
        (asked, [tag = '']) => this.#official(asked, tag),
      ],
      [
        'GET HEAD',
        /^\/v2\/([^/]+)\/([^/]+)\/manifests\/([^/]+)$/,
        (asked, groups) => this.#manifest(asked, groups),
      ],
      ['GET HEAD', /^\/backing\/(sha256:[0-9a-f]{64})$/, (asked, [digest = '']) => manifest(asked, digest)],
    ];
  }

  async #put({ request, response }: Asked): Promise<void> {
    const body = await bodyOf(request);
    try {
      const { id, text } = this.#world.shelf.put(body);
      json(response, 201, { id, schematic: text });
    } catch (error) {
      say(response, 400, error instanceof Error ? error.message : String(error));
    }
  }

  /** Builds, then sends the asker to the registry behind, as the real one does without authentication. */
  async #manifest(
    { response }: Asked,
    [name = '', schematic = '', tag = '']: readonly string[],
  ): Promise<void> {
    const ref = `${this.host}/${name}/${schematic}:${tag}`;
    const shelved = this.#world.shelf.image(ref, { name, schematic, tag });
    if (shelved.kind === 'refused') return say(response, shelved.status, shelved.text);
    await this.#build(shelved);
    this.#world.shelf.built(ref);
    response.writeHead(307, { location: `${this.url}/backing/${shelved.digest}` });
    response.end();
  }

  #build({ buildMs }: Extract<Shelved, { kind: 'image' }>): Promise<void> {
    return new Promise((resolve) => {
      this.#world.clock.after(buildMs, resolve);
    });
  }

  /** ghcr.io as anybody sees it: a challenge, a token for everybody, and no installer from 1.14 on. */
  #official(asked: Asked, tag: string): void {
    const { request, response } = asked;
    if (request.headers.authorization !== `Bearer ${this.#token}`) {
      const scope = 'repository:siderolabs/installer:pull';
      const challenge = `Bearer realm="${this.url}/token",service="ghcr.io",scope="${scope}"`;
      response.writeHead(401, { 'www-authenticate': challenge });
      response.end();
      return;
    }
    const image = parseImage(`ghcr.io/siderolabs/installer:${tag}`);
    if (isPublished(image)) manifest(asked, image.digest);
    else json(response, 404, { errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] });
  }
}

function manifest({ request, response }: Asked, digest: string): void {
  const body = request.method === 'HEAD' ? '' : '{"schemaVersion":2,"manifests":[]}';
  response.writeHead(200, { 'content-type': INDEX_TYPE, 'docker-content-digest': digest });
  response.end(body);
}

function say(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.writeHead(status, { 'content-type': type });
  response.end(text.endsWith('\n') ? text : `${text}\n`);
}

function json(response: ServerResponse, status: number, body: unknown): void {
  say(response, status, JSON.stringify(body), 'application/json');
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > MOST_BODY_BYTES) throw new Error('the request is too large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}
