// A Slack that takes the connection and says nothing: it is given up, leaves nothing behind, and is dialled again until there is a hello.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished, vi } from 'vitest';
import { WebSocketServer } from 'ws';
import { boltLogger } from '../../src/bot/bolt-logger.ts';
import { CONNECTIONS, HELLO_MS, Sockets } from '../../src/bot/sockets.ts';
import { systemClock } from '../../src/clock.ts';
import type { Clock } from '../../src/engine/ports/clock.ts';
import { aLog } from '../jobs/a-log.ts';
import { SOON_MS } from './rig.ts';

const SOON = { timeout: SOON_MS, interval: 10 };
vi.setConfig({ testTimeout: 4 * SOON_MS });

const unhandled: unknown[] = [];
const note = (error: unknown): void => void unhandled.push(error);
beforeAll(() => void process.on('unhandledRejection', note));
beforeEach(() => void unhandled.splice(0));
afterAll(() => void process.off('unhandledRejection', note));

/** What becomes of a dial: a hello; an upgrade that is never answered; an open connection on which nothing is said. */
type Manner = 'hello' | 'no upgrade' | 'no hello';

interface Peer {
  readonly apiUrl: string;
  manner: Manner;
  /** TCP connections of dials that are open now. */
  readonly dialled: Set<Duplex>;
  cut(): void;
}

async function aPeer(): Promise<Peer> {
  const wss = new WebSocketServer({ noServer: true });
  const dialled = new Set<Duplex>();
  const server = createServer((_request, response) => {
    const { port } = server.address() as AddressInfo;
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ ok: true, url: `ws://127.0.0.1:${port}/` }));
  });
  const cut = (): void => {
    for (const stream of dialled) stream.destroy();
  };
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const peer: Peer = { apiUrl: `http://127.0.0.1:${port}/`, manner: 'hello', dialled, cut };
  server.on('upgrade', (request, stream: Duplex, head) => {
    dialled.add(stream);
    stream.on('error', () => undefined);
    stream.on('close', () => dialled.delete(stream));
    // Read, or the other side's end would not be seen; and ended, as a server of HTTP leaves its half open.
    if (peer.manner === 'no upgrade') stream.on('end', () => stream.end()).resume();
    else
      wss.handleUpgrade(request, stream, head, (socket) => {
        if (peer.manner === 'hello') socket.send(JSON.stringify({ type: 'hello' }));
      });
  });
  onTestFinished(async () => {
    cut();
    wss.close();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return peer;
}

/** Pauses are short; how long a hello may take is over when the test says so. */
class Patience {
  readonly #waiting = new Set<AbortController>();
  readonly clock: Clock = { ...systemClock, sleep: (ms, signal) => this.#sleep(ms, signal) };

  /** Dials that wait for a hello. */
  get waiting(): number {
    return this.#waiting.size;
  }

  end(): void {
    for (const one of this.#waiting) one.abort();
  }

  async #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (ms !== HELLO_MS) return systemClock.sleep(Math.min(ms, 10), signal);
    const over = new AbortController();
    this.#waiting.add(over);
    await systemClock.sleep(4 * SOON_MS, signal ? AbortSignal.any([over.signal, signal]) : over.signal);
    this.#waiting.delete(over);
  }
}

async function someSockets(): Promise<{
  peer: Peer;
  patience: Patience;
  sockets: Sockets;
  lines: readonly string[];
}> {
  const peer = await aPeer();
  const patience = new Patience();
  const { log, lines } = aLog();
  const { clock } = patience;
  const sockets = new Sockets({
    appToken: 'xapp-1',
    apiUrl: peer.apiUrl,
    logger: boltLogger(log),
    clock,
    log,
  });
  onTestFinished(() => sockets.stop());
  return { peer, patience, sockets, lines };
}

const SILENT = ['no upgrade', 'no hello'] as const;
const saysNoHello = (line: string): boolean => line.includes('says no hello');

it.each(SILENT)('with %s, a lost connection is dialled again until there is a hello', async (manner) => {
  const { peer, patience, sockets, lines } = await someSockets();
  await sockets.start();
  await vi.waitFor(() => expect(patience.waiting).toBe(0), SOON);
  expect(sockets.open()).toBe(CONNECTIONS);
  peer.manner = manner;
  peer.cut();
  for (let round = 0; round < 3; round++) {
    await vi.waitFor(
      () => expect([peer.dialled.size, patience.waiting]).toEqual([CONNECTIONS, CONNECTIONS]),
      SOON,
    );
    expect(sockets.open()).toBe(0);
    const before = [...peer.dialled];
    if (round === 2) peer.manner = 'hello';
    patience.end();
    await vi.waitFor(() => expect(before.some((stream) => peer.dialled.has(stream))).toBe(false), SOON);
  }
  await vi.waitFor(() => expect([sockets.open(), patience.waiting]).toEqual([CONNECTIONS, 0]), SOON);
  expect(peer.dialled.size).toBe(CONNECTIONS);
  expect(lines.filter(saysNoHello)).toEqual([expect.stringMatching(/^warn .*within 15 s.*"open":0/)]);
  expect(unhandled).toEqual([]);
});

it('a silence that comes again after a hello is said again', async () => {
  const { peer, patience, sockets, lines } = await someSockets();
  await sockets.start();
  for (const times of [1, 2]) {
    peer.manner = 'no hello';
    peer.cut();
    await vi.waitFor(() => expect(patience.waiting).toBe(CONNECTIONS), SOON);
    peer.manner = 'hello';
    patience.end();
    await vi.waitFor(() => expect(sockets.open()).toBe(CONNECTIONS), SOON);
    expect(lines.filter(saysNoHello)).toHaveLength(times);
  }
});

it.each(SILENT)('with %s, the start is a fault and leaves nothing open', async (manner) => {
  const { peer, patience, sockets } = await someSockets();
  peer.manner = manner;
  const starting = expect(sockets.start()).rejects.toMatchObject({
    kind: 'unreachable',
    message: 'Slack said no hello within 15 s.',
  });
  await vi.waitFor(
    () => expect([peer.dialled.size, patience.waiting]).toEqual([CONNECTIONS, CONNECTIONS]),
    SOON,
  );
  patience.end();
  await starting;
  await vi.waitFor(() => expect(peer.dialled.size).toBe(0), SOON);
  expect(sockets.open()).toBe(0);
  expect(unhandled).toEqual([]);
});

it('a dial that is given up leaves no timer of the library that would end a later connection', async () => {
  const timers = vi.spyOn(globalThis, 'setTimeout');
  onTestFinished(() => timers.mockRestore());
  const cleared = vi.spyOn(globalThis, 'clearTimeout');
  onTestFinished(() => cleared.mockRestore());
  const { peer, patience, sockets } = await someSockets();
  peer.manner = 'no upgrade';
  const starting = expect(sockets.start()).rejects.toMatchObject({ kind: 'unreachable' });
  await vi.waitFor(
    () => expect([peer.dialled.size, patience.waiting]).toEqual([CONNECTIONS, CONNECTIONS]),
    SOON,
  );
  patience.end();
  await starting;
  const handshakes = timers.mock.calls.flatMap(([, ms], at) =>
    ms === 30_000 ? [timers.mock.results[at]?.value] : [],
  );
  expect(handshakes.length).toBeGreaterThan(0);
  for (const timer of handshakes) expect(cleared).toHaveBeenCalledWith(timer);
});
