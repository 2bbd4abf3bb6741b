/** A plain grpc-js client over mutual TLS, made from a talosconfig as the simulated cluster writes it. */
import { Client, credentials, Metadata } from '@grpc/grpc-js';
import { parse } from 'yaml';
import {
  callStream,
  callUnary,
  type ReplyOf,
  type RequestInit,
  type StreamMethod,
  type UnaryMethod,
} from '../../../src/talos/grpc.ts';

const DEADLINE_MS = 5_000;

export interface TestClient {
  unary<M extends UnaryMethod>(method: M, request: RequestInit<M>, node?: string): Promise<ReplyOf<M>>;
  /** All replies of a stream that ends by itself. */
  all<M extends StreamMethod>(method: M, request: RequestInit<M>, node?: string): Promise<ReplyOf<M>[]>;
  stream<M extends StreamMethod>(
    method: M,
    request: RequestInit<M>,
    node?: string,
  ): AsyncIterable<ReplyOf<M>>;
  /** With headers of the test's own. */
  withHeaders(headers: Readonly<Record<string, readonly string[]>>): TestClient;
  close(): void;
}

function pem(text: unknown): Buffer {
  const label = Buffer.from(String(text), 'base64').toString();
  return Buffer.from(label.replaceAll('ED25519 PRIVATE KEY', 'PRIVATE KEY'));
}

/** Connects to the first endpoint of the talosconfig, or to the named one. */
export function connect(talosconfig: string, endpoint?: string): TestClient {
  const config = parse(talosconfig);
  const context = config.contexts[config.context];
  const channel = credentials.createSsl(pem(context.ca), pem(context.key), pem(context.crt));
  const client = new Client(endpoint ?? context.endpoints[0], channel, {
    'grpc.enable_retries': 0,
    'grpc.initial_reconnect_backoff_ms': 20,
    'grpc.max_reconnect_backoff_ms': 50,
    'grpc.use_local_subchannel_pool': 1,
  });
  return over(client, {});
}

function over(client: Client, headers: Readonly<Record<string, readonly string[]>>): TestClient {
  const settings = (node?: string): { deadlineMs: number; metadata: Metadata } => {
    const metadata = new Metadata();
    if (node !== undefined) metadata.set('node', node);
    for (const [name, values] of Object.entries(headers))
      for (const value of values) metadata.add(name, value);
    return { deadlineMs: DEADLINE_MS, metadata };
  };
  return {
    unary: (method, request, node) => callUnary(client, method, request, settings(node)),
    all: async <M extends StreamMethod>(method: M, request: RequestInit<M>, node?: string) => {
      const replies: ReplyOf<M>[] = [];
      for await (const reply of callStream(client, method, request, settings(node))) replies.push(reply);
      return replies;
    },
    stream: (method, request, node) => callStream(client, method, request, settings(node)),
    withHeaders: (more) => over(client, { ...headers, ...more }),
    close: () => client.close(),
  };
}

/** Asks until it holds, within a bound that is far above what any of these takes. */
export async function eventually<T>(ask: () => T | Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  const untilMs = Date.now() + 8_000;
  for (;;) {
    const answer = await ask();
    if (holds(answer)) return answer;
    if (Date.now() > untilMs) throw new Error(`never held; last: ${JSON.stringify(answer)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
