// The bridge, against a real grpc-js server on loopback.
import { Client, credentials, Metadata, Server, ServerCredentials, status } from '@grpc/grpc-js';
import { afterEach, expect, expectTypeOf, test } from 'vitest';
import { LifecycleService } from '../../src/talos/gen/machine/lifecycle_pb.ts';
import { type Event, MachineService, type VersionResponse } from '../../src/talos/gen/machine/machine_pb.ts';
import {
  addService,
  callStream,
  callUnary,
  type Handlers,
  methodPath,
  type ReplyOf,
} from '../../src/talos/grpc.ts';

const open: Array<() => void> = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

async function serving(handlers: Partial<Handlers<typeof MachineService>>): Promise<Client> {
  const server = new Server();
  addService(server, MachineService, handlers);
  const port = await new Promise<number>((resolve, reject) =>
    server.bindAsync('127.0.0.1:0', ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    ),
  );
  const client = new Client(`127.0.0.1:${port}`, credentials.createInsecure());
  open.push(
    () => client.close(),
    () => server.forceShutdown(),
  );
  return client;
}

async function all<T>(stream: AsyncIterable<T>): Promise<T[]> {
  const messages: T[] = [];
  for await (const message of stream) messages.push(message);
  return messages;
}

const soon = { deadlineMs: 5_000 };

test('a unary call carries its request, headers and reply', async () => {
  const seen: unknown[] = [];
  const client = await serving({
    reboot: (call, callback) => {
      seen.push(call.request.mode, call.metadata.get('node'));
      callback(null, { messages: [{ actorId: 'actor-1' }] });
    },
  });
  const metadata = new Metadata();
  metadata.set('node', '10.0.0.1');
  const reply = await callUnary(client, MachineService.method.reboot, { mode: 1 }, { ...soon, metadata });
  expect(reply.messages[0]?.actorId).toBe('actor-1');
  expect(seen).toEqual([1, ['10.0.0.1']]);
});

test('an etcd member id above 2^53 arrives whole', async () => {
  const client = await serving({
    etcdMemberList: (_call, callback) =>
      callback(null, { messages: [{ members: [{ id: 0xf00d_0000_0000_0001n }] }] }),
  });
  const reply = await callUnary(client, MachineService.method.etcdMemberList, {}, soon);
  expect(reply.messages[0]?.members[0]?.id).toBe(0xf00d_0000_0000_0001n);
});

test('a stream gives its messages in order and ends', async () => {
  const client = await serving({
    dmesg: (call) => {
      for (const text of ['one', 'two', 'three']) call.write({ bytes: Buffer.from(text) });
      call.end();
    },
  });
  const texts: string[] = [];
  for await (const data of callStream(client, MachineService.method.dmesg, {}, soon)) {
    texts.push(Buffer.from(data.bytes).toString());
  }
  expect(texts).toEqual(['one', 'two', 'three']);
});

test('leaving the loop over a stream cancels the call', async () => {
  const cancelled = Promise.withResolvers<void>();
  const client = await serving({
    events: (call) => {
      call.on('cancelled', () => cancelled.resolve());
      call.write({ id: 'first' });
    },
  });
  for await (const event of callStream(client, MachineService.method.events, {}, soon)) {
    expect(event.id).toBe('first');
    break;
  }
  await cancelled.promise;
});

test('a stream that fails before anybody iterates throws when iterated', async () => {
  const client = await serving({
    read: (call) => call.emit('error', { code: status.NOT_FOUND, details: 'no such file' }),
  });
  const stream = callStream(client, MachineService.method.read, { path: '/x' }, soon);
  await expect(callUnary(client, MachineService.method.version, {}, soon)).rejects.toMatchObject({
    code: 12,
  });
  await expect(all(stream)).rejects.toMatchObject({ code: status.NOT_FOUND });
});

test('a method without a handler, and a service never added, answer UNIMPLEMENTED', async () => {
  const client = await serving({});
  await expect(callUnary(client, MachineService.method.version, {}, soon)).rejects.toMatchObject({
    code: status.UNIMPLEMENTED,
  });
  await expect(all(callStream(client, LifecycleService.method.upgrade, {}, soon))).rejects.toMatchObject({
    code: status.UNIMPLEMENTED,
  });
});

test('a call that nobody answers ends at its deadline', async () => {
  const client = await serving({ version: () => undefined });
  await expect(
    callUnary(client, MachineService.method.version, {}, { deadlineMs: 50 }),
  ).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
});

test('an aborted signal cancels a call in flight and forbids a later one', async () => {
  let calls = 0;
  const stop = new AbortController();
  const client = await serving({
    version: () => {
      calls += 1;
      stop.abort();
    },
  });
  const settings = { ...soon, signal: stop.signal };
  await expect(callUnary(client, MachineService.method.version, {}, settings)).rejects.toMatchObject({
    code: status.CANCELLED,
  });
  await expect(callUnary(client, MachineService.method.version, {}, settings)).rejects.toMatchObject({
    name: 'AbortError',
  });
  expect(() => callStream(client, MachineService.method.events, {}, settings)).toThrow();
  expect(calls).toBe(1);
});

test('methods know their path and their messages', () => {
  expect(methodPath(LifecycleService.method.upgrade)).toBe('/machine.LifecycleService/Upgrade');
  expectTypeOf<ReplyOf<typeof MachineService.method.version>>().toEqualTypeOf<VersionResponse>();
  expectTypeOf<ReplyOf<typeof MachineService.method.events>>().toEqualTypeOf<Event>();
});
