// Who comes back to a cordoned node, how often, and when it is sent away again.
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/engine/ports/clock.ts';
import type { PodSeen } from '../../src/engine/ports/workloads.ts';
import { Comebacks, type Known } from '../../src/engine/steps/comebacks.ts';

const aPod = (uid: string, changed: Partial<PodSeen> = {}): PodSeen => ({
  ...{
    namespace: 'shop',
    name: uid,
    uid,
    node: 'w-1',
    phase: 'Running',
    ready: true,
    ownerKind: 'ReplicaSet',
  },
  ...{
    workload: 'shop/ReplicaSet web',
    waiting: null,
    mirror: false,
    emptyDir: false,
    labels: {},
    claims: [],
  },
  ...{ finalizers: [], deletingAt: null, graceMs: 30_000, toleratesCordon: true },
  ...changed,
});

function started(known: Partial<Known> = {}) {
  let now = 0;
  const clock: Clock = { now: () => now, monotonic: () => now, sleep: async () => undefined };
  return {
    comebacks: new Comebacks(clock, { outdated: 0, asked: [], habitMs: 60_000, ...known }),
    later: (ms: number): void => {
      now += ms;
    },
  };
}

describe('a pod counts as come back', () => {
  it.each<readonly [string, number, (comebacks: Comebacks) => void]>([
    [
      'never when it was there from the beginning',
      0,
      (comebacks) => {
        comebacks.look([aPod('a'), aPod('b')]);
        comebacks.sent([aPod('a')]);
        comebacks.look([aPod('b')]);
      },
    ],
    [
      'never when its owner had none sent away',
      0,
      (comebacks) => {
        comebacks.look([aPod('a')]);
        comebacks.look([aPod('a'), aPod('b')]);
      },
    ],
    [
      'never for another owner’s',
      0,
      (comebacks) => {
        comebacks.look([aPod('x', { workload: 'shop/ReplicaSet cache' })]);
        comebacks.sent([aPod('x', { workload: 'shop/ReplicaSet cache' })]);
        comebacks.look([aPod('a')]);
      },
    ],
    [
      'when it is another one of an owner whose pod was sent away',
      1,
      (comebacks) => {
        comebacks.look([aPod('a')]);
        comebacks.sent([aPod('a')]);
        comebacks.look([aPod('b')]);
      },
    ],
    [
      'once with those that come back together',
      1,
      (comebacks) => {
        comebacks.look([aPod('a'), aPod('b')]);
        comebacks.sent([aPod('a'), aPod('b')]);
        comebacks.look([aPod('c'), aPod('d')]);
        comebacks.look([aPod('c'), aPod('d'), aPod('e')]);
      },
    ],
  ])('%s', (_what, times, happens) => {
    const { comebacks } = started();
    happens(comebacks);
    expect(comebacks.returns(aPod('a'))).toBe(times);
    expect(comebacks.isHabit(aPod('a'))).toBe(times > 1);
  });

  it.each<readonly [string, Partial<Known>, Partial<PodSeen>, number]>([
    ['as often as the drain was done again, when it tolerates the cordon', { outdated: 2 }, {}, 2],
    ['once then, when somebody may have uncordoned the node', { outdated: 2 }, { toleratesCordon: false }, 1],
    ['for good when people are asked about its owner', { asked: ['shop/ReplicaSet web'] }, {}, 2],
  ])('%s', (_what, known, pod, times) => {
    const { comebacks } = started(known);
    comebacks.look([aPod('a', pod)]);
    expect(comebacks.returns(aPod('a', pod))).toBe(times);
    // It was not sent away by this process yet.
    expect(comebacks.isDue(aPod('a', pod))).toBe(true);
  });
});

it('is sent away again after twice the time each time, up to five minutes', () => {
  const { comebacks, later } = started();
  const waits = Array.from({ length: 11 }, (_, life) => {
    const pod = aPod(`life-${life}`);
    comebacks.look([pod]);
    let ms = 0;
    for (; !comebacks.isDue(pod); ms += 1_000) later(1_000);
    comebacks.sent([pod]);
    return ms / 1_000;
  });
  expect(waits).toEqual([0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 300]);
});

it.each<readonly [string, number, number]>([
  ['one that never came back', 0, 0],
  ['one that came back once', 1, 5_000],
  ['one that always comes back', 2, 60_000],
])('%s is looked out for after its end for so long', (_what, times, ms) => {
  const { comebacks, later } = started();
  for (let life = 0; life <= times; life += 1) {
    comebacks.look([aPod(`life-${life}`)]);
    comebacks.sent([aPod(`life-${life}`)]);
  }
  expect(comebacks.absent([aPod('here')])).toEqual([]);
  for (const [afterMs, names] of [
    [ms - 1, times === 0 ? [] : [`life-${times}`]],
    [1, []],
  ] as const) {
    later(Math.max(0, afterMs));
    comebacks.look([]);
    expect(comebacks.absent([]).map(({ name }) => name)).toEqual(names);
  }
});
