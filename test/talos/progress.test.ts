// Events as Talos sends them, and the sentence each becomes.
import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import {
  type Event,
  EventSchema,
  MachineStatusEventSchema,
  PhaseEventSchema,
  RestartEventSchema,
  SequenceEventSchema,
  ServiceStateEventSchema,
  TaskEventSchema,
} from '../../src/talos/gen/machine/machine_pb.ts';
import { failureIn, sentenceOf } from '../../src/talos/progress.ts';

function event<D extends DescMessage>(schema: D, content: MessageInitShape<D>): Event {
  const value = toBinary(schema, create(schema, content));
  return create(EventSchema, { data: { typeUrl: `talos/runtime/${schema.typeName}`, value } });
}

test.each<[Event, string | null]>([
  [create(EventSchema, {}), null],
  [event(SequenceEventSchema, { sequence: 'reboot', action: 1 }), 'reboot started'],
  [event(SequenceEventSchema, { sequence: 'stageUpgrade', action: 2 }), 'stage upgrade finished'],
  [
    event(SequenceEventSchema, { sequence: 'upgrade', error: { code: 0, message: 'exit code 1' } }),
    'upgrade failed: exit code 1',
  ],
  [
    event(SequenceEventSchema, { sequence: 'upgrade', error: { code: 1, message: 'locked' } }),
    'upgrade did not start: locked',
  ],
  [event(PhaseEventSchema, { phase: 'stopServices', action: 0 }), 'stop services'],
  [event(PhaseEventSchema, { phase: 'stopServices', action: 1 }), null],
  [event(TaskEventSchema, { task: 'kexecPrepare', action: 0 }), 'kexec prepare'],
  [event(ServiceStateEventSchema, { service: 'etcd', action: 3 }), 'etcd running'],
  [event(MachineStatusEventSchema, { stage: 4, status: { ready: true } }), 'running, ready'],
  [
    event(MachineStatusEventSchema, {
      stage: 6,
      status: { unmetConditions: [{ name: 'services' }, { name: 'nodeReady' }] },
    }),
    'shutting down, waiting for services, nodeReady',
  ],
  [event(MachineStatusEventSchema, { stage: 1 }), 'booting'],
  [event(RestartEventSchema, { cmd: 1n }), 'restarting'],
  [
    create(EventSchema, {
      data: { typeUrl: 'talos/runtime/machine.NewEvent', value: new Uint8Array([255]) },
    }),
    null,
  ],
  [
    create(EventSchema, {
      data: { typeUrl: 'talos/runtime/machine.PhaseEvent', value: new Uint8Array([255]) },
    }),
    null,
  ],
  [
    create(EventSchema, { data: { typeUrl: 'talos/runtime/machine.toString', value: new Uint8Array() } }),
    null,
  ],
])('event %# becomes %j', (given, sentence) => {
  expect(sentenceOf(given)).toBe(sentence);
});

const ours = (given: Event): Event => create(EventSchema, { ...given, actorId: 'ours' });

test.each<[string, Event, ReturnType<typeof failureIn>]>([
  [
    'a sequence that failed',
    ours(event(SequenceEventSchema, { sequence: 'upgrade', error: { code: 0, message: 'exit code 1' } })),
    { kind: 'failed', actorId: 'ours' },
  ],
  [
    'a sequence that was locked out',
    event(SequenceEventSchema, { sequence: 'upgrade', error: { code: 1, message: 'locked' } }),
    { kind: 'locked', actorId: '' },
  ],
  [
    'a sequence that another took over from',
    ours(event(SequenceEventSchema, { sequence: 'boot', error: { code: 2, message: 'canceled' } })),
    null,
  ],
  ['a sequence that began', ours(event(SequenceEventSchema, { sequence: 'reboot', action: 1 })), null],
  ['a task', event(TaskEventSchema, { task: 'kexecPrepare', action: 0 }), null],
  [
    'bytes nobody understands',
    create(EventSchema, {
      data: { typeUrl: 'talos/runtime/machine.SequenceEvent', value: new Uint8Array([255]) },
    }),
    null,
  ],
])('%s tells of a failure what is known of it', (_name, given, failure) => {
  expect(failureIn(given)).toEqual(failure);
});
