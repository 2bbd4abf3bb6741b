// A producer's queue and its way to Redis, opened and closed together: whoever puts a job in cannot wait.
import { Queue } from 'bullmq';
import { bullPrefix, closeWithin, hastyLine, type Line, type QueuesOptions } from './queues.ts';

/**
 * Beside `hastyLine`: without the first, `add` hangs while Redis is away; without the second, a queue opened in that time
 * stays broken for ever, because its version check failed once (read in BullMQ 6.7 redis-connection.js).
 */
const HASTY_QUEUE = {
  skipWaitingForReady: true,
  skipVersionCheck: true,
  // Nobody listens to BullMQ's event streams, and they carry every report in full.
  streams: { events: { maxLen: 100 } },
} as const;

/** Milliseconds for a goodbye to Redis, when it is there. */
const CLOSE_LIMIT_MS = 1_000;

/** How many jobs are kept once they are over, and for how many seconds. */
interface Keep {
  readonly count: number;
  readonly age: number;
}

export class HastyQueue<Data> {
  readonly jobs: Queue<Data, unknown>;
  readonly #line: Line;

  constructor(name: string, { connection, prefix }: QueuesOptions, keep: Keep) {
    this.#line = hastyLine(connection);
    this.jobs = new Queue(name, {
      ...HASTY_QUEUE,
      connection: this.#line.options,
      prefix: bullPrefix(prefix),
      // No jobId and no deduplication: both lose rings that come at a bad moment (design.md section 8).
      defaultJobOptions: { removeOnComplete: keep, removeOnFail: keep, attempts: 1 },
    });
    // The connection's errors; each job that suffers from one is reported by itself.
    this.jobs.on('error', () => {});
  }

  async close(): Promise<void> {
    await closeWithin(CLOSE_LIMIT_MS, this.jobs, this.#line);
    this.#line.end();
  }
}
