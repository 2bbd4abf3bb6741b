// How this adapter reaches one cluster: endpoints, credentials, and the guard that keeps a playground on loopback.
import { X509Certificate } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { type ChannelCredentials, credentials, Metadata } from '@grpc/grpc-js';
import { Fault } from '../engine/ports/fault.ts';
import { type Endpoint, endpointText, isLoopback, TALOS_PORT } from './endpoint.ts';
import type { TalosIdentity } from './talosconfig.ts';

export interface ConnectionSettings {
  /** Control-plane machines to ask through, in the order of preference; at least one. */
  readonly endpoints: readonly Endpoint[];
  readonly identity: TalosIdentity;
  /** Refuses to dial anything but loopback: for playground and tests, which must never reach a real machine. */
  readonly onlyLoopback?: boolean;
  /** Where a machine itself is dialled; by default its address at port 50000. */
  readonly direct?: (address: string) => Endpoint;
}

export class Connection {
  readonly endpoints: readonly Endpoint[];
  readonly #settings: ConnectionSettings;
  readonly #credentials: ChannelCredentials;
  readonly #expiresAtMs: number;

  /** Throws Fault `refused` when `onlyLoopback` is set and an endpoint is not loopback. */
  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
    this.endpoints = settings.endpoints.map((endpoint) => this.#allowed(endpoint));
    const { ca, crt, key } = settings.identity;
    // One TLS context for all channels: parsing the certificates once per connection would be waste.
    this.#credentials = credentials.createFromSecureContext(createSecureContext({ ca, cert: crt, key }));
    this.#expiresAtMs = Date.parse(new X509Certificate(crt).validTo);
  }

  /** The machine itself, not through a proxy. Throws Fault `refused` as the constructor does. */
  direct(address: string): Endpoint {
    return this.#allowed(this.#settings.direct?.(address) ?? { host: address, port: TALOS_PORT });
  }

  credentials(): ChannelCredentials {
    return this.#credentials;
  }

  /**
   * Throws Fault `refused` once the client certificate has expired: the handshake would only fail in ways that look like a
   * dead endpoint (talos-api.md 9.3).
   */
  requireValidCertificate(): void {
    if (Date.now() < this.#expiresAtMs) return;
    const day = new Date(this.#expiresAtMs).toISOString().slice(0, 10);
    throw new Fault('refused', `Our Talos client certificate expired on ${day}: renew the talosconfig.`, {
      code: 'EXPIRED',
    });
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
