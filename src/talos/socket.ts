// Channel credentials that keep hold of the one TCP connection made with them, because only a reset of that connection
// keeps a call that was given up from arriving later.
import type { Socket } from 'node:net';
import { ChannelCredentials } from '@grpc/grpc-js';

type CreateConnector = ChannelCredentials['_createSecureConnector'];
type Connector = ReturnType<CreateConnector>;

/**
 * Wraps credentials so that a channel made with them can connect once and never again, and can be cut off.
 *
 * Measured (design.md 8): a call that ended DEADLINE_EXCEEDED into a black hole still ran on the server minutes later,
 * since its bytes waited in the kernel's send buffer; after a reset they are gone. grpc-js has no public way to its
 * socket, but hands it to the credentials before TLS begins.
 */
export class SingleConnection extends ChannelCredentials {
  readonly #inner: ChannelCredentials;
  #socket: Socket | null = null;

  constructor(inner: ChannelCredentials) {
    super();
    this.#inner = inner;
  }

  _isSecure(): boolean {
    return this.#inner._isSecure();
  }

  _equals(other: ChannelCredentials): boolean {
    return this === other;
  }

  override _createSecureConnector(...args: Parameters<CreateConnector>): Connector {
    const connector = this.#inner._createSecureConnector(...args);
    return {
      connect: async (socket) => {
        if (this.#socket !== null) throw new Error('this channel has had its one connection');
        this.#socket = socket;
        return await connector.connect(socket);
      },
      waitForReady: () => connector.waitForReady(),
      getCallCredentials: () => connector.getCallCredentials(),
      destroy: () => connector.destroy(),
    };
  }

  /** Drops everything unsent and unacknowledged, and tells the other side with a RST where it can still be told. */
  reset(): void {
    this.#socket?.resetAndDestroy();
  }
}
