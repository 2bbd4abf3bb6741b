// The rest of the port over real connections: what exactly is asked for.
import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { SequenceEventSchema } from '../../src/talos/gen/machine/machine_pb.ts';
import { aDeadPort, machinesAt, running } from './machine.ts';

const node = '10.0.0.3';

describe('acts through the port', () => {
  test('ask for exactly what they say', async () => {
    const seen: unknown[] = [];
    const machine = await running({
      machine: {
        reboot: ({ request }, callback) => {
          seen.push(request);
          callback(null, { messages: [{ actorId: 'r' }] });
        },
        rollback: ({ request }, callback) => {
          seen.push(request);
          callback(null, { messages: [{}] });
        },
        upgrade: ({ request }, callback) => {
          seen.push(request);
          callback(null, { messages: [{ ack: 'Upgrade request received', actorId: 'u' }] });
        },
      },
    });
    const machines = machinesAt([machine.port]);
    expect(await machines.reboot(node)).toEqual({ kind: 'done', value: { actorId: 'r' } });
    expect(await machines.rollback(node)).toEqual({ kind: 'done', value: null });
    expect(await machines.upgradeLegacy(node, { image: 'installer:v1.12.3', preserve: false })).toEqual({
      kind: 'done',
      value: { actorId: 'u' },
    });
    await machines.reboot(node, 'powercycle');
    await machines.reboot(node, 'force');
    const staged = { preserve: true, stage: true, rebootMode: 'powercycle' } as const;
    await machines.upgradeLegacy(node, { image: 'installer:v1.7.7', ...staged });
    expect(seen).toMatchObject([
      { mode: 0 },
      {},
      { image: 'installer:v1.12.3', preserve: false, stage: false, force: false, rebootMode: 0 },
      { mode: 1 },
      { mode: 2 },
      { image: 'installer:v1.7.7', preserve: true, stage: true, force: false, rebootMode: 1 },
    ]);
  });
});

describe('watching a machine', () => {
  const value = toBinary(SequenceEventSchema, create(SequenceEventSchema, { sequence: 'reboot', action: 1 }));

  test('gives sentences until the signal', async () => {
    const stop = new AbortController();
    const machine = await running({
      machine: {
        events: (call) => {
          call.write({}); // the hello
          call.write({ data: { typeUrl: 'talos/runtime/machine.SequenceEvent', value } });
        },
      },
    });
    const heard: string[] = [];
    const hear = (sentence: string): void => {
      heard.push(sentence);
      stop.abort();
    };
    await machinesAt([machine.port]).watch(node, hear, stop.signal);
    expect(heard).toEqual(['reboot started']);
  });

  test('ends quietly when the machine does not answer', async () => {
    await machinesAt([await aDeadPort()]).watch(node, () => undefined, new AbortController().signal);
  });
});
