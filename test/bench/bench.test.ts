// Every measurement runs, on tiny sizes, and brings home what it promises to measure. Nothing here depends on how fast.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type Figure, isJudged, type Sizes } from '../../bench/measurement.ts';
import { MEASUREMENTS } from '../../bench/registry.ts';
import type { Report } from '../../bench/report.ts';
import { copyOf } from '../../bench/snapshot.ts';
import { findServer } from '../../playground/redis-program.ts';

const TINY: Sizes = {
  snapshotMib: 16,
  nodes: 6,
  pods: 200,
  entries: 100,
  rounds: 5,
  slowMs: 100,
  clusters: 2,
  nodeMs: 500,
};
const MAIN = fileURLToPath(new URL('../../bench/main.ts', import.meta.url));
const MB = 1_000_000;
/** Some start processes that certify machines; a busy machine takes long for that. */
const LIMIT_MS = 300_000;

const hasRedis = findServer(process.env['PATH'] ?? '') !== null || (process.env['REDIS_URL'] ?? '') !== '';
const NEEDS_REDIS = ['journal', 'click', 'fleet', 'overhead', 'resume'];

/** What each of them is there for. */
const PROMISED: Readonly<Record<string, readonly string[]>> = {
  fleet: [
    'resident, at most',
    'clusters not upgraded',
    'steps held in doubt',
    'control-plane nodes of a cluster away at once',
  ],
  overhead: ['overhead a node, 95 of 100', 'time ÷ what the machines take'],
  resume: ['driving again after', 'steps held in doubt'],
  preflight: ['read and judged in', 'longest stall', 'resident, at most', 'time ÷ that of half the pods'],
  snapshot: ['grown, alive', 'grown, resident'],
  survey: ['calls a node, most', 'time behind the slowest answer', "time behind one question's limit"],
};

describe('a measurement', { timeout: LIMIT_MS }, () => {
  for (const measurement of MEASUREMENTS) {
    const { name } = measurement;
    const lacking = NEEDS_REDIS.includes(name) && !hasRedis;
    it.skipIf(lacking)(`${name} runs${lacking ? ' (skipped: no Redis server)' : ''}`, async () => {
      const parts = await measurement.run(TINY, () => undefined);
      const figures: readonly Figure[] = parts.flatMap((part) => part.figures);
      expect(figures.filter(({ value }) => !Number.isFinite(value))).toEqual([]);
      expect(figures.some(({ unit }) => unit === '×')).toBe(true);
      const judged = new Set(figures.filter(isJudged).map((one) => one.name));
      expect([...judged].sort()).toEqual([...(PROMISED[name] ?? [])].sort());
    });
  }
});

describe('a copy of etcd that is held', { timeout: LIMIT_MS }, () => {
  it('shows in the memory, and one that is stored does not', async () => {
    const [held, read] = [await copyOf(32, { kind: 'hold' }), await copyOf(32, { kind: 'read' })];
    expect(held.bytes).toBe(32 * 1_048_576 + 32);
    // A quarter had come before the process counted as warm.
    expect(held.grown.liveBytes).toBeGreaterThan(20 * MB);
    expect(read.grown.liveBytes).toBeLessThan(10 * MB);
  });
});

describe('the program', { timeout: LIMIT_MS }, () => {
  const run = async (...words: readonly string[]) =>
    promisify(execFile)(process.execPath, [MAIN, ...words]).then(
      ({ stdout, stderr }) => ({ code: 0, stdout, stderr }),
      (error: { code: number; stdout: string; stderr: string }) => error,
    );

  it('ends with a line of JSON when it is asked to, and with 0', async () => {
    const { code, stdout } = await run('views', 'next', '--rounds', '5', '--nodes', '10', '--json');
    const report = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Report;
    expect([code, report.ok, report.results.map(({ name }) => name)]).toEqual([0, true, ['views', 'next']]);
  });

  it('lists what it can measure', async () => {
    const { stdout } = await run('--list');
    expect(stdout.trim().split('\n')).toEqual(
      MEASUREMENTS.map(({ name, sentence }) => `${name}\t${sentence}`),
    );
  });

  it('ends with 2 at a mistake, and says how it is used', async () => {
    const { code, stderr } = await run('--fast');
    expect(code).toBe(2);
    expect(stderr).toContain('npm run bench -- NAME');
  });
});
