import { expect, it } from 'vitest';
import { reverted } from '../../playground/world/bootloader.ts';
import type { Goal } from '../../src/rollout/goal.ts';
import { aSmallScene, REQUESTER, type Scene } from './scene.ts';

const STAGED: Goal = { kind: 'upgrade-talos', version: 'v1.13.5', staged: true };
function later(after: Scene, goal: Goal, id = 'r2'): Scene {
  for (const process of after.house.living) process.kill();
  return aSmallScene({ after, goal, id });
}
it('a disarm in doubt that flipped the entry and did not restart is not flipped back by Retry', async () => {
  const before = aSmallScene({ goal: STAGED });
  before.start();
  await before.untilGate('w-1');
  await before.says({ kind: 'abort' });
  await before.until(({ phase }) => phase.phase === 'finished');
  const scene = later(before, { kind: 'disarm-node', node: 'w-1' });
  scene.house.world.inject('lost-call', { node: 'w-1', method: 'Rollback' });
  scene.start();
  await scene.plays();
  // Rollback flips at once and restarts afterwards: here its restart failed, and its reply was lost.
  const { state } = (scene.house.world.machine('w-1') as any).parts;
  state.bootloader = reverted(state.bootloader);
  await scene.says({ kind: 'retry' }, REQUESTER);
  await scene.until(({ phase }) => phase.phase === 'held' || phase.phase === 'finished');
  expect(scene.versions()['w-1']).toBe('v1.13.4');
});
