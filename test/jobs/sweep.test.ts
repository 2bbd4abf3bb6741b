// The certain way of waking, over the store in this process and a clock that the test turns.
import { describe, expect, it, vi } from 'vitest';
import { MemoryJournal } from '../../playground/doubles/store.ts';
import type { Clock } from '../../src/engine/ports/clock.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { DueLook, Journal } from '../../src/engine/ports/journal.ts';
import { type RunningSweep, startSweep } from '../../src/jobs/sweep.ts';
import { anAsk, request, started } from '../contracts/journal-under-test.ts';

/** Sleeps end when the test says so. */
class TestClock implements Clock {
  nowMs = 1_000_000;
  readonly #sleepers = new Set<() => void>();
  now(): number {
    return this.nowMs;
  }
  monotonic(): number {
    return this.nowMs;
  }
  sleep(_ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      if (signal?.aborted) return resolve();
      this.#sleepers.add(resolve);
      signal?.addEventListener('abort', () => resolve(), { once: true });
    });
  }
  /** Lets the sweep come to rest, moves time, and wakes it. */
  async pass(ms: number): Promise<void> {
    await vi.waitFor(() => expect(this.#sleepers.size).toBeGreaterThan(0));
    this.nowMs += ms;
    for (const wake of this.#sleepers) wake();
    this.#sleepers.clear();
    await vi.waitFor(() => expect(this.#sleepers.size).toBeGreaterThan(0));
  }
}

interface Scene {
  readonly clock: TestClock;
  readonly journal: MemoryJournal;
  readonly seen: string[];
  readonly errors: unknown[];
  readonly sweep: RunningSweep;
}

function aSweep(
  onDue?: (look: DueLook, journal: MemoryJournal) => Promise<void>,
  due?: Pick<Journal, 'due'>,
): Scene {
  const clock = new TestClock();
  const journal = new MemoryJournal(clock);
  const seen: string[] = [];
  const errors: unknown[] = [];
  const sweep = startSweep({
    journal: due ?? journal,
    clusters: ['prod', 'lab'],
    clock,
    onDue: async (look) => {
      seen.push(look.rollout);
      await onDue?.(look, journal);
    },
    onError: (error) => errors.push(error),
  });
  return { clock, journal, seen, errors, sweep };
}

/** What a driver does with a rollout that has nothing to do. */
async function putToSleep(look: DueLook, journal: MemoryJournal): Promise<void> {
  const reply = await journal.take(look.cluster, look.rollout, 'worker-1');
  if (reply.kind === 'taken')
    await journal.letGo(reply.lease, (await journal.read(look.cluster, look.rollout)).length, null);
}

describe('the sweep', () => {
  it('finds a rollout whose bell was never rung, and leaves one alone that sleeps', async () => {
    const { clock, journal, seen, sweep } = aSweep(putToSleep);
    await journal.append(request(0, [anAsk('r1')]));
    await clock.pass(500);
    expect(seen).toEqual(['r1']);
    await clock.pass(500);
    await clock.pass(500);
    expect(seen).toEqual(['r1']);
    await journal.append(request(1, [started]));
    await clock.pass(500);
    expect(seen).toEqual(['r1', 'r1']);
    await sweep.stop();
  });

  it('finds the rollout of a driver that died, when its lease has ended', async () => {
    const { clock, journal, seen, sweep } = aSweep(async () => {});
    await journal.append(request(0, [anAsk('r1')]));
    await journal.take('prod', 'r1', 'worker-that-dies');
    await clock.pass(500);
    expect(seen).toEqual([]);
    await clock.pass(3_000);
    expect(seen).toEqual(['r1']);
    await sweep.stop();
  });

  it('does not hand out a rollout again before it was finished with, and does not wait for it either', async () => {
    let finish: () => void = () => {};
    const slow = new Promise<void>((resolve) => {
      finish = resolve;
    });
    const { clock, journal, seen, sweep } = aSweep((look) =>
      look.rollout === 'r1' ? slow : Promise.resolve(),
    );
    await journal.append(request(0, [anAsk('r1')]));
    await clock.pass(500);
    await journal.append(request(0, [anAsk('r2')], { rollout: 'r2', cluster: 'lab' }));
    await clock.pass(500);
    expect(seen).toEqual(['r1', 'r2']);
    finish();
    await clock.pass(500);
    await clock.pass(500);
    expect(seen.filter((one) => one === 'r1').length).toBeGreaterThan(1);
    await sweep.stop();
  });

  it('goes on after a rejection, and reports it', async () => {
    const { clock, journal, seen, errors, sweep } = aSweep(() => Promise.reject(new Error('cannot fold')));
    await journal.append(request(0, [anAsk('r1')]));
    await clock.pass(500);
    await clock.pass(500);
    expect(seen.length).toBeGreaterThan(1);
    expect(errors[0]).toMatchObject({ message: 'cannot fold' });
    await sweep.stop();
  });

  it('reports an outage of the store once, and sweeps on when it is over', async () => {
    let away = true;
    let asked = 0;
    const due = async (): Promise<DueLook[]> => {
      asked++;
      if (away) throw new Fault('unreachable', 'Redis does not answer.');
      return [{ cluster: 'prod', rollout: 'r1' }];
    };
    const { clock, seen, errors, sweep } = aSweep(undefined, { due });
    for (let i = 0; i < 5; i++) await clock.pass(500);
    expect(asked).toBeGreaterThan(4);
    expect(errors).toHaveLength(1);
    away = false;
    await clock.pass(500);
    expect(seen).toContain('r1');
    await sweep.stop();
  });

  it('hands nothing out after it was stopped', async () => {
    const { journal, seen, sweep } = aSweep(async () => {});
    await sweep.stop();
    await journal.append(request(0, [anAsk('r1')]));
    expect(seen).toEqual([]);
  });
});
