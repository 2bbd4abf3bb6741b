import { expect, it } from 'vitest';
import type { Goal } from '../../src/rollout/goal.ts';
import { aSmallScene, type Scene } from './scene.ts';

const STAGED: Goal = { kind: 'upgrade-talos', version: 'v1.13.5', staged: true };
function later(after: Scene, goal: Goal, id = 'r2'): Scene {
  for (const process of after.house.living) process.kill();
  const scene = aSmallScene({ after, goal, id });
  return scene;
}
it('a node whose restart never arrived is armed, and can be disarmed as the advice says', async () => {
  const before = aSmallScene({ goal: STAGED });
  before.start();
  await before.untilGate('w-1');
  before.house.world.inject('lost-call', { node: 'w-1', method: 'Reboot' });
  await before.until(({ phase }) => phase.phase === 'held');
  await before.says({ kind: 'abort' });
  await before.until(({ phase }) => phase.phase === 'finished');
  await before.house.time.advance(200_000);
  const up = later(before, { kind: 'upgrade-talos', version: 'v1.13.5' }, 'r2');
  up.start();
  await up.plays();
  const scene = later(up, { kind: 'disarm-node', node: 'w-1' }, 'r3');
  scene.start();
  await scene.plays();
  expect(scene.phase).toMatchObject({ outcome: 'disarmed' });
});
it('a disarm in doubt that flipped the entry and did not restart is not flipped back by Retry', async () => {
  const before = aSmallScene({ goal: STAGED });
  before.start();
  await before.untilGate('w-1');
  await before.says({ kind: 'abort' });
  await before.until(({ phase }) => phase.phase === 'finished');
  const scene = later(before, { kind: 'disarm-node', node: 'w-1' }, 'r2');
  scene.house.world.inject('lost-call', { node: 'w-1', method: 'Rollback' });
  scene.start();
  await scene.plays();
  // what the call did before the machine's reboot sequence failed to begin
  (scene.house.world.machine('w-1') as any).parts.bootloader?.rollback?.();
});
