/** MachineService.Events: the empty hello, what is retained, and what follows (facts/talos-api.md 2.2). */
import { create, type DescMessage, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { Code } from '../../src/talos/gen/common/common_pb.ts';
import {
  type EventsRequest,
  type MachineService,
  MachineStatusEventSchema,
  PhaseEvent_Action,
  PhaseEventSchema,
  RestartEventSchema,
  SequenceEvent_Action,
  SequenceEventSchema,
  ServiceStateEvent_Action,
  ServiceStateEventSchema,
  MachineStatusEvent_MachineStage as Stages,
  TaskEvent_Action,
  TaskEventSchema,
} from '../../src/talos/gen/machine/machine_pb.ts';
import { WorldError } from '../world/error.ts';
import type { MachineEvent, RecordedEvent, Stage } from '../world/event.ts';
import { type Acts, untilEnded } from './act.ts';

interface AnyMessage {
  readonly typeUrl: string;
  readonly value: Uint8Array;
}

const STAGES: Readonly<Record<Stage, Stages>> = {
  booting: Stages.BOOTING,
  installing: Stages.INSTALLING,
  maintenance: Stages.MAINTENANCE,
  running: Stages.RUNNING,
  rebooting: Stages.REBOOTING,
  'shutting down': Stages.SHUTTING_DOWN,
  resetting: Stages.RESETTING,
  upgrading: Stages.UPGRADING,
};
const SEQUENCE_ACTIONS = {
  noop: SequenceEvent_Action.NOOP,
  start: SequenceEvent_Action.START,
  stop: SequenceEvent_Action.STOP,
} as const;
const ERROR_CODES = { fatal: Code.FATAL, locked: Code.LOCKED, canceled: Code.CANCELED } as const;
const SERVICE_ACTIONS = {
  running: ServiceStateEvent_Action.RUNNING,
  stopping: ServiceStateEvent_Action.STOPPING,
  finished: ServiceStateEvent_Action.FINISHED,
  starting: ServiceStateEvent_Action.STARTING,
} as const;

/** Not the usual googleapis prefix. */
function any<D extends DescMessage>(schema: D, message: MessageInitShape<D>): AnyMessage {
  return { typeUrl: `talos/runtime/${schema.typeName}`, value: toBinary(schema, create(schema, message)) };
}

function packed(event: MachineEvent): AnyMessage {
  switch (event.kind) {
    case 'sequence': {
      const action = SEQUENCE_ACTIONS[event.action];
      const { sequence, error } = event;
      if (error === undefined) return any(SequenceEventSchema, { sequence, action });
      return any(SequenceEventSchema, {
        sequence,
        action,
        error: { code: ERROR_CODES[error.code], message: error.message },
      });
    }
    case 'phase': {
      const action = event.action === 'start' ? PhaseEvent_Action.START : PhaseEvent_Action.STOP;
      return any(PhaseEventSchema, { phase: event.phase, action });
    }
    case 'task': {
      const action = event.action === 'start' ? TaskEvent_Action.START : TaskEvent_Action.STOP;
      return any(TaskEventSchema, { task: event.task, action });
    }
    case 'machine-status': {
      const { stage, ready, unmet } = event.status;
      const status = { ready, unmetConditions: unmet.map(({ name, reason }) => ({ name, reason })) };
      return any(MachineStatusEventSchema, { stage: STAGES[stage], status });
    }
    case 'service':
      return any(ServiceStateEventSchema, {
        service: event.service,
        action: SERVICE_ACTIONS[event.action],
        message: event.message,
        health: { healthy: event.healthy, lastMessage: event.message },
      });
    case 'restart':
      return any(RestartEventSchema, { cmd: BigInt(event.command) });
  }
}

/** The retained events the request wants first. */
function tail(
  request: EventsRequest,
  retained: readonly RecordedEvent[],
  nowMs: number,
): readonly RecordedEvent[] {
  const { tailEvents, tailId, tailSeconds } = request;
  // Go gives its plain errors the code UNKNOWN.
  if (tailId !== '' && !/^[0-9a-v]{20}$/.test(tailId))
    throw new WorldError('UNKNOWN', 'error parsing tail_id: xid: invalid ID');
  if (tailId !== '' && tailEvents !== 0)
    throw new WorldError(
      'UNKNOWN',
      "WithTailID can't be specified at the same time with WithTailEvents or WithTailDuration",
    );
  if (tailSeconds !== 0 && (tailEvents !== 0 || tailId !== ''))
    throw new WorldError(
      'UNKNOWN',
      "WithTailDuration can't be specified at the same time with WithTailEvents or WithTailID",
    );
  if (tailId !== '') {
    return retained.filter((one) => one.id > tailId);
  }
  if (tailSeconds !== 0) return retained.filter((one) => one.atMs >= nowMs - tailSeconds * 1000);
  if (tailEvents < 0) return retained;
  return tailEvents === 0 ? [] : retained.slice(-tailEvents);
}

export const eventActs: Pick<Acts<typeof MachineService>, 'events'> = {
  events: async (request, { machine, world }, replies) => {
    const { events } = machine.parts;
    // The empty event that proves the stream is live; it comes before the request is even looked at.
    replies.send({ data: { typeUrl: '', value: new Uint8Array() } });
    const first = tail(request, events.retained(), world.clock.now());
    const send = ({ id, actorId, event }: RecordedEvent): void => {
      if (request.withActorId !== '' && request.withActorId !== actorId) return;
      replies.send({ id, actorId, data: packed(event) });
    };
    for (const event of first) send(event);
    const unsubscribe = events.subscribe(send);
    await untilEnded(replies.ended);
    unsubscribe();
  },
};
