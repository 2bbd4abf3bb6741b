// The one HTTP server: Web API, sockets, response URLs, uploads, control API and the page, on loopback only.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { handleCall } from './api/router.ts';
import type { ClusterProvider } from './contract.ts';
import { handleControl } from './control.ts';
import { sendJson, sendText } from './http.ts';
import type { LocalSlack } from './local.ts';
import { isLoopbackHost, isOwnCaller } from './origin.ts';
import { handleResponseUrl } from './response-url.ts';
import { serveStatic } from './static.ts';
import { handleUpload, serveFile } from './upload.ts';

export type ServerParts = {
  readonly local: LocalSlack;
  readonly cluster: ClusterProvider | undefined;
  readonly pageRoot: string;
};

const FOREIGN = {
  ok: false,
  error: 'foreign_origin',
  hint: 'Only this machine and its own page may do this.',
};

/** `/archives/C…/p1700000000000100?thread_ts=…` as the page understands it. */
const permalinkTarget = (url: URL): string => {
  const [, , channel = '', message = ''] = url.pathname.split('/');
  const ts = message.replace(/^p(\d+)(\d{6})$/, '$1.$2');
  const thread = url.searchParams.get('thread_ts');
  const query = new URLSearchParams({ channel, message: ts, ...(thread === null ? {} : { thread }) });
  return `/?${query.toString()}`;
};

const isControl = (path: string): boolean => path === '/state' || path === '/sse' || path.startsWith('/ctl/');

const route = async (
  request: IncomingMessage,
  response: ServerResponse,
  parts: ServerParts,
): Promise<void> => {
  const { local } = parts;
  const path = request.url ?? '/';
  if (!URL.canParse(path, 'http://localhost')) {
    sendText(response, 400, 'bad request');
    return;
  }
  const url = new URL(path, 'http://localhost');
  const [, first = '', second = ''] = url.pathname.split('/');
  if (!isLoopbackHost(request.headers.host) || (request.method !== 'GET' && !isOwnCaller(request))) {
    sendJson(response, 403, FOREIGN);
    return;
  }
  if (isControl(url.pathname)) {
    if (isOwnCaller(request)) await handleControl(url, request, response, parts);
    else sendJson(response, 403, FOREIGN);
    return;
  }
  if (request.method === 'POST') {
    if (first === 'api') await handleCall(second, request, response, local);
    else if (first === 'response') await handleResponseUrl(url.pathname, request, response, local);
    else if (first === 'upload') await handleUpload(second, request, response, local);
    else sendText(response, 404, 'not found');
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') sendText(response, 405, 'method not allowed');
  else if (first === 'files') serveFile(second, response, local);
  else if (first === 'archives') response.writeHead(302, { location: permalinkTarget(url) }).end();
  else await serveStatic(url.pathname, parts.pageRoot, response);
};

const failed = (response: ServerResponse, error: unknown): void => {
  if (response.headersSent) response.destroy();
  else sendText(response, 500, error instanceof Error ? error.message : 'error');
};

/** Listens on 127.0.0.1. Resolves with the server and its origin; rejects when the port is taken. */
export const listen = async (
  parts: ServerParts,
  port: number,
): Promise<{ readonly server: Server; readonly origin: string }> => {
  const server = createServer((request, response) => {
    route(request, response, parts).catch((error: unknown) => failed(response, error));
  });
  server.on('upgrade', (request, stream, head) => {
    stream.on('error', () => stream.destroy());
    const own = isLoopbackHost(request.headers.host) && request.headers.origin === undefined;
    if (own && request.url?.startsWith('/link/')) parts.local.hub.upgrade(request, stream, head);
    else stream.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  return { server, origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};
