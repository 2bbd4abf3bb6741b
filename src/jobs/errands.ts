// Errands as BullMQ jobs whose answer is waited for: the bot asks, a worker looks at the cluster.
import { type Job, Queue, QueueEvents } from 'bullmq';
import type { Errand, ErrandReport, Errands } from '../engine/ports/errands.ts';
import { readReport } from './errand-report.ts';
import {
  bullPrefix,
  closeSoon,
  ERRANDS_QUEUE,
  HASTY_QUEUE,
  hastyConnection,
  patientConnection,
  type QueuesOptions,
  within,
} from './queues.ts';

/** Asking is one small command; when it takes longer, Redis is away. */
const ASK_LIMIT_MS = 1_000;
/** An answer is fetched at once; what is left over is there for a worker that was slower than the asker. */
const KEEP = { count: 100, age: 300 } as const;

export interface BullErrandsOptions extends QueuesOptions {
  readonly onError: (errand: Errand, error: unknown) => void;
}

export class BullErrands implements Errands {
  readonly #queue: Queue<Errand, unknown>;
  readonly #events: QueueEvents;
  readonly #onError: (errand: Errand, error: unknown) => void;

  constructor(options: BullErrandsOptions) {
    this.#onError = options.onError;
    const prefix = bullPrefix(options.prefix);
    this.#queue = new Queue(ERRANDS_QUEUE, {
      ...HASTY_QUEUE,
      connection: hastyConnection(options.connection),
      prefix,
      defaultJobOptions: { removeOnComplete: KEEP, removeOnFail: KEEP, attempts: 1 },
    });
    this.#events = new QueueEvents(ERRANDS_QUEUE, {
      connection: patientConnection(options.connection),
      prefix,
    });
    // Connection errors; every errand that suffers from one says so itself.
    this.#queue.on('error', () => {});
    this.#events.on('error', () => {});
  }

  async run(errand: Errand, limitMs: number): Promise<ErrandReport> {
    const asked = await within(Math.min(limitMs, ASK_LIMIT_MS), this.#queue.add(jobName(errand), errand));
    if (asked === 'late' || 'error' in asked) {
      this.#onError(
        errand,
        asked === 'late' ? new Error(`not asked within ${ASK_LIMIT_MS} ms`) : asked.error,
      );
      return {
        kind: 'failed',
        sentence:
          'The question could not be passed on, because Redis does not answer. Try again in a minute.',
      };
    }
    return this.#answer(errand, asked.value, limitMs);
  }

  async close(): Promise<void> {
    await Promise.all([closeSoon(this.#queue), closeSoon(this.#events)]);
  }

  async #answer(errand: Errand, job: Job<Errand, unknown>, limitMs: number): Promise<ErrandReport> {
    const answered = await within(limitMs, job.waitUntilFinished(this.#events, limitMs));
    if (answered !== 'late' && 'value' in answered) {
      return (
        readReport(answered.value) ?? {
          kind: 'failed',
          sentence: 'The worker is of another version; its answer makes no sense here.',
        }
      );
    }
    this.#onError(errand, answered === 'late' ? new Error(`no answer within ${limitMs} ms`) : answered.error);
    // Nobody waits for it any more: a worker that comes later should not trouble the cluster for it.
    await within(ASK_LIMIT_MS, job.remove());
    return { kind: 'failed', sentence: `No worker answered within ${Math.ceil(limitMs / 1_000)} s.` };
  }
}

/** Jobs are named after the goal, so that a queue's list reads as what people asked for. */
function jobName(errand: Errand): string {
  return errand.goal.kind;
}
