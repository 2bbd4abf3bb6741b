// What a departing machine says of itself, for the card. Nothing depends on it: event streams die silently (talos-api.md 9.7).
import { faultOf } from './ports/fault.ts';
import type { Log } from './ports/log.ts';
import type { ToldFailure } from './ports/machines.ts';
import type { StepContext } from './steps/doer.ts';

/** A stream that died, with its machine or with the endpoint it went through, is opened again after this long. */
const AGAIN_MS = 1_000;

export interface Watch {
  /** The watch is over when this or the step's own signal aborts. */
  readonly over: AbortSignal;
  /** A sequence of the machine failed, or did not begin. */
  readonly heard: (sentence: string, failure: ToldFailure) => void;
}

/** Notes the machine's sentences until one of the signals aborts. Returns at once; never throws. */
export function watched(about: StepContext, log: Log, { over, heard }: Watch): void {
  const signal = AbortSignal.any([over, about.signal]);
  follow(about, heard, signal).catch((error: unknown) => {
    log.warn('the progress of a machine cannot be shown', {
      node: about.node.name,
      error: faultOf(error).message,
    });
  });
}

async function follow(
  { machines, node, note, clock }: StepContext,
  heard: Watch['heard'],
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    const tell = (sentence: string, failure: ToldFailure | null): void => {
      note(sentence);
      if (failure !== null) heard(sentence, failure);
    };
    await machines.watch(node.address, tell, signal);
    await clock.sleep(AGAIN_MS, signal);
  }
}
