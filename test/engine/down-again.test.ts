import { expect, it } from 'vitest';
import { aScene } from './scene.ts';

it('the next worker does not go while one that this rollout upgraded is down again', async () => {
  const scene = aScene({ world: { workers: 3 } });
  scene.start();
  await scene.untilStep('w-1', 'uncordon', 'step-ended');
  scene.house.world.inject('node-down', { node: 'w-1' });
  await scene.until((r) => r.phase.phase !== 'running');
  expect(scene.versions()['w-2']).toBe('v1.13.4');
});
