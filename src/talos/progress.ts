// What a machine says it is doing, as short sentences: for display only, since event streams die silently.
import { fromBinary } from '@bufbuild/protobuf';
import type { ToldFailure } from '../engine/ports/machines.ts';
import { Code } from './gen/common/common_pb.ts';
import {
  ConfigLoadErrorEventSchema,
  ConfigValidationErrorEventSchema,
  type Event,
  MachineService,
  MachineStatusEventSchema,
  PhaseEvent_Action as PhaseAction,
  PhaseEventSchema,
  SequenceEvent_Action as SequenceAction,
  SequenceEventSchema,
  ServiceStateEvent_Action as ServiceAction,
  ServiceStateEventSchema,
  TaskEvent_Action as TaskAction,
  TaskEventSchema,
} from './gen/machine/machine_pb.ts';
import type { Reads } from './reads.ts';
import { statusSentence, watchStatus } from './status-watch.ts';

/** Milliseconds one stream is listened to: longer than any single step, so that a forgotten one ends. */
const WATCH_LIMIT_MS = 2 * 60 * 60_000;
/** What stands before a message's name in an event (talos-api.md 2.2). */
const EVENT_PREFIX = 'talos/runtime/machine.';

const SERVICE_STATES: ReadonlyMap<number, string> = new Map(
  Object.entries(ServiceAction).map(([name, number]) => [number, name.toLowerCase()]),
);

/** Listens until the signal aborts or the stream dies; never throws. */
export async function watchMachine(
  reads: Reads,
  address: string,
  onSentence: (sentence: string, failure: ToldFailure | null) => void,
  signal: AbortSignal,
): Promise<void> {
  const over = new AbortController();
  try {
    const question = { node: address, limitMs: WATCH_LIMIT_MS, signal };
    void watchStatus(reads, address, {
      limitMs: WATCH_LIMIT_MS,
      signal: AbortSignal.any([signal, over.signal]),
      onSentence: (sentence) => onSentence(sentence, null),
    });
    await reads.follow(MachineService.method.events, { tailEvents: 0 }, question, (event) => {
      const sentence = sentenceOf(event);
      if (sentence !== null) onSentence(sentence, failureIn(event));
    });
  } catch {
    // The stream is dead, or the caller has heard enough: progress is only shown, and looking decides.
  } finally {
    over.abort();
  }
}

/** A sentence for an event; null for the hello at the beginning, for noise, and for what is not understood. */
export function sentenceOf(event: Event): string | null {
  const { typeUrl = '', value = new Uint8Array() } = event.data ?? {};
  if (!typeUrl.startsWith(EVENT_PREFIX)) return null;
  try {
    return sentences.get(typeUrl.slice(EVENT_PREFIX.length))?.(value) ?? null;
  } catch {
    return null; // a newer Talos with another meaning of these bytes
  }
}

/** What a sequence's error is about; null for every other event. A sequence that another took over from says nothing of its own. */
export function failureIn({ data, actorId }: Event): ToldFailure | null {
  if (data?.typeUrl !== `${EVENT_PREFIX}SequenceEvent`) return null;
  try {
    const { error } = fromBinary(SequenceEventSchema, data.value);
    if (error === undefined || error.code === Code.CANCELED) return null;
    return { kind: error.code === Code.LOCKED ? 'locked' : 'failed', actorId };
  } catch {
    return null;
  }
}

/** Names are camelCase in Talos: `stopAllPods` reads as "stop all pods". */
function words(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').toLowerCase();
}

const sentences: ReadonlyMap<string, (bytes: Uint8Array) => string | null> = new Map(
  Object.entries({
    SequenceEvent: (bytes: Uint8Array) => {
      const { sequence, action, error } = fromBinary(SequenceEventSchema, bytes);
      if (error !== undefined) {
        const locked = error.code === Code.LOCKED;
        return `${words(sequence)} ${locked ? 'did not start' : 'failed'}: ${error.message}`;
      }
      if (action === SequenceAction.START) return `${words(sequence)} started`;
      return action === SequenceAction.STOP ? `${words(sequence)} finished` : null;
    },
    PhaseEvent: (bytes: Uint8Array) => {
      const { phase, action } = fromBinary(PhaseEventSchema, bytes);
      return action === PhaseAction.START ? words(phase) : null;
    },
    TaskEvent: (bytes: Uint8Array) => {
      const { task, action } = fromBinary(TaskEventSchema, bytes);
      return action === TaskAction.START ? words(task) : null;
    },
    ServiceStateEvent: (bytes: Uint8Array) => {
      const { service, action } = fromBinary(ServiceStateEventSchema, bytes);
      return `${service} ${SERVICE_STATES.get(action) ?? 'changed'}`;
    },
    MachineStatusEvent: (bytes: Uint8Array) => statusSentence(fromBinary(MachineStatusEventSchema, bytes)),
    RestartEvent: () => 'restarting',
    ConfigLoadErrorEvent: (bytes: Uint8Array) =>
      `its configuration was refused: ${fromBinary(ConfigLoadErrorEventSchema, bytes).error}`,
    ConfigValidationErrorEvent: (bytes: Uint8Array) =>
      `its configuration is invalid: ${fromBinary(ConfigValidationErrorEventSchema, bytes).error}`,
  }),
);
