// What a departing machine says of itself, for the card. Nothing depends on it: event streams die silently (talos-api.md 9.7).
import type { Step } from '../rollout/step.ts';
import { faultOf } from './ports/fault.ts';
import type { Log } from './ports/log.ts';
import type { ToldFailure } from './ports/machines.ts';
import type { Hands } from './step-hands.ts';
import type { StepContext } from './steps/doer.ts';
import type { TaskContext } from './work.ts';

/** A stream that died, with its machine or with the endpoint it went through, is opened again after this long. */
const AGAIN_MS = 1_000;

interface Watch {
  /** The watch is over when this or the step's own signal aborts. */
  readonly over: AbortSignal;
  /** A sequence of the machine failed, or did not begin. */
  readonly heard: (sentence: string, failure: ToldFailure) => void;
}

/** Does the work; of a step with which its node goes away, what the machine says of itself meanwhile is shown. */
export async function listening(
  {
    onNode,
    step,
    doer,
    parts,
  }: Pick<Hands, 'onNode' | 'doer'> & { readonly step: Step } & Pick<TaskContext, 'parts'>,
  work: () => Promise<void>,
): Promise<void> {
  if (onNode === null || step.presence !== 'departs') return work();
  const over = new AbortController();
  const heard: Watch['heard'] = (sentence, failure) => doer.heard?.(sentence, failure);
  watched(onNode, parts.log, { over: over.signal, heard });
  try {
    await work();
  } finally {
    over.abort();
  }
}

/** Notes the machine's sentences until one of the signals aborts. Returns at once; never throws. */
function watched(about: StepContext, log: Log, { over, heard }: Watch): void {
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
