// A network path in small: a TCP relay that can turn into a black hole and heal, with what TCP does about it.

import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

export interface Relay {
  readonly port: number;
  /** From now on nothing from clients arrives; their bytes stay in flight, as in a sender's unacknowledged buffer. */
  blackHole(): void;
  /** What is in flight arrives, except what a sender took back by resetting its connection. */
  heal(): void;
  /** Connections from clients that ended with a reset. */
  resets(): number;
  /** Connections from clients so far. */
  connections(): number;
  close(): Promise<void>;
}

export async function aRelayTo(port: number): Promise<Relay> {
  let open = true;
  let resets = 0;
  let connections = 0;
  const sockets = new Set<Socket>();
  const inFlight = new Set<() => void>();
  const server = createServer((client) => {
    connections += 1;
    const upstream = connect(port, '127.0.0.1');
    sockets.add(client).add(upstream);
    const held: Array<() => void> = [];
    const release = (): void => {
      for (const arrive of held.splice(0)) arrive();
    };
    const send = (arrive: () => void): void => {
      if (open) arrive();
      else held.push(arrive);
    };
    inFlight.add(release);
    client.on('data', (bytes) => send(() => void upstream.write(bytes)));
    client.on('end', () => send(() => void upstream.end()));
    client.on('error', () => {
      resets += 1;
      held.length = 0; // a sender that resets has nothing to send again
    });
    client.on('close', (hadError) => {
      if (hadError) upstream.destroy();
    });
    upstream.on('data', (bytes) => client.write(bytes));
    upstream.on('close', () => client.destroy());
    upstream.on('error', () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    blackHole: () => {
      open = false;
    },
    heal: () => {
      open = true;
      for (const release of inFlight) release();
    },
    resets: () => resets,
    connections: () => connections,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
