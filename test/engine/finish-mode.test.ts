import { expect, it } from 'vitest';
import type { Goal } from '../../src/rollout/goal.ts';
import { aSmallScene, type Scene } from './scene.ts';

it('a finish restarts as the policy says', async () => {
  const goal: Goal = { kind: 'upgrade-talos', version: 'v1.13.5', staged: true };
  const before = aSmallScene({ goal, policy: { rebootMode: 'powercycle' } });
  before.start();
  await before.untilGate('w-1');
  await before.says({ kind: 'abort' });
  await before.until(({ phase }) => phase.phase === 'finished');
  for (const process of before.house.living) process.kill();
  const modes: unknown[] = [];
  const scene: Scene = aSmallScene({ after: before, goal: { kind: 'finish-node', node: 'w-1' }, id: 'r2' });
  scene.tap({
    before: ({ method, args }) => {
      if (method === 'reboot') modes.push(args[1]);
    },
  });
  scene.start();
  await scene.plays();
  expect(modes).toEqual(['powercycle']);
});
