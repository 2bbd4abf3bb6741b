// Questions that a worker answers for one person, over a real Redis.
import { describe, expect, it, vi } from 'vitest';
import type { Errand, ErrandReport } from '../../src/engine/ports/errands.ts';
import { readReport, writtenReport } from '../../src/jobs/errand-report.ts';
import { BullErrands } from '../../src/jobs/errands.ts';
import { startWorker } from '../../src/jobs/worker.ts';
import { timed } from '../store/lived.ts';
import { aLog } from './a-log.ts';
import { ownQueues } from './own-queues.ts';

const own = ownQueues();
const { closing, queues } = own;

const errand: Errand = { kind: 'plan', cluster: 'prod', goal: { kind: 'upgrade-talos', version: 'v1.13.5' } };
const blocked: ErrandReport = {
  kind: 'declined',
  outcome: 'blocked',
  sentence: 'cp-2 does not answer.',
  findings: [
    {
      check: 'nodes-answer',
      level: 'blocker',
      subject: 'cp-2',
      sentence: 'cp-2 does not answer.',
      advice: null,
    },
  ],
};

function someErrands(): BullErrands {
  const errands = new BullErrands({ ...queues(), onError: () => {} });
  closing.push(() => errands.close());
  return errands;
}

async function aWorker(onErrand: (errand: Errand) => Promise<ErrandReport>): Promise<void> {
  const worker = startWorker({
    ...queues(),
    concurrency: 1,
    onBell: async () => {},
    onErrand,
    log: aLog().log,
  });
  closing.push(() => worker.stop());
  await worker.ready();
}

describe('an errand', () => {
  it('is answered by a worker with its report', async () => {
    const asked: Errand[] = [];
    await aWorker(async (one) => {
      asked.push(one);
      return blocked;
    });
    expect(await someErrands().run(errand, 10_000)).toEqual(blocked);
    expect(asked).toEqual([errand]);
  });

  it('may be a question for a path', async () => {
    const question: Errand = { kind: 'path', cluster: 'prod', target: { talos: '1.14', kubernetes: null } };
    const way: ErrandReport = {
      kind: 'path',
      found: { kind: 'found', path: { v: 1, hops: [] }, notes: [] },
      runs: { talos: null, kubernetes: null },
      target: question.target,
      sources: [],
      troubles: [],
    };
    const asked: Errand[] = [];
    await aWorker(async (one) => {
      asked.push(one);
      return way;
    });
    expect(await someErrands().run(question, 10_000)).toEqual(way);
    expect(asked).toEqual([question]);
  });

  it('may be a question for the set-up', async () => {
    const question: Errand = { kind: 'setup', cluster: 'prod' };
    const lines = [{ what: 'Talos role', state: 'ok', sentence: 'It is os:admin.', advice: null }] as const;
    await aWorker(async () => ({ kind: 'setup', lines }));
    expect(await someErrands().run(question, 10_000)).toEqual({ kind: 'setup', lines });
  });

  it('may be a question for how the cluster is', async () => {
    const question: Errand = { kind: 'check', cluster: 'prod' };
    const report = {
      kind: 'checked',
      findings: [{ check: 'flux', level: 'ok', subject: 'cluster', sentence: 'It rests.', advice: null }],
      nodes: { controlPlane: 3, workers: 2 },
      runs: { talos: { oldest: 'v1.13.4', newest: 'v1.13.4' }, kubernetes: null },
    } as const;
    const asked: Errand[] = [];
    await aWorker(async (one) => {
      asked.push(one);
      return report;
    });
    expect(await someErrands().run(question, 10_000)).toEqual(report);
    expect(asked).toEqual([question]);
  });

  it('gets its own answer among thirty', async () => {
    await aWorker(async (one) => ({ kind: 'failed', sentence: one.cluster }));
    const errands = someErrands();
    const reports = await Promise.all(
      Array.from({ length: 30 }, (_, i) => errands.run({ ...errand, cluster: `c${i}` }, 10_000)),
    );
    expect(reports).toEqual(Array.from({ length: 30 }, (_, i) => ({ kind: 'failed', sentence: `c${i}` })));
  });

  it('without a worker fails at its limit, and troubles no worker that comes later', async () => {
    const errands = someErrands();
    // As long as Redis may take to be told of the question: with less a slow one would seem to be away.
    expect(await errands.run(errand, 1_000)).toEqual({
      kind: 'failed',
      sentence: 'No worker answered within 1 s.',
    });
    const asked: Errand[] = [];
    await aWorker(async (one) => {
      asked.push(one);
      return blocked;
    });
    const other = { ...errand, cluster: 'lab' };
    expect(await errands.run(other, 10_000)).toEqual(blocked);
    expect(asked).toEqual([other]);
  });

  it('whose worker throws fails with a sentence and without the reason, which is for the log', async () => {
    await aWorker(() => Promise.reject(new Error('secret of the cluster')));
    expect(await someErrands().run(errand, 10_000)).toEqual({
      kind: 'failed',
      sentence: 'The worker could not answer; its log says why.',
    });
  });

  it('fails soon while Redis is away, and is answered again afterwards', { timeout: 40_000 }, async () => {
    const errands = someErrands();
    await aWorker(async () => blocked);
    expect(await errands.run(errand, 10_000)).toEqual(blocked);
    await own.redis.kill();
    const { result, livedMs } = await timed(errands.run(errand, 60_000));
    expect(result).toMatchObject({
      value: { kind: 'failed', sentence: expect.stringContaining('Redis does not answer') },
    });
    expect(livedMs).toBeLessThan(5_000);
    await own.redis.restart();
    await vi.waitFor(async () => expect(await errands.run(errand, 5_000)).toEqual(blocked), {
      timeout: 30_000,
    });
  });
});

describe('a report', () => {
  it('that is too large becomes a sentence', () => {
    const huge: ErrandReport = { ...blocked, sentence: 'x'.repeat(3_000_000) };
    expect(writtenReport(huge)).toEqual({
      kind: 'failed',
      sentence: 'The answer is too large to be shown (4 MB).',
    });
    expect(writtenReport(blocked)).toEqual(blocked);
  });

  it.each([
    null,
    7,
    'planned',
    {},
    { kind: 'planned' },
    { kind: 'planned', plan: null, findings: [] },
    { kind: 'guessed', sentence: 'x' },
    { kind: 'declined', sentence: 'x' },
  ])('that reads %j is not understood', (value) => {
    expect(readReport(value)).toBeNull();
  });
});
