// One address before several servers: where it leads may change while connections through it stay open.
import { connect, createServer, type Socket } from 'node:net';
import type { Server } from './many-redis.ts';

export interface Address {
  readonly port: number;
  /** New connections lead there; those that are open stay where they are. */
  leadTo(server: Server): void;
  /** What is open stays open, and nothing passes through it any more; new connections are well. */
  swallow(): void;
}

/** As a Service or a load balancer has it. `closing`: what the test calls at its end. */
export async function anAddress(server: Server, closing: (() => unknown)[]): Promise<Address> {
  let { port: target } = server;
  const open = new Set<Socket>();
  const swallowed = new Set<Socket>();
  const listener = createServer((near) => {
    const far = connect(target, '127.0.0.1');
    open.add(near);
    near.on('data', (bytes) => void (swallowed.has(near) || far.write(bytes)));
    far.on('data', (bytes) => void (swallowed.has(near) || near.write(bytes)));
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => near.destroy()).on('close', () => void (swallowed.has(near) || near.destroy()));
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    listener.close();
    for (const one of open) one.destroy();
  });
  const address = listener.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    leadTo: ({ port }) => {
      target = port;
    },
    swallow: () => {
      for (const one of open) swallowed.add(one);
    },
  };
}
