/** The listening socket of one machine's apid: opened and closed as the machine comes and goes. */
import { createServer, type Server, type Socket } from 'node:net';
import type { ConnectionInjector } from '@grpc/grpc-js/build/src/server.js';

/** Tries to listen again on a port that was ours a moment ago; the system frees it within milliseconds. */
const LISTEN_TRIES = 50;
const LISTEN_PAUSE_MS = 20;

export class Door {
  readonly host: string;
  readonly port: number;
  private readonly injector: () => ConnectionInjector | null;
  private readonly sockets = new Set<Socket>();
  private server: Server | null = null;
  /** Bumped by every change, so that a late step of an overtaken one does nothing. */
  private turn = 0;

  /** `injector` names who serves a new connection; null leaves it without any answer. */
  constructor(given: { host: string; port: number; injector: () => ConnectionInjector | null }) {
    this.host = given.host;
    this.port = given.port;
    this.injector = given.injector;
  }

  /** Begins to accept connections. Rejects when the port cannot be had. */
  async open(): Promise<void> {
    this.turn += 1;
    const { turn } = this;
    // Those left half open by a silent departure find a machine that does not know them.
    this.drop();
    for (let tries = 0; tries < LISTEN_TRIES; tries += 1) {
      const server = await this.listen().catch((error: unknown) => {
        if (tries === LISTEN_TRIES - 1) throw error;
        return null;
      });
      if (turn !== this.turn) {
        server?.close();
        return;
      }
      if (server !== null) {
        this.server = server;
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, LISTEN_PAUSE_MS));
    }
  }

  /** Ceases to listen and, unless they are to stay half open, breaks every connection. */
  close(options: { halfOpen: boolean }): void {
    this.turn += 1;
    this.server?.close();
    this.server = null;
    if (!options.halfOpen) this.drop();
  }

  /** Breaks the connection of one peer (`address:port`). */
  dropPeer(peer: string): void {
    for (const socket of this.sockets) {
      if (`${socket.remoteAddress}:${socket.remotePort}` === peer) socket.resetAndDestroy();
    }
  }

  private drop(): void {
    for (const socket of this.sockets) socket.destroy();
    this.sockets.clear();
  }

  private listen(): Promise<Server> {
    return new Promise((resolve, reject) => {
      const server = createServer((socket) => this.accept(socket));
      server.once('error', reject);
      server.listen({ host: this.host, port: this.port, exclusive: true }, () => resolve(server));
    });
  }

  private accept(socket: Socket): void {
    this.sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => undefined);
    socket.on('close', () => this.sockets.delete(socket));
    this.injector()?.injectConnection(socket);
  }
}
