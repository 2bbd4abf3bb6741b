import { expect, it } from 'vitest';
import { aScene } from './scene.ts';

it('a worker that somebody upgraded further during a soak is not taken back to the older version', async () => {
  const scene = aScene({
    world: { workers: 3 },
    policy: { order: 'canary', soak: { workersMs: 0, canaryMs: 3_600_000, stagesMs: 0 } } as any,
  });
  scene.start();
  await scene.untilStep('w-1', 'uncordon', 'step-ended');
  await scene.house.time.advance(60_000);
  scene.house.world.inject('upgrade-by-human', { node: 'w-2', version: 'v1.13.7' });
  await scene.house.time.advance(300_000);
  await scene.until(
    ({ phase }) => phase.phase === 'held' || phase.phase === 'finished' || phase.phase === 'at-gate',
  );
  expect(scene.versions()['w-2']).toBe('v1.13.7');
});
