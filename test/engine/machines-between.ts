// Something that hears or answers calls to the machines, between every process of a scene and the simulated world.
import type { Machines } from '../../src/engine/ports/machines.ts';
import type { Scene } from './scene.ts';

/** Machines whose calls are heard or answered by the test before, or instead of, the simulated ones. */
export function withMachines(scene: Scene, change: (machines: Machines) => Partial<Machines>): Scene {
  return scene.between((ports) => ({
    ...ports,
    machines: { ...ports.machines, ...change(ports.machines) },
  }));
}
