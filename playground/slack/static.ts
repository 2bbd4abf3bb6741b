// The page's own files.
import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';
import { sendText } from './http.ts';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json; charset=utf-8',
  '.woff2': 'font/woff2',
};

/** Nothing from elsewhere runs here, and no other page may frame this one. */
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

const NO_PAGE = 'The page is not here. The control API is: see playground/README.md';

/** Escapes undone; a path with broken ones names nothing. */
const decoded = (path: string): string => {
  try {
    return decodeURIComponent(path);
  } catch {
    return '';
  }
};

/** Serves a file of `root`; anything outside of it does not exist. */
export const serveStatic = async (path: string, root: string, response: ServerResponse): Promise<void> => {
  const file = join(root, normalize(decoded(path === '/' ? '/index.html' : path)));
  const type = TYPES[extname(file)];
  if (!file.startsWith(root + sep) || type === undefined) {
    sendText(response, 404, 'not found');
    return;
  }
  const content = await readFile(file).catch(() => undefined);
  if (content === undefined) {
    sendText(response, 404, path === '/' ? NO_PAGE : 'not found');
    return;
  }
  response.writeHead(200, {
    'content-type': type,
    'cache-control': 'no-cache',
    'content-security-policy': POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  response.end(content);
};
