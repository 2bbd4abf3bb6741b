// A channel as Talos needs it: large answers, no pings, quick to come back, and rid of a connection that fell silent.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { ChannelCredentials } from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CHANNEL_OPTIONS, EndpointChannel } from '../../src/talos/channel.ts';
import { Channels, DIRECT_CHANNELS } from '../../src/talos/channels.ts';
import { MachineService } from '../../src/talos/gen/machine/machine_pb.ts';
import { Reads } from '../../src/talos/reads.ts';
import { aConnection, running } from './machine.ts';

const NODE = '10.0.0.3';
const MIB = 1024 * 1024;
/** Milliseconds below which Talos answers pings on an idle connection by closing it (talos-api.md 1.1). */
const PINGS_ALLOWED_MS = 5 * 60_000;

function readsAt(port: number): Reads {
  const reads = new Reads(aConnection([port]));
  onTestFinished(() => reads.close());
  return reads;
}

interface StillRelay {
  readonly port: number;
  /** All connections there are go silent for ever, without an end: their machine restarted and said nothing. */
  freeze(): void;
  /** Resolves when no connection is open. */
  left(): Promise<void>;
}

async function aStillRelayTo(port: number): Promise<StillRelay> {
  const pairs: (readonly [Socket, Socket])[] = [];
  const server = createServer((client) => {
    const upstream = connect(port, '127.0.0.1');
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
    client.pipe(upstream).pipe(client);
    pairs.push([client, upstream]);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of pairs.flat()) socket.destroy();
    server.close();
  });
  return {
    port: (server.address() as AddressInfo).port,
    freeze: () => {
      for (const [client, upstream] of pairs) client.unpipe(upstream).pause();
    },
    left: async () => {
      const open = pairs.map(([client]) => client).filter(({ closed }) => !closed);
      await Promise.all(open.map((client) => once(client, 'close')));
    },
  };
}

describe('a channel', () => {
  it('takes answers of up to 32 MiB', async () => {
    const member = 'x'.repeat(31 * MIB);
    const machine = await running({
      machine: { etcdForfeitLeadership: (_call, callback) => callback(null, { messages: [{ member }] }) },
    });
    const reads = readsAt(machine.port);
    // How much it takes is the question here, not how fast: over TLS that is seconds on a busy machine.
    const patient = { node: NODE, limitMs: 60_000 };
    const asked = reads.unary(MachineService.method.etcdForfeitLeadership, {}, patient);
    await expect(asked.then(({ messages }) => messages[0]?.member.length)).resolves.toBe(member.length);
  }, 60_000);

  it('sends no pings that Talos would close it for', () => {
    const everyMs = CHANNEL_OPTIONS['grpc.keepalive_time_ms'] ?? Number.POSITIVE_INFINITY;
    expect(everyMs).toBeGreaterThanOrEqual(PINGS_ALLOWED_MS);
  });

  it('tries to connect again every few seconds, and never asks twice by itself', () => {
    expect(CHANNEL_OPTIONS['grpc.max_reconnect_backoff_ms']).toBeLessThanOrEqual(5_000);
    expect(CHANNEL_OPTIONS['grpc.enable_retries']).toBe(0);
  });

  it('is made anew when a question stays unanswered: its machine may have restarted without a word', async () => {
    const machine = await running();
    const relay = await aStillRelayTo(machine.port);
    const reads = readsAt(relay.port);
    const asking = (limitMs: number) =>
      reads.unary(MachineService.method.version, {}, { node: NODE, limitMs }).then(
        () => 'answered',
        (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
      );
    expect(await asking(5_000)).toBe('answered');
    relay.freeze();
    expect(await asking(200)).toBe('DEADLINE_EXCEEDED');
    // On the frozen connection nothing would ever be answered, however long one waits.
    expect(await asking(10_000)).toBe('answered');
  });

  it('has no connection where nobody asks anything for seconds, and answers the next question all the same', async () => {
    const machine = await running();
    const relay = await aStillRelayTo(machine.port);
    const reads = readsAt(relay.port);
    const asked = () => reads.unary(MachineService.method.version, {}, { node: NODE });
    await asked();
    await relay.left();
    await expect(asked()).resolves.toBeDefined();
  }, 60_000);

  it('loses the client that failed, and not the one that was made since with a renewed identity', async () => {
    let identity = ChannelCredentials.createInsecure();
    const channel = new EndpointChannel({ host: '127.0.0.1', port: 1 }, () => identity);
    onTestFinished(() => channel.close());
    const present = () => channel.use(async (client) => client);
    const over = Promise.withResolvers<void>();
    const former = channel.use(async (client) => {
      await over.promise;
      channel.drop(client);
      return client;
    });
    identity = ChannelCredentials.createInsecure();
    const renewed = await present();
    expect(channel.isIdle()).toBe(false);
    over.resolve();
    expect(await former).not.toBe(renewed);
    expect(await present()).toBe(renewed);
    expect(channel.isIdle()).toBe(true);
    channel.drop(renewed);
    expect(await present()).not.toBe(renewed);
  });
});

describe('the channels', () => {
  const at = (n: number) => ({ host: `10.0.${Math.floor(n / 250)}.${n % 250}`, port: 50_000 });
  const many = (count: number) => Array.from({ length: count }, (_, n) => at(n + 1));

  it('are closed for addresses that nobody asks any more, least recently used first', () => {
    const channels = new Channels(aConnection([1, 2]));
    onTestFinished(() => channels.close());
    const first = channels.to(at(0));
    for (const endpoint of many(DIRECT_CHANNELS + 1)) channels.to(endpoint);
    expect(channels.size).toBe(DIRECT_CHANNELS + 2);
    expect(channels.to(at(0))).toBe(first);
    channels.to(at(400));
    expect(channels.to(at(0))).toBe(first);
    for (const endpoint of many(DIRECT_CHANNELS + 2)) channels.to(endpoint);
    expect(channels.size).toBe(DIRECT_CHANNELS + 2);
    expect(channels.to(at(0))).not.toBe(first);
  });

  it('are never closed with a call in flight', async () => {
    const channels = new Channels(aConnection([1]));
    onTestFinished(() => channels.close());
    const busy = channels.to(at(0));
    const over = Promise.withResolvers<void>();
    const call = busy.use(() => over.promise);
    for (const endpoint of many(2 * DIRECT_CHANNELS)) channels.to(endpoint);
    expect(channels.to(at(0))).toBe(busy);
    over.resolve();
    await call;
    for (const endpoint of many(2 * DIRECT_CHANNELS)) channels.to(endpoint);
    expect(channels.to(at(0))).not.toBe(busy);
  });
});
