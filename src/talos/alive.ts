// Whether a machine is still there while a stream of it is silent, as it may rightly be for minutes: asked beside the stream.
import type { Client } from '@grpc/grpc-js';
import { Fault } from '../engine/ports/fault.ts';
import { callHeaders } from './connection.ts';
import { isServiceError, maySucceedElsewhere, talosFault } from './fault.ts';
import { MachineService } from './gen/machine/machine_pb.ts';
import { callUnary } from './grpc.ts';

const LOOK_EVERY_MS = 1_000;

/** How a silence is looked into. */
export interface Silence {
  /** Milliseconds without a message after which the machine is asked for its version, and again after each answer. */
  readonly askAfterMs: number;
  /** Milliseconds for that answer. */
  readonly answerWithinMs: number;
}

/** One stream, on the connection that carries it. */
export interface Followed {
  readonly method: string;
  readonly node: string | null;
  readonly client: Client;
  /** The endpoint, as text. */
  readonly via: string;
  readonly signal: AbortSignal;
}

/**
 * Reads a stream for as long as its machine answers on the same connection: a half-open one says nothing for hours, and does not end
 * either (talos-api.md 9.7), and another connection would say nothing of this one. Throws Fault `unreachable` (SILENCE) when it does not
 * answer, and what `read` throws, which calls `heard` for each message.
 */
export async function whileAlive(
  stream: Followed,
  { askAfterMs, answerWithinMs }: Silence,
  read: (signal: AbortSignal, heard: () => void) => Promise<void>,
): Promise<void> {
  const silent = new AbortController();
  const over = new AbortController();
  let heardAtMs = performance.now();
  let asking = false;
  const heard = (): void => {
    heardAtMs = performance.now();
  };
  const look = async (): Promise<void> => {
    const askedAtMs = performance.now();
    if (asking || askedAtMs - heardAtMs < askAfterMs) return;
    asking = true;
    // A busy machine may be too slow to answer in time, and send its next message all the same.
    if (await answers(stream, answerWithinMs, over.signal)) heard();
    else if (heardAtMs < askedAtMs) silent.abort();
    asking = false;
  };
  const watchdog = setInterval(() => void look(), LOOK_EVERY_MS);
  try {
    await read(AbortSignal.any([stream.signal, silent.signal]), heard);
  } catch (error) {
    if (!silent.signal.aborted || stream.signal.aborted) throw error;
    const what = `${stream.method} of ${stream.node ?? 'the cluster'} (through ${stream.via})`;
    const why = `${what} fell silent, and nobody answers on its connection any more.`;
    throw new Fault('unreachable', why, { code: 'SILENCE', cause: error });
  } finally {
    clearInterval(watchdog);
    over.abort();
  }
}

/** A "no" is an answer too. Never rejects. */
async function answers(
  { client, node, via }: Followed,
  deadlineMs: number,
  signal: AbortSignal,
): Promise<boolean> {
  const { version } = MachineService.method;
  try {
    await callUnary(client, version, {}, { deadlineMs, metadata: callHeaders(node), signal });
    return true;
  } catch (error) {
    // Anything else than an answer: somebody found the connection dead meanwhile, and closed it.
    if (!isServiceError(error)) return false;
    return !maySucceedElsewhere(talosFault(error, { method: version.name, node, via }));
  }
}
