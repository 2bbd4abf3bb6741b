// The Kubernetes API of the simulated cluster as a real HTTPS server on loopback.
import { randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer, type Server } from 'node:https';
import { type AddressInfo, BlockList, isIPv6 } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import { stringify } from 'yaml';
import type { KubernetesObjects } from '../world/kubernetes/kubernetes-objects.ts';
import { failure, type StatusBody, unauthorized } from '../world/kubernetes/statuses.ts';
import { answerTo, isDryRun, type KubeReply, selectionOf } from './kube-answer.ts';
import { createKubePki, type KubePki } from './kube-pki.ts';
import { routeOf } from './kube-route.ts';
import { shelfAnswer } from './kube-shelf.ts';
import { streamWatch } from './kube-watch-stream.ts';

/** What a test may put in the place of an answer. */
export type InjectedAnswer =
  | { readonly kind: 'status'; readonly status: StatusBody; readonly retryAfterSeconds?: number }
  /** Accepts the request and never answers. */
  | { readonly kind: 'hang' }
  | { readonly kind: 'reset' }
  /** Says 200 with something that is not JSON. */
  | { readonly kind: 'garbage' };

export type Injection = (request: {
  readonly method: string;
  readonly path: string;
  /** As an admission webhook is told. */
  readonly dryRun: boolean;
}) => InjectedAnswer | null;

export interface KubeApi {
  readonly url: string;
  /** A kubeconfig with an administrator's client certificate, as YAML text; `server` overrides the address. */
  kubeconfig(server?: string): string;
  /** The same with a bearer token instead of a certificate. */
  tokenKubeconfig(server?: string): string;
  /** Replaces answers until called with null. */
  inject(injection: Injection | null): void;
  /** Every request so far that may change something, as `PATCH /api/v1/nodes/w-1`: not what only asks, in a dry run or about our rights. */
  readonly acts: readonly string[];
  /** Connections accepted since the start: tells whether a client reuses them. */
  readonly connections: number;
  stop(): Promise<void>;
}

/** No request of this API comes near; larger ones are a mistake. */
const maxBodyBytes = 1_048_576;

const loopback = new BlockList();
loopback.addSubnet('127.0.0.0', 8, 'ipv4');
loopback.addAddress('::1', 'ipv6');

async function bodyOf(request: IncomingMessage): Promise<string | null> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = chunk as Buffer;
    size += bytes.length;
    if (size > maxBodyBytes) return null;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function send(
  response: ServerResponse,
  { code, body }: KubeReply,
  headers: Record<string, string> = {},
): void {
  const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`;
  const type = typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json';
  response.writeHead(code, { 'content-type': type, 'content-length': Buffer.byteLength(text), ...headers });
  response.end(text);
}

function sendStatus(response: ServerResponse, status: StatusBody, retryAfterSeconds?: number): void {
  const seconds = retryAfterSeconds ?? status.details?.retryAfterSeconds;
  send(
    response,
    { code: status.code, body: status },
    seconds === undefined ? {} : { 'retry-after': String(seconds) },
  );
}

function injected(answer: InjectedAnswer, request: IncomingMessage, response: ServerResponse): void {
  if (answer.kind === 'status') sendStatus(response, answer.status, answer.retryAfterSeconds);
  if (answer.kind === 'reset') request.socket.destroy();
  if (answer.kind === 'garbage')
    send(response, { code: 200, body: '<html>not the API you are looking for</html>' });
}

function isAct({ method, url }: { method: string; url: URL }): boolean {
  if (method === 'GET' || url.pathname.endsWith('/selfsubjectaccessreviews')) return false;
  return !isDryRun(url.searchParams);
}

class KubeServer implements KubeApi {
  readonly url: string;
  readonly #server: Server;
  readonly #pki: KubePki;
  readonly #token: string;
  readonly #objects: KubernetesObjects;
  readonly #sockets = new Set<Duplex>();
  readonly #unsubscribe: () => void;
  readonly acts: string[] = [];
  #injection: Injection | null = null;
  #connections = 0;

  constructor(parts: { server: Server; url: string; pki: KubePki; objects: KubernetesObjects }) {
    this.#server = parts.server;
    this.url = parts.url;
    this.#pki = parts.pki;
    this.#objects = parts.objects;
    this.#token = randomBytes(24).toString('base64url');
    this.#unsubscribe = parts.objects.onApiServer((up) => {
      if (!up) this.#dropConnections();
    });
    this.#server.on('connection', (socket) => this.#accept(socket));
    this.#server.on('request', (request, response) => {
      this.#handle(request, response).catch((error: unknown) => {
        if (!response.headersSent) sendStatus(response, failure(500, 'InternalError', String(error)));
        else response.destroy();
      });
    });
  }

  get connections(): number {
    return this.#connections;
  }

  inject(injection: Injection | null): void {
    this.#injection = injection;
  }

  kubeconfig(server = this.url): string {
    const { admin } = this.#pki;
    return this.#configText(server, {
      'client-certificate-data': Buffer.from(admin.certificatePem).toString('base64'),
      'client-key-data': Buffer.from(admin.keyPem).toString('base64'),
    });
  }

  tokenKubeconfig(server = this.url): string {
    return this.#configText(server, { token: this.#token });
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#dropConnections();
    await closed;
  }

  #configText(server: string, user: object): string {
    const authority = Buffer.from(this.#pki.caPem).toString('base64');
    return stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'playground', cluster: { server, 'certificate-authority-data': authority } }],
      users: [{ name: 'admin@playground', user }],
      contexts: [
        {
          name: 'admin@playground',
          context: { cluster: 'playground', namespace: 'default', user: 'admin@playground' },
        },
      ],
      'current-context': 'admin@playground',
    });
  }

  #accept(socket: Duplex): void {
    this.#connections += 1;
    // The port stays ours while the API is away: closing and reopening it could lose it to another process.
    if (!this.#objects.apiUp) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
  }

  #dropConnections(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  #mayCall(request: IncomingMessage): boolean {
    const bearer = request.headers.authorization === `Bearer ${this.#token}`;
    return bearer || (request.socket instanceof TLSSocket && request.socket.authorized);
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', this.url);
    const method = request.method ?? 'GET';
    const body = await bodyOf(request);
    if (!this.#mayCall(request)) return sendStatus(response, unauthorized());
    if (body === null)
      return sendStatus(response, failure(413, 'RequestEntityTooLarge', 'the request is too large'));
    if (isAct({ method, url })) this.acts.push(`${method} ${url.pathname}`);
    const replaced =
      this.#injection?.({ method, path: url.pathname, dryRun: isDryRun(url.searchParams) }) ?? null;
    if (replaced !== null) return injected(replaced, request, response);
    const parameters = url.searchParams;
    const contentType = request.headers['content-type'] ?? '';
    const shelved = shelfAnswer(this.#objects.shelf, {
      method,
      path: url.pathname,
      parameters,
      contentType,
      body,
    });
    if (shelved !== null) return send(response, shelved);
    const route = routeOf(url.pathname);
    if (
      route.kind === 'collection' &&
      method === 'GET' &&
      ['true', '1'].includes(parameters.get('watch') ?? '')
    ) {
      const selection = selectionOf(route.namespace, parameters);
      const status = streamWatch(response, {
        api: this.#objects.api,
        resource: route.resource,
        selection,
        parameters,
      });
      if (status !== null) sendStatus(response, status);
      return;
    }
    const { pathname: path } = url;
    const userAgent = request.headers['user-agent'] ?? '';
    const asked = { method, path, route, parameters, contentType, body, userAgent };
    send(response, answerTo(this.#objects, asked));
  }
}

/** Starts the API on a free port of `host`, which must be a loopback address. */
export async function startKubeApi(options: {
  readonly objects: KubernetesObjects;
  readonly host: string;
}): Promise<KubeApi> {
  const { objects, host } = options;
  if (!loopback.check(host, isIPv6(host) ? 'ipv6' : 'ipv4'))
    throw new Error(`${host} is not a loopback address`);
  const pki = await createKubePki([...new Set([host, '127.0.0.1', 'localhost'])]);
  const server = createServer({
    key: pki.server.keyPem,
    cert: pki.server.certificatePem,
    ca: pki.caPem,
    requestCert: true,
    // An unknown caller gets the API's own 401 instead of a broken handshake.
    rejectUnauthorized: false,
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `https://${isIPv6(host) ? `[${host}]` : host}:${port}`;
  return new KubeServer({ server, url, pki, objects });
}
