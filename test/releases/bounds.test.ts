// The two bounds of the client: how much it remembers, and how much it asks at a time.
import { describe, expect, it } from 'vitest';
import { Slots } from '../../src/engine/slots.ts';
import { Memory } from '../../src/releases/memory.ts';

describe('a memory', () => {
  function aMemory(most = 2) {
    let now = 0;
    const asked: string[] = [];
    const memory = new Memory<string>({ most, keepMs: 100, monotonic: () => now });
    const of = (key: string): Promise<string> =>
      memory.of(key, async () => {
        asked.push(key);
        return key.toUpperCase();
      });
    return { memory, of, asked, at: (ms: number) => (now = ms) };
  }

  it('asks once for as long as it keeps', async () => {
    const { of, asked, at } = aMemory();
    await of('a');
    at(99);
    expect(await of('a')).toBe('A');
    at(100);
    await of('a');
    expect(asked).toEqual(['a', 'a']);
  });

  it('forgets the oldest when it is full', async () => {
    const { of, asked } = aMemory(2);
    for (const key of ['a', 'b', 'c', 'c', 'b', 'a']) await of(key);
    expect(asked).toEqual(['a', 'b', 'c', 'a']);
  });

  it('keeps no failure, and nothing that is not worth it', async () => {
    const { memory } = aMemory();
    await expect(memory.of('x', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(
      await memory.of(
        'x',
        async () => 'first',
        () => false,
      ),
    ).toBe('first');
    expect(await memory.of('x', async () => 'second')).toBe('second');
    expect(await memory.of('x', async () => 'third')).toBe('second');
  });
});

describe('slots', () => {
  it('are given in order, and back after a failure', async () => {
    const slots = new Slots(1);
    const order: number[] = [];
    const tasks = [1, 2, 3].map((n) =>
      slots
        .run(async () => {
          order.push(n);
          if (n === 1) throw new Error('no');
        })
        .catch(() => undefined),
    );
    await Promise.all(tasks);
    await slots.run(async () => void order.push(4));
    expect(order).toEqual([1, 2, 3, 4]);
  });

  it('are never more than there are', async () => {
    const slots = new Slots(3);
    let busy = 0;
    let most = 0;
    const task = async (): Promise<void> => {
      busy += 1;
      most = Math.max(most, busy);
      await Promise.resolve();
      await Promise.resolve();
      busy -= 1;
    };
    await Promise.all(Array.from({ length: 20 }, () => slots.run(task)));
    expect(most).toBe(3);
  });
});
