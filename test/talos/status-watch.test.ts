// Following a machine's status over real connections: its present state at once, each change once, and an end.
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { describe, expect, test, vi } from 'vitest';
import { watchResource } from '../../src/talos/cosi.ts';
import { type EventSchema, EventType } from '../../src/talos/gen/cosi/state_pb.ts';
import { MachineStatusSpecSchema } from '../../src/talos/gen/resource/definitions/runtime/runtime_pb.ts';
import { resources } from '../../src/talos/kinds.ts';
import { Reads } from '../../src/talos/reads.ts';
import { statusSentence, watchStatus } from '../../src/talos/status-watch.ts';
import { aConnection, machinesAt, running } from './machine.ts';

const node = '10.0.0.3';
/** How long a test waits for something that has no reason to take time. */
const patience = { timeout: 10_000, interval: 10 };
type StateEvent = MessageInitShape<typeof EventSchema>;
type Spec = MessageInitShape<typeof MachineStatusSpecSchema>;

function event(eventType: EventType, spec: Spec): StateEvent {
  const protoSpec = toBinary(MachineStatusSpecSchema, create(MachineStatusSpecSchema, spec));
  return { eventType, resource: { metadata: { id: 'machine', phase: 'running' }, spec: { protoSpec } } };
}

const BOOTING: Spec = {
  stage: 1,
  status: { unmetConditions: [{ name: 'services', reason: 'etcd is not healthy' }] },
};
const RUNNING: Spec = { stage: 4, status: { ready: true } };

/** A machine whose watch sends these events, and then stays open. */
async function watched(
  events: readonly StateEvent[],
): Promise<{ reads: Reads; port: number; asked: unknown[] }> {
  const asked: unknown[] = [];
  const { port } = await running({
    state: {
      watch: (call) => {
        asked.push(call.request);
        call.write({ event: [] });
        for (const one of events) call.write({ event: [one] });
      },
    },
    machine: { events: (call) => void call.write({}) },
  });
  return { reads: new Reads(aConnection([port])), port, asked };
}

async function sentencesOf(events: readonly StateEvent[], last: string): Promise<readonly string[]> {
  const { reads } = await watched(events);
  const over = new AbortController();
  const heard: string[] = [];
  const watching = watchStatus(reads, node, {
    limitMs: 60_000,
    signal: over.signal,
    onSentence: (sentence) => heard.push(sentence),
  });
  await vi.waitFor(() => expect(heard.at(-1)).toBe(last), patience);
  over.abort();
  await watching;
  reads.close();
  return heard;
}

describe('the watch of a status', () => {
  test('says the present state and each change once, whatever else comes', async () => {
    const events = [
      event(EventType.CREATED, BOOTING),
      event(EventType.UPDATED, BOOTING),
      event(EventType.NOOP, RUNNING),
      { eventType: EventType.DESTROYED },
      event(EventType.CREATED, RUNNING),
    ];
    expect(await sentencesOf(events, 'running, ready')).toEqual([
      'booting, waiting for services (etcd is not healthy)',
      'running, ready',
    ]);
  });

  test('asks for one resource, and to be told of errors', async () => {
    const { reads, asked } = await watched([{ eventType: EventType.ERRORED, error: 'buffer overrun' }]);
    const question = { node, limitMs: 60_000 };
    const watching = watchResource(
      reads,
      { kind: resources.machineStatus, id: 'machine', question },
      () => undefined,
    );
    await expect(watching).rejects.toMatchObject({
      kind: 'broken',
      code: 'ERRORED',
      message: expect.stringContaining('buffer overrun'),
    });
    expect(asked).toMatchObject([{ namespace: 'runtime', id: 'machine', apiVersion: 1 }]);
    expect(asked).not.toMatchObject([{ options: { bootstrapContents: true } }]);
    reads.close();
  });

  test('ends where the type is not known, without a word', async () => {
    const { port } = await running({
      state: {
        watch: (call) =>
          void call.emit('error', {
            code: status.PERMISSION_DENIED,
            details: 'resource type "MachineStatuses.runtime.talos.dev" is not supported',
          }),
      },
    });
    const reads = new Reads(aConnection([port]));
    const onSentence = vi.fn();
    const { signal } = new AbortController();
    await watchStatus(reads, node, { limitMs: 60_000, signal, onSentence });
    expect(onSentence).not.toHaveBeenCalled();
    reads.close();
  });

  test('is part of what is shown of a machine, and ends with its events', async () => {
    const { port } = await watched([event(EventType.CREATED, BOOTING)]);
    const heard: string[] = [];
    const over = new AbortController();
    const watching = machinesAt([port]).watch(node, (sentence) => heard.push(sentence), over.signal);
    const present = statusSentence(create(MachineStatusSpecSchema, BOOTING));
    await vi.waitFor(() => expect(heard).toEqual([present]), patience);
    over.abort();
    await watching;
  });
});
