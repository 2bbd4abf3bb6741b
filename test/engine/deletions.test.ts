// How long a pod that is being deleted has left: by the clock of who looks, whatever the API server's mark says.
import { expect, it } from 'vitest';
import type { PodSeen } from '../../src/engine/ports/workloads.ts';
import { Deletions } from '../../src/engine/steps/deletions.ts';

const POD: PodSeen = {
  ...{ namespace: 'shop', name: 'web-1', uid: 'web-1', node: 'w-1', phase: 'Running', ready: true },
  ...{ ownerKind: 'ReplicaSet', workload: 'shop/ReplicaSet web', waiting: null, mirror: false },
  ...{ emptyDir: false, labels: {}, claims: [], finalizers: [], deletingAt: 7, graceMs: 30_000 },
  toleratesCordon: false,
};

/** Looks at the pod at these moments, in milliseconds; how long it is overdue at the last of them. */
function overdueMs(
  pod: PodSeen,
  looks: readonly number[],
  asked: readonly string[] = [],
): readonly (number | null)[] {
  let now = 0;
  const deletions = new Deletions({ monotonic: () => now }, { asked, marginMs: 60_000 });
  return looks.map((at) => {
    now = at;
    deletions.look([pod]);
    return deletions.overdueMs(pod);
  });
}

it.each<readonly [string, Partial<PodSeen>, readonly string[], readonly (number | null)[]]>([
  ['has its grace from the first look', {}, [], [-30_000, -10_000, 10_000]],
  [
    'has it also when its mark is of another day',
    { deletingAt: -86_400_000 },
    [],
    [-30_000, -10_000, 10_000],
  ],
  ['has none when it was given none', { graceMs: 0 }, [], [0, 20_000, 40_000]],
  ['is past its time and the margin when people are asked so', {}, ['web-1'], [60_000, 80_000, 100_000]],
  ['has its grace when they are asked about another', {}, ['web-2'], [-30_000, -10_000, 10_000]],
  ['has no time to be past when nobody deletes it', { deletingAt: null }, ['web-1'], [null, null, null]],
])('a pod %s', (_what, pod, asked, overdue) => {
  expect(overdueMs({ ...POD, ...pod }, [1_000, 21_000, 41_000], asked)).toEqual(overdue);
});

it('a pod whose grace was cut short has no more than that', () => {
  let now = 0;
  const deletions = new Deletions({ monotonic: () => now }, { asked: [], marginMs: 60_000 });
  deletions.look([POD]);
  now = 10_000;
  const cut = { ...POD, graceMs: 2_000 };
  deletions.look([cut]);
  expect(deletions.overdueMs(cut)).toBe(8_000);
});

it('one that nobody looked at before has all of its grace', () => {
  const deletions = new Deletions({ monotonic: () => 5_000 }, { asked: [], marginMs: 60_000 });
  expect(deletions.overdueMs(POD)).toBe(-30_000);
});
