// One grpc-js channel to one Talos endpoint, made anew when it has been without a connection for too long.
import { type ChannelCredentials, type ChannelOptions, Client, connectivityState } from '@grpc/grpc-js';
import { type Endpoint, endpointText } from './endpoint.ts';

/**
 * Milliseconds a channel may be without a connection before it is closed and made anew. After a black hole grpc-js waits
 * for the kernel's doubling SYN intervals; a fresh socket is back within a second (stack.md 6).
 */
export const REBUILD_AFTER_MS = 3_000;

/** Channel options for Talos; every number from stack.md 6 and talos-api.md 1.1. */
export const CHANNEL_OPTIONS: ChannelOptions = {
  // Talos sends up to 32 MiB; the default of 4 MiB would cut off large answers.
  'grpc.max_receive_message_length': 32 * 1024 * 1024,
  'grpc.initial_reconnect_backoff_ms': 500,
  'grpc.max_reconnect_backoff_ms': 2_000,
  // Two channels to one address must not share a connection: acts have theirs alone.
  'grpc.use_local_subchannel_pool': 1,
  // Retrying is decided here and in the engine, never below them.
  'grpc.enable_retries': 0,
  // A proxy of the environment is meant for web traffic, and would lead a loopback-only adapter astray.
  'grpc.enable_http_proxy': 0,
  // No keepalive: Talos answers pings below five minutes with GOAWAY too_many_pings.
};

/** A client of one endpoint for one connection's life. */
export function clientOf(endpoint: Endpoint, credentials: ChannelCredentials): Client {
  return new Client(endpointText(endpoint), credentials, CHANNEL_OPTIONS);
}

export class EndpointChannel {
  readonly endpoint: Endpoint;
  readonly #credentials: ChannelCredentials;
  #client: Client | null = null;
  #downSince: number | null = null;

  constructor(endpoint: Endpoint, credentials: ChannelCredentials) {
    this.endpoint = endpoint;
    this.#credentials = credentials;
  }

  get name(): string {
    return endpointText(this.endpoint);
  }

  /** The client to call with now; a fresh one when the last has been without a connection for `REBUILD_AFTER_MS`. */
  client(): Client {
    const now = performance.now();
    if (this.isConnected()) this.#downSince = null;
    else this.#downSince ??= now;
    if (this.#downSince !== null && now - this.#downSince >= REBUILD_AFTER_MS) this.rebuild();
    this.#client ??= clientOf(this.endpoint, this.#credentials);
    return this.#client;
  }

  isConnected(): boolean {
    return this.#client?.getChannel().getConnectivityState(false) === connectivityState.READY;
  }

  /** Drops the present client; calls waiting on it end UNAVAILABLE. */
  rebuild(): void {
    this.#client?.close();
    this.#client = null;
    this.#downSince = null;
  }

  close(): void {
    this.rebuild();
  }
}
