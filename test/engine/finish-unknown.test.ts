import { expect, it } from 'vitest';
import type { Goal } from '../../src/rollout/goal.ts';
import { aSmallScene, type Scene } from './scene.ts';

const STAGED: Goal = { kind: 'upgrade-talos', version: 'v1.13.5', staged: true };
function later(after: Scene, goal: Goal, id = 'r2'): Scene {
  for (const process of after.house.living) process.kill();
  const scene = aSmallScene({ after, goal, id });
  return scene;
}
it('an installation nobody saw end stays unknown, also when its finish was lost on the way', async () => {
  const before = aSmallScene({ goal: STAGED, policy: { limits: { installMs: 2_000 } } });
  before.start();
  await before.until(({ plan }) => plan !== null);
  before.house.world.inject('lost-call', { node: 'w-1', method: 'Upgrade' });
  await before.until(({ phase }) => phase.phase === 'held');
  await before.says({ kind: 'abort' });
  await before.until(({ phase }) => phase.phase === 'finished');
  const finishing = later(before, { kind: 'finish-node', node: 'w-1' });
  finishing.house.world.inject('lost-call', { node: 'w-1', method: 'Reboot' });
  finishing.start();
  await finishing.plays();
  await finishing.says({ kind: 'abort' });
  await finishing.until(({ phase }) => phase.phase === 'finished');
  await finishing.house.time.advance(200_000);
  const up = later(finishing, { kind: 'upgrade-talos', version: 'v1.13.5' }, 'r3');
  up.start();
  await up.plays();
  const said = up
    .facts('declined')[0]
    ?.findings.filter(({ check, subject }) => /armed|doubt/.test(check) && subject === 'w-1');
  const again = later(up, { kind: 'finish-node', node: 'w-1' }, 'r4');
  again.start();
  await again.plays();
  expect(JSON.stringify(said)).not.toContain('disarm');
});
