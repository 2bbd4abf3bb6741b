// What a departing machine says of itself, for the card. Nothing depends on it: event streams die silently (talos-api.md 9.7).
import { faultOf } from './ports/fault.ts';
import type { Log } from './ports/log.ts';
import type { StepContext } from './steps/doer.ts';

/** A stream that died, with its machine or with the endpoint it went through, is opened again after this long. */
const AGAIN_MS = 1_000;

/** Notes the machine's sentences until one of the signals aborts. Returns at once; never throws. */
export function watched(about: StepContext, log: Log, over: AbortSignal): void {
  const signal = AbortSignal.any([over, about.signal]);
  follow(about, signal).catch((error: unknown) => {
    log.warn('the progress of a machine cannot be shown', {
      node: about.node.name,
      error: faultOf(error).message,
    });
  });
}

async function follow({ machines, node, note, clock }: StepContext, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await machines.watch(node.address, (sentence) => note(sentence), signal);
    await clock.sleep(AGAIN_MS, signal);
  }
}
