import { expect, it } from 'vitest';
import type { Goal } from '../../src/rollout/goal.ts';
import { aSmallScene, type Scene } from './scene.ts';

const STAGED: Goal = { kind: 'upgrade-talos', version: 'v1.13.5', staged: true };
function later(after: Scene, goal: Goal, id = 'r2'): Scene {
  for (const process of after.house.living) process.kill();
  const scene = aSmallScene({ after, goal, id });
  return scene;
}
it('a finish never restarts a machine under its running installer', async () => {
  const before = aSmallScene({ goal: STAGED, policy: { limits: { installMs: 2_000 } } });
  before.start();
  await before.until(({ plan }) => plan !== null);
  before.house.world.inject('slow-install', { node: 'w-1', ms: 60_000 });
  before.house.world.inject('lost-reply', { node: 'w-1', method: 'Upgrade' });
  await before.until(({ phase }) => phase.phase === 'held');
  await before.says({ kind: 'abort' });
  await before.until(({ phase }) => phase.phase === 'finished');
  const scene = later(before, { kind: 'finish-node', node: 'w-1' });
  const under: boolean[] = [];
  scene.tap({
    before: ({ method }) => {
      if (method === 'reboot') under.push((scene.house.world.machine('w-1') as any).parts.state.installing);
    },
  });
  scene.start();
  const _began = scene.house.time.now();
  await scene.plays();
  const _at =
    scene.audit.entries.find(({ event }) => event.kind === 'step-begun' && event.step.endsWith('reboot'))
      ?.at ?? 0;
  const _sent =
    before.audit.entries.find(({ event }) => event.kind === 'step-begun' && event.step.endsWith('install'))
      ?.at ?? 0;
  expect(under).not.toContain(true);
});
