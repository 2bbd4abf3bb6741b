import { expect, it } from 'vitest';
import { aScene } from './scene.ts';

it('a worker does not go while a control-plane node that this rollout restarted is down again', async () => {
  const scene = aScene({ world: { workers: 2 }, policy: { order: 'control-plane-first' } as any });
  scene.start();
  await scene.until((_r) =>
    ['cp-1', 'cp-2', 'cp-3'].every((n) =>
      scene.facts('step-ended').some(({ step }) => step.endsWith(`${n}-uncordon`)),
    ),
  );
  scene.house.world.inject('node-down', { node: 'cp-2' });
  await scene.until(({ phase }) => phase.phase === 'held' || phase.phase === 'finished');
  expect(scene.audit.broken).toEqual([]);
});
