// Where a Talos API is dialled: host and port, read from the forms that talosconfig allows.
import { isIP } from 'node:net';

export interface Endpoint {
  readonly host: string;
  readonly port: number;
}

/** The port of apid on every machine. */
export const TALOS_PORT = 50_000;

/** `host:port`, with brackets around an IPv6 address. */
export function endpointText(endpoint: Endpoint): string {
  const host = isIP(endpoint.host) === 6 ? `[${endpoint.host}]` : endpoint.host;
  return `${host}:${endpoint.port}`;
}

/**
 * Reads `host`, `host:port`, an IPv6 address with or without brackets, or a URL; null when it is none of these.
 * Without a port it is 50000, except `https://host`, which is 443 (talos-api.md 1.2).
 */
export function parseEndpoint(text: string): Endpoint | null {
  const trimmed = text.trim();
  if (trimmed === '' || /\s/.test(trimmed)) return null;
  const bare = trimmed.replace(/^\[(.*)\]$/, '$1');
  if (isIP(bare) !== 0) return { host: bare, port: TALOS_PORT };
  const scheme = /^([a-z][a-z0-9+.-]*):\/\//i.exec(trimmed)?.[1]?.toLowerCase();
  if (scheme === 'http') return null; // the Talos API is never served without TLS
  const rest = scheme === undefined ? trimmed : trimmed.slice(scheme.length + 3).replace(/\/$/, '');
  const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:/?#@[\]]+))(?::(\d{1,5}))?$/i.exec(rest);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || (match?.[1] !== undefined && isIP(host) !== 6)) return null;
  const port = match?.[3] === undefined ? (scheme === 'https' ? 443 : TALOS_PORT) : Number(match[3]);
  return port >= 1 && port <= 65_535 ? { host, port } : null;
}

/** True for 127.0.0.0/8, ::1 and `localhost`: what a playground or a test may dial. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost') return true;
  if (isIP(host) === 4) return host.startsWith('127.');
  return isIP(host) === 6 && (host === '::1' || /^(0+:){7}0*1$/.test(host));
}
