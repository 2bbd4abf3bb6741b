// Bells as BullMQ jobs: one job per ring, named after the goal, carrying the id of a rollout and nothing else.
import type { Bell, Bells } from '../engine/ports/bells.ts';
import { HastyQueue } from './hasty-queue.ts';
import { BELLS_QUEUE, type QueuesOptions, within } from './queues.ts';

/** Ringing comes after the append, on the way to an answer that Slack wants within 3 s. */
const RING_LIMIT_MS = 1_000;
/** Rung bells are kept for a look at what happened, not for the record: that is the journal. */
const KEEP = { count: 1_000, age: 86_400 } as const;

export interface BullBellsOptions extends QueuesOptions {
  /** Told of every bell that could not be rung. The sweep wakes the rollout anyway. */
  readonly onError: (bell: Bell, error: unknown) => void;
}

export class BullBells implements Bells {
  readonly #queue: HastyQueue<Omit<Bell, 'goal'>>;
  readonly #onError: (bell: Bell, error: unknown) => void;

  constructor(options: BullBellsOptions) {
    this.#onError = options.onError;
    this.#queue = new HastyQueue(BELLS_QUEUE, options, KEEP);
  }

  /** Never rejects, and answers within RING_LIMIT_MS. */
  async ring(bell: Bell): Promise<void> {
    const { goal, cluster, rollout } = bell;
    const rung = await within(RING_LIMIT_MS, this.#queue.jobs.add(goal, { cluster, rollout }));
    if (rung === 'late') this.#onError(bell, new Error(`not rung within ${RING_LIMIT_MS} ms`));
    else if ('error' in rung) this.#onError(bell, rung.error);
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }
}
