// Staged upgrades that were given up, which leave nodes installed and not restarted, and the rollouts that come after them.
import type { Goal } from '../../src/rollout/goal.ts';
import { aSmallScene, type Scene, type SceneOptions } from './scene.ts';

export const STAGED: Goal = { kind: 'upgrade-talos', version: 'v1.13.5', staged: true };

/** A staged upgrade that was given up: every node is armed. */
export async function givenUp(options: SceneOptions = {}): Promise<Scene> {
  const scene = aSmallScene({ goal: STAGED, ...options });
  scene.start();
  await scene.untilGate('w-1');
  return aborted(scene);
}

/** A staged upgrade that was given up because nobody saw its installation on w-1 end. */
export async function givenUpUnseen(how: 'still-running' | 'never-arrived'): Promise<Scene> {
  const scene = aSmallScene({ goal: STAGED, policy: { limits: { installMs: 2_000 } } });
  const { world } = scene.house;
  scene.start();
  await scene.until(({ plan }) => plan !== null);
  if (how === 'still-running') world.inject('slow-install', { node: 'w-1', ms: 60_000 });
  world.inject(how === 'still-running' ? 'lost-reply' : 'lost-call', { node: 'w-1', method: 'Upgrade' });
  await scene.until(({ phase }) => phase.phase === 'held');
  return aborted(scene);
}

/** A staged upgrade that was given up because its restart of this node was lost on its way. */
export async function restartLost(node = 'w-1'): Promise<Scene> {
  const scene = aSmallScene({ goal: STAGED });
  scene.start();
  await scene.untilGate(node);
  scene.house.world.inject('lost-call', { node, method: 'Reboot' });
  await scene.until(({ phase }) => phase.phase === 'held');
  return aborted(scene);
}

export async function aborted(scene: Scene): Promise<Scene> {
  await scene.says({ kind: 'abort' });
  return scene.until(({ phase }) => phase.phase === 'finished');
}

/** The same cluster, asked by another rollout and driven by a new process. */
export function later(after: Scene, goal: Goal, id = 'r2'): Scene {
  for (const process of after.house.living) process.kill();
  const scene = aSmallScene({ after, goal, id });
  scene.start();
  return scene;
}
