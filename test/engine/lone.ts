// The smallest cluster that can be upgraded node by node: for what does not depend on how many the control plane has.
import { aSmallScene, type Scene, type SceneOptions } from './scene.ts';

/** Its nodes. */
export const LONE = ['cp-1', 'w-1'];

/** One control-plane node, whose etcd is copied in its own lane, and one worker; etcd and the Kubernetes API go away with the one. */
export function aLoneScene({ world, ...others }: SceneOptions = {}): Scene {
  return aSmallScene({ archived: true, ...others, world: { controlPlanes: 1, ...world } });
}
