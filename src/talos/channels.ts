// The channels that questions take, one for each address: those of addresses that nobody asks any more are closed.
import { EndpointChannel } from './channel.ts';
import type { Connection } from './connection.ts';
import { type Endpoint, endpointText } from './endpoint.ts';

/**
 * Channels kept besides those of the endpoints: one for every machine of a large cluster that is dialled directly. Addresses come
 * and go with machines, and one that is gone is never asked again.
 */
export const DIRECT_CHANNELS = 300;

export class Channels {
  readonly #connection: Pick<Connection, 'credentials' | 'endpoints'>;
  /** The one that was asked for last stands last. */
  readonly #channels = new Map<string, EndpointChannel>();

  constructor(connection: Pick<Connection, 'credentials' | 'endpoints'>) {
    this.#connection = connection;
  }

  get size(): number {
    return this.#channels.size;
  }

  /** To be used at once: until a call is in flight on it, it may be closed when another one is asked for. */
  to(endpoint: Endpoint): EndpointChannel {
    const name = endpointText(endpoint);
    const channel =
      this.#channels.get(name) ?? new EndpointChannel(endpoint, () => this.#connection.credentials());
    this.#channels.delete(name);
    this.#makeRoom();
    this.#channels.set(name, channel);
    return channel;
  }

  close(): void {
    for (const channel of this.#channels.values()) channel.close();
    this.#channels.clear();
  }

  /** Closes those that were asked for longest ago and carry no call, until there is room for one more. */
  #makeRoom(): void {
    const room = this.#connection.endpoints.length + DIRECT_CHANNELS;
    for (const [name, channel] of this.#channels) {
      if (this.#channels.size < room) return;
      if (!channel.isIdle()) continue;
      this.#channels.delete(name);
      channel.close();
    }
  }
}
