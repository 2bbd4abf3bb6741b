// Bells are prompt, and allowed to be lost: the sweep over Looks is what is certain.
import { describe, expect, it, vi } from 'vitest';
import type { Bell } from '../../src/engine/ports/bells.ts';
import type { ErrandReport } from '../../src/engine/ports/errands.ts';
import { BullBells } from '../../src/jobs/bells.ts';
import { type RunningWorker, startWorker, type WorkerParts } from '../../src/jobs/worker.ts';
import { timed } from '../store/lived.ts';
import { aLog } from './a-log.ts';
import { ownQueues } from './own-queues.ts';

const own = ownQueues();
const { closing, queues } = own;

function someBells(onError: (bell: Bell, error: unknown) => void = () => {}): BullBells {
  const bells = new BullBells({ ...queues(), onError });
  closing.push(() => bells.close());
  return bells;
}

async function aWorker(
  onBell: (bell: Bell) => Promise<void>,
  more: Partial<WorkerParts> = {},
): Promise<RunningWorker> {
  const failed: ErrandReport = { kind: 'failed', sentence: 'no errands here' };
  const worker = startWorker({
    ...queues(),
    concurrency: 10,
    onBell,
    onErrand: async () => failed,
    log: aLog().log,
    ...more,
  });
  closing.push(() => worker.stop());
  await worker.ready();
  return worker;
}

const bell = (n: number): Bell => ({ goal: 'upgrade-talos', cluster: `c${n % 7}`, rollout: `r${n}` });

describe('a bell', () => {
  it('is heard with its goal, cluster and rollout', async () => {
    const heard: Bell[] = [];
    await aWorker(async (one) => void heard.push(one));
    await someBells().ring(bell(1));
    await vi.waitFor(() => expect(heard).toEqual([bell(1)]), { timeout: 5_000 });
  });

  it('that rings again while it is being answered is heard again: nothing is folded together', async () => {
    const heard: Bell[] = [];
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    await aWorker(async (one) => {
      heard.push(one);
      await gate;
    });
    const bells = someBells();
    for (let rings = 1; rings <= 3; rings++) {
      await bells.ring(bell(1));
      await vi.waitFor(() => expect(heard).toHaveLength(rings), { timeout: 5_000 });
    }
    open();
  });

  it('rung 200 times at once is heard 200 times', async () => {
    const heard: string[] = [];
    await aWorker(async (one) => void heard.push(one.rollout));
    const bells = someBells();
    const all = Array.from({ length: 200 }, (_, i) => bell(i));
    await Promise.all(all.map((one) => bells.ring(one)));
    await vi.waitFor(() => expect(heard).toHaveLength(200), { timeout: 10_000 });
    expect(new Set(heard)).toEqual(new Set(all.map((one) => one.rollout)));
  });

  it('rung before any worker lives waits for one', async () => {
    await someBells().ring(bell(1));
    const heard: Bell[] = [];
    await aWorker(async (one) => void heard.push(one));
    await vi.waitFor(() => expect(heard).toEqual([bell(1)]), { timeout: 5_000 });
  });

  it('whose answer throws is logged and done with: no job fails, and the next one is heard', async () => {
    const { log, lines } = aLog();
    const heard: Bell[] = [];
    await aWorker(
      async (one) => {
        heard.push(one);
        if (one.rollout === 'r1') throw new Error('the disk is on fire');
      },
      { log },
    );
    const bells = someBells();
    await bells.ring(bell(1));
    await bells.ring(bell(2));
    await vi.waitFor(() => expect(heard).toEqual([bell(1), bell(2)]), { timeout: 5_000 });
    expect(lines).toContainEqual(expect.stringContaining('the disk is on fire'));
  });
});

describe('a worker that stops', () => {
  it('waits for the bell in hand, and hears no other one afterwards', async () => {
    const done: string[] = [];
    let open: () => void = () => {};
    const gate = new Promise<void>((resolve) => {
      open = resolve;
    });
    const begun: string[] = [];
    const worker = await aWorker(async (one) => {
      begun.push(one.rollout);
      await gate;
      done.push(one.rollout);
    });
    const bells = someBells();
    await bells.ring(bell(1));
    await vi.waitFor(() => expect(begun).toEqual(['r1']), { timeout: 5_000 });
    const stopped = worker.stop(10_000);
    open();
    await stopped;
    expect(done).toEqual(['r1']);
    await bells.ring(bell(2));
    const heard: string[] = [];
    await aWorker(async (one) => void heard.push(one.rollout));
    await vi.waitFor(() => expect(heard).toEqual(['r2']), { timeout: 5_000 });
    expect(done).toEqual(['r1']);
  });

  it('gives up a bell that does not end within the limit', async () => {
    const begun: string[] = [];
    const worker = await aWorker((one) => {
      begun.push(one.rollout);
      return new Promise(() => {});
    });
    await someBells().ring(bell(1));
    await vi.waitFor(() => expect(begun).toEqual(['r1']), { timeout: 5_000 });
    const { result, livedMs } = await timed(worker.stop(200));
    expect(result).toMatchObject({ status: 'fulfilled' });
    expect(livedMs).toBeLessThan(4_000);
    closing.length = 0;
  });
});

describe('while Redis is away', () => {
  it('ringing neither rejects nor takes long; it reports, and rings again afterwards', {
    timeout: 30_000,
  }, async () => {
    const lost: string[] = [];
    const bells = someBells((_, error) => lost.push(String(error)));
    const heard: string[] = [];
    await aWorker(async (one) => void heard.push(one.rollout));
    await bells.ring(bell(1));
    await own.redis.kill();
    const rings = Promise.all(Array.from({ length: 50 }, (_, i) => bells.ring(bell(100 + i))));
    const { result, livedMs } = await timed(rings);
    expect(result).toMatchObject({ status: 'fulfilled' });
    expect(livedMs).toBeLessThan(5_000);
    expect(lost).toHaveLength(50);
    await own.redis.restart();
    await vi.waitFor(
      async () => {
        await bells.ring(bell(2));
        expect(heard).toContain('r2');
      },
      { timeout: 20_000 },
    );
    // Refused by the connection: nothing was piled up to be rung at some later time, which would have been before this one.
    expect(heard.filter((rollout) => rollout.length > 'r2'.length)).toEqual([]);
  });

  it('bells that were made in that time ring as soon as Redis is there', { timeout: 30_000 }, async () => {
    await own.redis.kill();
    const lost: string[] = [];
    const bells = someBells((one) => lost.push(one.rollout));
    await bells.ring(bell(1));
    expect(lost).toEqual(['r1']);
    await own.redis.restart();
    const heard: string[] = [];
    await aWorker(async (one) => void heard.push(one.rollout));
    await vi.waitFor(
      async () => {
        await bells.ring(bell(2));
        expect(heard).toContain('r2');
      },
      { timeout: 20_000 },
    );
  });

  it('everything closes in bounded time', { timeout: 30_000 }, async () => {
    const bells = new BullBells({ ...queues(), onError: () => {} });
    const worker = await aWorker(async () => {});
    await bells.ring(bell(1));
    await own.redis.kill();
    const { result, livedMs } = await timed(Promise.all([bells.close(), worker.stop(500)]));
    expect(result).toMatchObject({ status: 'fulfilled' });
    expect(livedMs).toBeLessThan(8_000);
    closing.length = 0;
    await own.redis.restart();
  });
});
