// Loaded before the program that is measured: tells a file what the process takes, twice a second and at its end.
import { appendFileSync } from 'node:fs';

/** One line of the file. */
export interface Told {
  /** What the system counts as resident now, and the most it ever counted. */
  readonly residentBytes: number;
  readonly mostBytes: number;
  /** What is on the heap, and what buffers hold beside it; garbage that waits to be collected counts. */
  readonly heapBytes: number;
  readonly externalBytes: number;
  /** Milliseconds of all threads on a processor since the start. */
  readonly cpuMs: number;
}

const KIB = 1_024;
const EVERY_MS = 500;

function told(): Told {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  const { rss, heapUsed, external } = process.memoryUsage();
  return {
    residentBytes: rss,
    mostBytes: maxRSS * KIB,
    heapBytes: heapUsed,
    externalBytes: external,
    cpuMs: (userCPUTime + systemCPUTime) / 1_000,
  };
}

const file = process.env['BENCH_TELLS'];
if (file !== undefined) {
  const tell = (): void => appendFileSync(file, `${JSON.stringify(told())}\n`);
  setInterval(tell, EVERY_MS).unref();
  process.on('exit', tell);
}
