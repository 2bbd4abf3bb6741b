// Bells and the worker that hears them, over whatever the queues lie in.
import type { Log } from '../../src/engine/ports/log.ts';
import { BullBells } from '../../src/jobs/bells.ts';
import type { QueuesOptions } from '../../src/jobs/queues.ts';
import { type RunningWorker, startWorker } from '../../src/jobs/worker.ts';
import { aLog } from '../jobs/a-log.ts';

export interface Ringing {
  readonly worker: RunningWorker;
  readonly bells: BullBells;
  /** For `until`: rings for this rollout, and says whether that was heard by now. */
  readonly rings: (rollout: string) => () => Promise<boolean>;
}

/** Whoever starts it ends it. */
export function ringing(queues: QueuesOptions, log: Log = aLog().log): Ringing {
  const heard = new Set<string>();
  const worker = startWorker({
    ...queues,
    concurrency: 1,
    log,
    onBell: async ({ rollout }) => void heard.add(rollout),
    onErrand: async () => ({ kind: 'failed', sentence: 'nobody asked' }),
  });
  const bells = new BullBells({ ...queues, onError: () => undefined });
  return {
    worker,
    bells,
    rings: (rollout) => async () => {
      await bells.ring({ goal: 'upgrade-talos', cluster: 'prod', rollout });
      return heard.has(rollout);
    },
  };
}
