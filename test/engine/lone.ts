// The smallest cluster that can be upgraded node by node: for what does not depend on how many the control plane has.
import { expect } from 'vitest';
import { aSmallScene, type Scene, type SceneOptions } from './scene.ts';

/** Its nodes. */
export const LONE = ['cp-1', 'w-1'];

/** One control-plane node, whose etcd is copied in its own lane, and one worker; etcd and the Kubernetes API go away with the one. */
export function aLoneScene({ world, ...others }: SceneOptions = {}): Scene {
  return aSmallScene({ archived: true, ...others, world: { controlPlanes: 1, ...world } });
}

/** The same with two workers, unless said otherwise, and a process that has begun to work. */
export function aStartedLoneScene(options: SceneOptions = {}): Scene {
  const scene = aLoneScene({ ...options, world: { workers: 2, ...options.world } });
  scene.start();
  return scene;
}

export function copies({ house }: Scene): number {
  return house.world.counters.of('cp-1').snapshots;
}

export function intact(scene: Scene): void {
  scene.audit.close();
  expect(scene.audit.broken).toEqual([]);
}
