// A server on loopback that answers as a test says, and remembers what it was asked.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { onTestFinished } from 'vitest';
import type { ImageFactory } from '../../src/engine/ports/factory.ts';
import { type FactoryOptions, imageFactory } from '../../src/releases/factory.ts';

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage['headers'];
}

export interface Registry {
  readonly host: string;
  readonly url: string;
  readonly seen: readonly Seen[];
}

export type Answer = (
  asked: Seen & { readonly turn: number; readonly registry: Registry },
  response: ServerResponse,
) => void;

/** Ends with the test. `turn` counts requests from 1. */
export async function aRegistry(answer: Answer, host = '127.0.0.1'): Promise<Registry> {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    const asked = { method: request.method ?? '', path: request.url ?? '', headers: request.headers };
    seen.push(asked);
    answer({ ...asked, turn: seen.length, registry }, response);
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const registry: Registry = { host: `${host}:${port}`, url: `http://${host}:${port}`, seen };
  return registry;
}

/** The client under test: only loopback, and quick to try again. */
export function aClient(options: FactoryOptions = {}): ImageFactory {
  const factory = imageFactory({ onlyLoopback: true, pausesMs: [1, 1], ...options });
  onTestFinished(() => factory.close());
  return factory;
}

export function say(
  response: ServerResponse,
  status: number,
  body: string | object = '',
  headers = {},
): void {
  response.writeHead(status, headers);
  response.end(typeof body === 'string' ? body : JSON.stringify(body));
}
