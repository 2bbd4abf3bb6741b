// The simulated GitHub as an HTTP server on loopback: its releases API with pages, ETags and a limit that can be reached.
import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { RELEASES, type Release } from './catalog.ts';

export interface Github {
  readonly url: string;
  /** Every request in order: `GET /repos/siderolabs/talos/releases?per_page=30&page=1`, with `304` behind it where that was the answer. */
  readonly requests: readonly string[];
  readonly knobs: GithubKnobs;
  stop(): Promise<void>;
}

export interface GithubKnobs {
  /** Seconds since 1970 until which nothing is answered; null = there is no limit. */
  limitedUntilS: number | null;
  unavailable: boolean;
  /** More releases of a repository, newer than all others. */
  added: Record<string, readonly Release[]>;
}

/** What GitHub gives at most, and when nobody says how many. */
const MOST_PER_PAGE = 100;
const PER_PAGE = 30;

export async function startGithub(host = '127.0.0.1'): Promise<Github> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  return new GithubServer(server);
}

class GithubServer implements Github {
  readonly url: string;
  readonly requests: string[] = [];
  readonly knobs: GithubKnobs = { limitedUntilS: null, unavailable: false, added: {} };
  readonly #server: Server;

  constructor(server: Server) {
    const { address, port } = server.address() as AddressInfo;
    this.url = `http://${address}:${port}`;
    this.#server = server;
    server.on('request', (request, response) => this.#answer(request, response));
  }

  async stop(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  #answer(request: IncomingMessage, response: ServerResponse): ServerResponse {
    const url = new URL(request.url ?? '/', this.url);
    const line = `${request.method ?? 'GET'} ${url.pathname}${url.search}`;
    this.requests.push(line);
    const { limitedUntilS, unavailable } = this.knobs;
    if (unavailable) return tell(response, 503, { message: 'Service unavailable' });
    if (limitedUntilS !== null) {
      const limit = { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(limitedUntilS) };
      return tell(response, 403, { message: 'API rate limit exceeded for 192.0.2.1.' }, limit);
    }
    const repository = /^\/repos\/([^/]+\/[^/]+)\/releases$/.exec(url.pathname)?.[1] ?? '';
    const known = RELEASES.get(repository);
    if (known === undefined) return tell(response, 404, { message: 'Not Found' });
    const { page, next } = this.#page([...(this.knobs.added[repository] ?? []), ...known], url);
    const etag = `W/"${createHash('sha256').update(JSON.stringify(page)).digest('hex').slice(0, 32)}"`;
    if (request.headers['if-none-match'] === etag) {
      this.requests[this.requests.length - 1] = `${line} 304`;
      response.writeHead(304, { etag });
      return response.end();
    }
    return tell(response, 200, page, { etag, ...(next === null ? {} : { link: `<${next}>; rel="next"` }) });
  }

  #page(
    all: readonly Release[],
    url: URL,
  ): { readonly page: readonly Release[]; readonly next: string | null } {
    const size = Math.min(MOST_PER_PAGE, Number(url.searchParams.get('per_page') ?? PER_PAGE));
    const number = Number(url.searchParams.get('page') ?? 1);
    const next = new URL(url);
    next.searchParams.set('page', String(number + 1));
    return {
      page: all.slice((number - 1) * size, number * size),
      next: all.length > number * size ? next.href : null,
    };
  }
}

function tell(response: ServerResponse, status: number, body: unknown, headers = {}): ServerResponse {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  return response.end(JSON.stringify(body));
}
