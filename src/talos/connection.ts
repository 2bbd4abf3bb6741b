// How this adapter reaches one cluster: endpoints, credentials, and the guard that keeps a playground on loopback.
import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { type ChannelCredentials, credentials, Metadata } from '@grpc/grpc-js';
import { Fault } from '../engine/ports/fault.ts';
import { type Endpoint, endpointText, isLoopback, TALOS_PORT } from './endpoint.ts';
import type { TalosIdentity } from './talosconfig.ts';

/** Who we are, and through whom we ask. */
export interface Entrance {
  /** Control-plane machines to ask through, in the order of preference; at least one. */
  readonly endpoints: readonly Endpoint[];
  readonly identity: TalosIdentity;
}

export interface ConnectionSettings extends Entrance {
  /** What to use instead from now on, asked before every call; the same object while nothing changed. Never throws. */
  readonly current?: () => Entrance;
  /** Why the talosconfig as it lies there is not in use: said when the one in use has run out. */
  readonly stale?: () => string | null;
  /** Refuses to dial anything but loopback: for playground and tests, which must never reach a real machine. */
  readonly onlyLoopback?: boolean;
  /** Where a machine itself is dialled; by default its address at port 50000. */
  readonly direct?: (address: string) => Endpoint;
}

/** An entrance made ready for use. */
interface Prepared {
  readonly entrance: Entrance;
  readonly credentials: ChannelCredentials;
  readonly expiresAtMs: number;
}

export class Connection {
  readonly #settings: ConnectionSettings;
  #prepared: Prepared;

  /** Throws Fault `refused` when `onlyLoopback` is set and an endpoint is not loopback. */
  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
    this.#prepared = this.#prepare(settings);
  }

  /** Throws Fault as the constructor does, when a renewed talosconfig names an endpoint that may not be dialled. */
  get endpoints(): readonly Endpoint[] {
    return this.#now().entrance.endpoints;
  }

  /** The machine itself, not through a proxy. Throws Fault `refused` as the constructor does. */
  direct(address: string): Endpoint {
    return this.#allowed(this.#settings.direct?.(address) ?? { host: address, port: TALOS_PORT });
  }

  /** The same object while our identity is: channels made with another one are to be replaced. */
  credentials(): ChannelCredentials {
    return this.#now().credentials;
  }

  /**
   * Throws Fault `refused` once the client certificate has expired: the handshake would only fail in ways that look like a
   * dead endpoint (talos-api.md 9.3).
   */
  requireValidCertificate(): void {
    const { expiresAtMs } = this.#now();
    if (Date.now() < expiresAtMs) return;
    const day = new Date(expiresAtMs).toISOString().slice(0, 10);
    const stale = this.#settings.stale?.() ?? null;
    const why = stale === null ? '' : ` The one that lies there now cannot be used: ${stale}`;
    throw new Fault(
      'refused',
      `Our Talos client certificate expired on ${day}: renew the talosconfig.${why}`,
      {
        code: 'EXPIRED',
      },
    );
  }

  #now(): Prepared {
    const entrance = this.#settings.current?.() ?? this.#settings;
    if (entrance !== this.#prepared.entrance) this.#prepared = this.#prepare(entrance);
    return this.#prepared;
  }

  #prepare(entrance: Entrance): Prepared {
    for (const endpoint of entrance.endpoints) this.#allowed(endpoint);
    const { ca, crt, key } = entrance.identity;
    return {
      entrance,
      // One TLS context for all channels: parsing the certificates once per connection would be waste.
      credentials: credentials.createFromSecureContext(createSecureContext({ ca, cert: crt, key })),
      expiresAtMs: Date.parse(new X509Certificate(crt).validTo),
    };
  }

  #allowed(endpoint: Endpoint): Endpoint {
    if (this.#settings.onlyLoopback === true && !isLoopback(endpoint.host)) {
      throw new Fault(
        'refused',
        `${endpointText(endpoint)} is not on loopback, and this adapter may dial nothing else.`,
      );
    }
    return endpoint;
  }
}

/**
 * The headers of a call. `node` is on every call about one machine: a call without it operates on whichever machine the
 * endpoint is (talos-api.md 9.1). Null only for questions that any machine of the cluster answers alike.
 */
export function callHeaders(node: string | null): Metadata {
  const metadata = new Metadata({ waitForReady: false });
  metadata.set('runtime', 'Talos');
  if (node !== null) metadata.set('node', node);
  return metadata;
}
