// How often a pod that stays is asked about: less and less often, and never before the server's own time.
import { expect, it } from 'vitest';
import type { Clock } from '../../src/engine/ports/clock.ts';
import type { EvictAnswer, PodSeen } from '../../src/engine/ports/workloads.ts';
import { Evictions } from '../../src/engine/steps/evictions.ts';

const POD: PodSeen = {
  ...{ namespace: 'shop', name: 'web-1', uid: 'web-1', node: 'w-1', phase: 'Running', ready: true },
  ...{ ownerKind: 'ReplicaSet', workload: 'shop/ReplicaSet web', waiting: null, mirror: false },
  ...{ emptyDir: false, labels: {}, claims: [], finalizers: [], deletingAt: null, graceMs: 30_000 },
  toleratesCordon: false,
};

/** Asked every 100 ms for so long, hurried each time: the moments at which it was asked, in milliseconds. */
async function askedAt(answer: EvictAnswer, untilMs: number): Promise<readonly number[]> {
  const asked: number[] = [];
  let now = 0;
  const clock: Clock = { now: () => now, monotonic: () => now, sleep: async () => undefined };
  const heard = async (): Promise<EvictAnswer> => {
    asked.push(now);
    return answer;
  };
  const evictions = new Evictions({ evict: heard, remove: heard }, clock);
  for (; now <= untilMs; now += 100) {
    await evictions.ask([POD], [], new AbortController().signal);
    evictions.hurry(POD.uid);
  }
  return asked;
}

it.each<readonly [string, number, readonly number[]]>([
  ['the server’s own time is kept, though its budget lets it go by now', 10_000, [0, 10_000, 20_000]],
  ['a hurry is no more than once a second', 0, [0, 1_000, 2_000, 3_000]],
])('%s', async (_what, retryAfterMs, moments) => {
  const answer = { kind: 'blocked', cause: 'budget', why: 'because', retryAfterMs } as const;
  expect(await askedAt(answer, moments.at(-1) ?? 0)).toEqual(moments);
});

it.each(['before', 'while'])('nobody is waited for when it is over %s they are asked', async (when) => {
  const asked: string[] = [];
  const over = new AbortController();
  const silent = ({ uid }: PodSeen): Promise<EvictAnswer> => {
    asked.push(uid);
    over.abort();
    return new Promise(() => undefined);
  };
  const clock: Clock = { now: () => 0, monotonic: () => 0, sleep: async () => undefined };
  const evictions = new Evictions({ evict: silent, remove: silent }, clock);
  if (when === 'before') over.abort();
  const pods = Array.from({ length: 30 }, (_, index) => ({ ...POD, uid: `web-${index}` }));
  expect(await evictions.ask(pods, [], over.signal)).toEqual([]);
  expect(asked).toHaveLength(when === 'before' ? 0 : 1);
});
