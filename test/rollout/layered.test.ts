// Maps that grow by one with each fact: read like any other map, never changed behind a reader's back, and not copied as a whole each time.
import { describe, expect, it } from 'vitest';
import { fold } from '../../src/rollout/evolve.ts';
import { added } from '../../src/rollout/layered.ts';
import { lanesOf } from '../../src/rollout/plan.ts';
import { aRollout } from '../builders/rollout.ts';

/** Past several times what is kept apart, with values that are given anew. */
const ADDITIONS = Array.from({ length: 1_500 }, (_, at) => [`key-${(at * 7) % 900}`, at] as const);

describe('a map with additions', () => {
  it('reads as the map it stands for, after each of them', () => {
    const plain = new Map<string, number>();
    let map: ReadonlyMap<string, number> = new Map();
    for (const [key, value] of ADDITIONS) {
      plain.set(key, value);
      map = added(map, key, value);
      expect([map.size, map.get(key), map.has(key), map.has('none')]).toEqual([
        plain.size,
        value,
        true,
        false,
      ]);
    }
    expect([...map]).toEqual([...plain]);
    expect([...map.keys()]).toEqual([...plain.keys()]);
    expect([...map.values()]).toEqual([...plain.values()]);
    const seen: (readonly [string, number])[] = [];
    map.forEach((value, key) => void seen.push([key, value]));
    expect(seen).toEqual([...plain]);
    expect(map.get('none')).toBeUndefined();
  });

  it('leaves every one before it as it was', () => {
    const first: ReadonlyMap<string, number> = new Map([['a', 1]]);
    const all = [added(first, 'b', 2)];
    for (const [key, value] of ADDITIONS) all.push(added(all.at(-1) ?? first, key, value));
    expect([...first]).toEqual([['a', 1]]);
    expect([...(all[0] ?? [])]).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    const half = [...(all[700] ?? [])];
    const [one, other] = ['x', 'y'].map((key) => added(all[700] ?? first, key, 0));
    expect([...(one ?? [])]).toEqual([...half, ['x', 0]]);
    expect([...(other ?? [])]).toEqual([...half, ['y', 0]]);
    expect([...(all[700] ?? [])]).toEqual(half);
  });
});

/** Entries that are put into maps while something runs: what copying costs, whatever the machine is busy with. */
function copied(run: () => unknown): number {
  const plain = Object.getOwnPropertyDescriptor(Map.prototype, 'set');
  if (plain === undefined) throw new Error('maps have no set');
  let count = 0;
  const counted = function (this: Map<unknown, unknown>, ...entry: readonly unknown[]): unknown {
    count += 1;
    return Reflect.apply(plain.value, this, entry);
  };
  Object.defineProperty(Map.prototype, 'set', { ...plain, value: counted });
  try {
    run();
  } finally {
    Object.defineProperty(Map.prototype, 'set', plain);
  }
  return count;
}

it('a journal of ten thousand facts folds without copying all of its steps with each', () => {
  const workers = Array.from({ length: 720 }, (_, at) => `worker-${at}`);
  const story = aRollout({ workers }).planned().started();
  const ungated = lanesOf(story.plan).filter(({ gate }) => gate === null);
  for (const { id } of ungated.flatMap(({ steps }) => steps)) {
    story.append({ kind: 'step-begun', step: id, evidence: {}, by: 'w1' });
    story.append({ kind: 'step-ended', step: id, result: {} });
  }
  const facts = story.entries.length;
  expect(facts).toBeGreaterThan(10_000);
  expect(copied(() => fold(story.entries))).toBeLessThan(facts * 400);
});
