// What state a machine is in, followed as it changes: for display, because its events say nothing until something happens.
import { watchResource } from './cosi.ts';
import { resources } from './kinds.ts';
import { STAGES } from './look.ts';
import type { Reads } from './reads.ts';

interface Status {
  readonly stage: number;
  readonly status?:
    | {
        readonly ready: boolean;
        readonly unmetConditions: readonly { readonly name: string; readonly reason: string }[];
      }
    | undefined;
}

export interface StatusWatch {
  /** Milliseconds after which it is not followed any more. */
  readonly limitMs: number;
  readonly signal: AbortSignal;
  readonly onSentence: (sentence: string) => void;
}

/** Says the present state at once, and then each that differs, until the signal aborts or the stream dies; never throws. */
export async function watchStatus(
  reads: Reads,
  address: string,
  { limitMs, signal, onSentence }: StatusWatch,
): Promise<void> {
  let last = '';
  const question = { node: address, limitMs, signal };
  try {
    await watchResource(reads, { kind: resources.machineStatus, id: 'machine', question }, (content) => {
      const sentence = content === null ? '' : statusSentence(content);
      if (sentence !== '' && sentence !== last) onSentence(sentence);
      last = sentence;
    });
  } catch {
    // As with events: nothing depends on it, and whoever waits for the machine looks at it.
  }
}

/** `booting, waiting for services (etcd is not healthy), nodeReady`. */
export function statusSentence({ stage, status }: Status): string {
  const name = (STAGES[stage] ?? 'unknown').replaceAll('-', ' ');
  if (status?.ready === true) return `${name}, ready`;
  const unmet = (status?.unmetConditions ?? []).map((one) =>
    one.reason === '' ? one.name : `${one.name} (${one.reason})`,
  );
  return unmet.length === 0 ? name : `${name}, waiting for ${unmet.join(', ')}`;
}
