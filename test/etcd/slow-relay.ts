// A slow way to a member: every piece of every connection arrives later, in order.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface SlowRelay {
  readonly port: number;
  close(): Promise<void>;
}

export async function aSlowRelay(to: {
  readonly host: string;
  readonly port: number;
  readonly delayMs: number;
}): Promise<SlowRelay> {
  const sockets = new Set<Socket>();
  const later = (run: () => void): void => void setTimeout(run, to.delayMs).unref();
  const server = createServer((client) => {
    const upstream = connect(to.port, to.host);
    for (const [from, onto] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('data', (bytes) => later(() => void onto.write(bytes)));
      from.on('error', () => onto.destroy());
      from.on('close', () => {
        sockets.delete(from);
        later(() => void onto.destroy());
      });
    }
  });
  await new Promise<void>((resolve) => server.listen(0, to.host, resolve));
  return {
    port: (server.address() as AddressInfo).port,
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
