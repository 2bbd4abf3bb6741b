// The first answer counts: silent ways are hedged, failed ones passed over, final errors believed.
import { describe, expect, it } from 'vitest';
import { firstAnswer } from '../../src/talos/first-answer.ts';

type Way = () => Promise<string>;
const says =
  (text: string): Way =>
  () =>
    Promise.resolve(text);
const fails =
  (text: string): Way =>
  () =>
    Promise.reject(new Error(text));
const silent: Way = () => new Promise(() => undefined);
const late =
  (text: string, ms: number): Way =>
  () =>
    new Promise((resolve) => setTimeout(() => resolve(text), ms));

interface Asked {
  readonly answer: Promise<string>;
  readonly asked: readonly number[];
  readonly signals: readonly AbortSignal[];
}

function asking(ways: readonly Way[], hedgeMs = 20, isLate = () => false): Asked {
  const asked: number[] = [];
  const signals: AbortSignal[] = [];
  const answer = firstAnswer({
    ways: ways.map((way, index) => ({ way, index })),
    hedgeMs,
    isLate,
    ask: ({ way, index }, signal) => {
      asked.push(index);
      signals.push(signal);
      return way();
    },
    isFinal: (error) => error instanceof Error && error.message.startsWith('final'),
  });
  return { answer, asked, signals };
}

describe('the first answer', () => {
  it.each<[string, readonly Way[], string, readonly number[]]>([
    ['asks one way only when it answers', [says('a'), says('b')], 'a', [0]],
    ['goes on at once when a way fails', [fails('x'), says('b'), says('c')], 'b', [0, 1]],
    ['asks the next way when one stays silent', [silent, says('b')], 'b', [0, 1]],
    ['takes the earlier way after all when it is quicker', [late('a', 40), silent], 'a', [0, 1]],
    ['passes over silence and failure alike', [silent, fails('x'), says('c')], 'c', [0, 1, 2]],
  ])('%s', async (_name, ways, expected, asked) => {
    const run = asking(ways);
    expect(await run.answer).toBe(expected);
    expect(run.asked).toEqual(asked);
  });

  it('does not ask the next way before its time', async () => {
    const run = asking([late('a', 5), says('b')], 60_000);
    expect(await run.answer).toBe('a');
    expect(run.asked).toEqual([0]);
  });

  it('rejects with the last error when every way failed', async () => {
    await expect(asking([fails('x'), fails('y')]).answer).rejects.toThrow('y');
  });

  it.each<[string, readonly Way[]]>([
    ['after one that failed', [fails('x'), says('b')]],
    [
      'beside one that stays silent',
      [() => late('', 60)().then(() => Promise.reject(new Error('x'))), says('b')],
    ],
  ])('asks no further way when it is late, %s', async (_what, ways) => {
    const run = asking(ways, 20, () => true);
    await expect(run.answer).rejects.toThrow('x');
    expect(run.asked).toEqual([0]);
  });

  it('believes a final error, and asks nobody else', async () => {
    const run = asking([fails('final: not authorized'), says('b')]);
    await expect(run.answer).rejects.toThrow('not authorized');
    expect(run.asked).toEqual([0]);
  });

  it('tells the others to stop once it has an answer', async () => {
    const run = asking([silent, says('b')]);
    await run.answer;
    expect(run.signals.map((signal) => signal.aborted)).toEqual([true, true]);
  });

  it('rejects when there is no way at all', async () => {
    await expect(asking([]).answer).rejects.toThrow('no way');
  });
});
