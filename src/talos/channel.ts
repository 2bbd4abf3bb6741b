// One grpc-js channel to one Talos endpoint, made anew when it has been without a connection for too long.
import { type ChannelCredentials, type ChannelOptions, Client, connectivityState } from '@grpc/grpc-js';
import { type Endpoint, endpointText } from './endpoint.ts';

/**
 * Milliseconds a channel may be without a connection before it is closed and made anew. After a black hole grpc-js waits
 * for the kernel's doubling SYN intervals; a fresh socket is back within a second (stack.md 6).
 */
export const REBUILD_AFTER_MS = 3_000;

/**
 * Milliseconds without a call after which a connection is closed: each takes 270 KB outside of the heap, and a machine that is not in
 * hand is asked again minutes later (docs/measured.md). By itself grpc-js keeps it for half an hour.
 */
const IDLE_MS = 5_000;

/** Channel options for Talos; every number from stack.md 6 and talos-api.md 1.1. */
export const CHANNEL_OPTIONS: ChannelOptions = {
  // Talos sends up to 32 MiB; the default of 4 MiB would cut off large answers.
  'grpc.max_receive_message_length': 32 * 1024 * 1024,
  'grpc.initial_reconnect_backoff_ms': 250,
  'grpc.max_reconnect_backoff_ms': 500,
  // Two channels to one address must not share a connection: acts have theirs alone.
  'grpc.use_local_subchannel_pool': 1,
  // Retrying is decided here and in the engine, never below them.
  'grpc.enable_retries': 0,
  // A proxy of the environment is meant for web traffic, and would lead a loopback-only adapter astray.
  'grpc.enable_http_proxy': 0,
  'grpc.client_idle_timeout_ms': IDLE_MS,
  // No keepalive: Talos answers pings below five minutes with GOAWAY too_many_pings.
};

/** A client of one endpoint for one connection's life. */
export function clientOf(endpoint: Endpoint, credentials: ChannelCredentials): Client {
  return new Client(endpointText(endpoint), credentials, CHANNEL_OPTIONS);
}

/** Whether a client has a connection at this moment. */
export function isReady(client: Client): boolean {
  return client.getChannel().getConnectivityState(false) === connectivityState.READY;
}

/** A client and how many calls it carries: one whose identity was renewed is closed when the last of them has ended. */
interface Line {
  readonly client: Client;
  readonly credentials: ChannelCredentials;
  calls: number;
}

export class EndpointChannel {
  readonly endpoint: Endpoint;
  readonly #credentials: () => ChannelCredentials;
  #line: Line | null = null;
  #downSince: number | null = null;
  #heardAtMs = Number.NEGATIVE_INFINITY;
  /** Lines of a former identity with calls that have not ended. */
  readonly #retired = new Set<Line>();

  /** `credentials` are asked for before every call; other ones than before mean that our identity was renewed. */
  constructor(endpoint: Endpoint, credentials: () => ChannelCredentials) {
    this.endpoint = endpoint;
    this.#credentials = credentials;
  }

  get name(): string {
    return endpointText(this.endpoint);
  }

  /** Makes one call, or reads one stream, over the present client; a renewed identity does not cut it short. */
  async use<T>(call: (client: Client) => Promise<T>): Promise<T> {
    const line = this.#present();
    line.calls += 1;
    try {
      return await call(line.client);
    } finally {
      line.calls -= 1;
      if (line.calls === 0 && this.#retired.delete(line)) line.client.close();
    }
  }

  isConnected(): boolean {
    return this.#line !== null && isReady(this.#line.client);
  }

  /** No call is in flight, on the present client or one of a former identity. */
  isIdle(): boolean {
    return (this.#line?.calls ?? 0) === 0 && this.#retired.size === 0;
  }

  /** Notes that an answer came. */
  heard(): void {
    this.#heardAtMs = performance.now();
  }

  /** Whether an answer came since then (milliseconds of `performance.now`). */
  heardSince(ms: number): boolean {
    return this.#heardAtMs >= ms;
  }

  /** Drops the client that failed, and no other that was made since; calls waiting on it end UNAVAILABLE. */
  drop(client: Client): void {
    if (this.#line?.client === client) this.#dropPresent();
    for (const line of this.#retired) {
      if (line.client !== client) continue;
      this.#retired.delete(line);
      client.close();
    }
  }

  close(): void {
    this.#dropPresent();
    for (const { client } of this.#retired) client.close();
    this.#retired.clear();
  }

  #dropPresent(): void {
    this.#line?.client.close();
    this.#line = null;
    this.#downSince = null;
  }

  /** A fresh one when the last has been without a connection for `REBUILD_AFTER_MS`, or was made with a former identity. */
  #present(): Line {
    const credentials = this.#credentials();
    if (this.#line !== null && this.#line.credentials !== credentials) this.#retire(this.#line);
    const now = performance.now();
    if (this.isConnected()) this.#downSince = null;
    else this.#downSince ??= now;
    if (this.#downSince !== null && now - this.#downSince >= REBUILD_AFTER_MS) this.#dropPresent();
    this.#line ??= { client: clientOf(this.endpoint, credentials), credentials, calls: 0 };
    return this.#line;
  }

  #retire(line: Line): void {
    if (line.calls === 0) line.client.close();
    else this.#retired.add(line);
    this.#line = null;
    this.#downSince = null;
  }
}
