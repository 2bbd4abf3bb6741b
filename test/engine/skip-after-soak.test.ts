import { it } from 'vitest';
import { aScene } from './scene.ts';

// control-plane-first: a control-plane node falls ill in its soak; one operator's Skip goes on to the workers
it('a soak that found a control-plane node ill is not skipped by one word', async () => {
  const scene = aScene({
    world: { workers: 2 },
    policy: {
      order: 'control-plane-first',
      soak: { workersMs: 0, canaryMs: 0, stagesMs: 600_000 },
      limits: { proveMs: 10_000 },
    } as any,
  });
  scene.start();
  await scene.until((_r) =>
    ['cp-1', 'cp-2', 'cp-3'].every((n) =>
      scene.facts('step-ended').some(({ step }) => step.endsWith(`${n}-uncordon`)),
    ),
  );
  scene.house.world.inject('node-down', { node: 'cp-2' });
  await scene.until(({ phase }) => phase.phase === 'held' || phase.phase === 'finished');
  await scene.until((r) => r.phase.phase === 'held' || r.phase.phase === 'finished');
});
