// Errands as BullMQ jobs whose answer is waited for: the bot asks, a worker looks at the cluster.
import { setTimeout as pause } from 'node:timers/promises';
import type { Job } from 'bullmq';
import type { Errand, ErrandReport, Errands } from '../engine/ports/errands.ts';
import { readReport } from './errand-report.ts';
import { HastyQueue } from './hasty-queue.ts';
import { ERRANDS_QUEUE, type QueuesOptions, within } from './queues.ts';

/** One small command; when it takes longer, Redis is away. */
const ASK_LIMIT_MS = 1_000;
/**
 * Asked for rather than announced: BullMQ's `waitUntilFinished` misses answers given before its listener reads, and takes the process
 * down when Redis goes away at the wrong moment (6.7 job.js: it awaits inside a promise's executor). Nobody notices 100 ms.
 */
const LOOK_EVERY_MS = 100;
/** An answer is fetched at once; what is left over is there for a look at what happened. */
const KEEP = { count: 100, age: 300 } as const;

export interface BullErrandsOptions extends QueuesOptions {
  readonly onError: (errand: Errand, error: unknown) => void;
}

export class BullErrands implements Errands {
  readonly #queue: HastyQueue<Errand>;
  readonly #onError: (errand: Errand, error: unknown) => void;

  constructor(options: BullErrandsOptions) {
    this.#onError = options.onError;
    this.#queue = new HastyQueue(ERRANDS_QUEUE, options, KEEP);
  }

  async run(errand: Errand, limitMs: number): Promise<ErrandReport> {
    const deadline = performance.now() + limitMs;
    // Named after the goal, so that a queue's list reads as what people asked for.
    const name = errand.kind === 'plan' ? errand.goal.kind : errand.kind;
    const asked = await within(Math.min(limitMs, ASK_LIMIT_MS), this.#queue.jobs.add(name, errand));
    if (asked === 'late' || 'error' in asked) {
      this.#onError(
        errand,
        asked === 'late' ? new Error(`not asked within ${ASK_LIMIT_MS} ms`) : asked.error,
      );
      return failed(
        'The question could not be passed on, because Redis does not answer. Try again in a minute.',
      );
    }
    const report = await this.#answer(asked.value.id ?? '', deadline);
    if (report !== null) return report;
    this.#onError(errand, new Error(`no answer within ${limitMs} ms`));
    // Nobody waits for it any more: a worker that comes later should not trouble the cluster for it.
    await within(ASK_LIMIT_MS, asked.value.remove());
    return failed(`No worker answered within ${Math.ceil(limitMs / 1_000)} s.`);
  }

  async close(): Promise<void> {
    await this.#queue.close();
  }

  /** Null when nobody answered before the deadline. Bounded by it: one look and one pause per round. */
  async #answer(id: string, deadline: number): Promise<ErrandReport | null> {
    while (performance.now() < deadline) {
      const looked = await within(ASK_LIMIT_MS, this.#queue.jobs.getJob(id));
      const job = looked !== 'late' && 'value' in looked ? looked.value : undefined;
      if (job?.finishedOn !== undefined) return reportOf(job);
      await pause(Math.max(0, Math.min(LOOK_EVERY_MS, deadline - performance.now())));
    }
    return null;
  }
}

function reportOf(job: Job<Errand, unknown>): ErrandReport {
  if (job.failedReason !== undefined && job.failedReason !== '')
    return failed('The worker could not finish the question.');
  return (
    readReport(job.returnvalue) ?? failed('The worker is of another version; its answer makes no sense here.')
  );
}

function failed(sentence: string): ErrandReport {
  return { kind: 'failed', sentence };
}
