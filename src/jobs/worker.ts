// The hearing end of the queues: hands bells to the driver and errands to whoever answers them.
import { type Job, Worker, type WorkerOptions } from 'bullmq';
import type { Bell } from '../engine/ports/bells.ts';
import type { Errand, ErrandReport } from '../engine/ports/errands.ts';
import { faultOf } from '../engine/ports/fault.ts';
import type { Log } from '../engine/ports/log.ts';
import { isErrand, writtenReport } from './errand-report.ts';
import {
  BELLS_QUEUE,
  bullPrefix,
  closeWithin,
  ERRANDS_QUEUE,
  type Line,
  patientLine,
  type QueuesOptions,
  within,
} from './queues.ts';

/** A dead worker's job is heard again after 6 to 15 s (stack.md section 4). Nothing relies on it: the sweep is quicker. */
const LOCK_MS = 10_000;
const STALLED_INTERVAL_MS = 5_000;
/** BullMQ never resets its count of stalls; a finite one would one day fail a bell for good. */
const MOST_STALLS = 1_000_000;
/** Errands ask many machines and hold no cluster; a few at once keep one slow cluster from delaying another's answer. */
const ERRANDS_AT_ONCE = 4;
/** How long a closing worker waits for what it has in hand, unless its caller says otherwise. */
const STOP_LIMIT_MS = 5_000;

export interface WorkerParts extends QueuesOptions {
  /** Bells in hand at once: at least the number of clusters, or one cluster's bell waits behind another's rollout. */
  readonly concurrency: number;
  readonly onBell: (bell: Bell) => Promise<void>;
  readonly onErrand: (errand: Errand) => Promise<ErrandReport>;
  readonly log: Log;
}

export interface RunningWorker {
  /** Resolves when both queues are being listened to. */
  ready(): Promise<void>;
  /** Waits at most `limitMs` for what is in hand (also for a job that was just being fetched), and takes nothing more. Never rejects. */
  stop(limitMs?: number): Promise<void>;
}

export function startWorker(parts: WorkerParts): RunningWorker {
  const line = patientLine(parts.connection);
  const shared: WorkerOptions = {
    connection: line.options,
    prefix: bullPrefix(parts.prefix),
    lockDuration: LOCK_MS,
    stalledInterval: STALLED_INTERVAL_MS,
    maxStalledCount: MOST_STALLS,
  };
  const workers = [
    new Worker(BELLS_QUEUE, (job) => answerBell(parts, job), {
      ...shared,
      concurrency: Math.max(1, parts.concurrency),
    }),
    new Worker(ERRANDS_QUEUE, (job) => answerErrand(parts, job), { ...shared, concurrency: ERRANDS_AT_ONCE }),
  ];
  for (const worker of workers) reportErrors(worker, parts.log);
  return {
    ready: async () => {
      await Promise.all(workers.map((worker) => worker.waitUntilReady()));
    },
    // What is in hand at the limit is stalled for BullMQ and heard again elsewhere; the driver's lease ends by itself.
    stop: async (limitMs = STOP_LIMIT_MS) => {
      await Promise.all(workers.map((worker) => stopWorker(worker, limitMs, line)));
      line.end();
    },
  };
}

/** Never throws: a failed job means nothing here, and whatever went wrong is looked at again when the rollout's Look comes. */
async function answerBell(parts: WorkerParts, job: Job): Promise<void> {
  const { cluster, rollout }: Record<string, unknown> = job.data ?? {};
  if (typeof cluster !== 'string' || typeof rollout !== 'string') {
    parts.log.warn('a bell without a rollout was ignored', { job: job.id ?? '', name: job.name });
    return;
  }
  try {
    await parts.onBell({ goal: job.name, cluster, rollout });
  } catch (error) {
    parts.log.error('a bell could not be answered', { cluster, rollout, error: faultOf(error).message });
  }
}

async function answerErrand(parts: WorkerParts, job: Job): Promise<ErrandReport> {
  const errand: unknown = job.data;
  if (!isErrand(errand)) {
    parts.log.warn('an errand that this version does not know was declined', {
      job: job.id ?? '',
      name: job.name,
    });
    return { kind: 'failed', sentence: 'The worker is of another version and does not know this question.' };
  }
  try {
    return writtenReport(await parts.onErrand(errand));
  } catch (error) {
    parts.log.error('an errand could not be run', {
      cluster: errand.cluster,
      errand: errand.kind,
      error: faultOf(error).message,
    });
    return { kind: 'failed', sentence: 'The worker could not answer; its log says why.' };
  }
}

/** While Redis is away, BullMQ reports every attempt to reconnect. */
const COMPLAIN_EVERY_MS = 60_000;

function reportErrors(worker: Worker, log: Log): void {
  let quietUntil = 0;
  worker.on('error', (error) => {
    if (performance.now() < quietUntil) return;
    quietUntil = performance.now() + COMPLAIN_EVERY_MS;
    log.warn('a queue is in trouble', { queue: worker.name, error: error.message });
  });
}

/** A status is there at once, or Redis never was. */
const STATUS_LIMIT_MS = 50;

/** Without Redis the polite way would wait for it for ever, and leave timers behind that keep the process from ending. */
async function stopWorker(worker: Worker, limitMs: number, line: Line): Promise<void> {
  const client = await within(STATUS_LIMIT_MS, worker.backend.client);
  const connected = client !== 'late' && 'value' in client && client.value.status === 'ready';
  const closable = { close: () => worker.close(!connected), disconnect: () => worker.disconnect() };
  await closeWithin(limitMs, closable, line);
}
