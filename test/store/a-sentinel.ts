// A sentinel that is told when to answer, and what to tell meanwhile: a real one has its own mind about both.
import { createServer, type Socket } from 'node:net';
import type { SentinelPlace } from '../../src/store/place.ts';
import { type Server, until } from './many-redis.ts';

export interface ASentinel {
  readonly place: SentinelPlace;
  /** How many connections hear of a fail-over. */
  readonly listeners: () => number;
  /**
   * Loses all connections to the master, and when `count` of those who had one ask for it again, and before they are answered, tells
   * everybody of a fail-over.
   */
  readonly failOverWhileAsked: (count: number) => Promise<void>;
}

const NAME = 'talos';
const CHANNEL = '+switch-master';
const bulk = (text: string): string => `$${text.length}\r\n${text}\r\n`;

/** Its master is always the same. `closing`: what the test calls at its end. */
export async function aSentinel(master: Server, closing: (() => unknown)[]): Promise<ASentinel> {
  const open = new Set<Socket>();
  const listening = new Set<Socket>();
  const asking = new Set<Socket>();
  let silent = false;
  const address = `*2\r\n${bulk('127.0.0.1')}${bulk(String(master.port))}`;
  const answerTo = (socket: Socket, [command = '', ask = '']: readonly string[]): string => {
    if (command === 'subscribe') {
      listening.add(socket);
      return `*3\r\n${bulk('subscribe')}${bulk(CHANNEL)}:1\r\n`;
    }
    if (command !== 'sentinel') return '+OK\r\n';
    if (ask !== 'get-master-addr-by-name') return '*0\r\n';
    if (!silent) return address;
    asking.add(socket);
    return '';
  };
  const listener = createServer((socket) => {
    open.add(socket);
    socket.on('data', (bytes) => {
      for (const command of commandsIn(String(bytes))) socket.write(answerTo(socket, command));
    });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      for (const sockets of [open, listening, asking]) sockets.delete(socket);
    });
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  closing.push(() => {
    listener.close();
    for (const one of open) one.destroy();
  });
  const bound = listener.address();
  const port = typeof bound === 'object' && bound !== null ? bound.port : 0;
  return {
    place: { kind: 'sentinel', sentinels: [{ host: '127.0.0.1', port }], master: NAME },
    listeners: () => listening.size,
    failOverWhileAsked: async (count) => {
      const told = [...listening];
      silent = true;
      await master.client.client('KILL', 'TYPE', 'NORMAL', 'SKIPME', 'YES');
      await until(`${count} who ask`, async () => asking.size === count);
      for (const one of told) one.write(`*3\r\n${bulk('message')}${bulk(CHANNEL)}${bulk(NAME)}`);
      // Who heard it hangs up.
      await until('everybody to have heard', async () => told.every((one) => !listening.has(one)));
      silent = false;
      for (const one of asking) one.write(address);
      asking.clear();
    },
  };
}

/** The commands of one piece; clients here send no part of one. */
function commandsIn(piece: string): string[][] {
  const commands: string[][] = [];
  for (const line of piece.split('\r\n')) {
    if (line.startsWith('*')) commands.push([]);
    else if (line !== '' && !line.startsWith('$')) commands.at(-1)?.push(line.toLowerCase());
  }
  return commands;
}
