// A cluster with one control-plane node, played: for the tests of what is asked of it alone.
import { expect } from 'vitest';
import { LITTLE_WORK } from './little-work.ts';
import { aScene, type Scene, type SceneOptions } from './scene.ts';

/** One control-plane node and two workers with an archive, unless said otherwise. */
export function aLoneScene(options: SceneOptions = {}): Scene {
  const scene = aScene({
    workloads: LITTLE_WORK,
    archived: true,
    ...options,
    world: { controlPlanes: 1, workers: 2, ...options.world },
  });
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
