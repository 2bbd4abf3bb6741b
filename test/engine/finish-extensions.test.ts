import { describe, expect, it } from 'vitest';
import type { Goal } from '../../src/rollout/goal.ts';
import { aSmallScene, type Scene } from './scene.ts';

const GUEST_AGENT = 'ce4c980550dd2ab1b17bbf2b08801c7eb59418eafe8f279833297925d67c7515';
const CHANGE: Goal = {
  kind: 'upgrade-talos',
  version: 'v1.13.4',
  staged: true,
  schematic: { kind: 'change', add: ['iscsi-tools'], remove: ['qemu-guest-agent'] },
};

function later(after: Scene, goal: Goal, id = 'r2'): Scene {
  for (const process of after.house.living) process.kill();
  const scene = aSmallScene({ after, goal, id });
  scene.start();
  return scene;
}

describe('finish of a node armed with other extensions of the same version', () => {
  it.each(['finish-node', 'disarm-node'] as const)('%s restarts it', async (kind) => {
    const before = aSmallScene({ goal: CHANGE, world: { schematic: GUEST_AGENT } });
    before.start();
    await before.untilGate('w-1');
    await before.says({ kind: 'abort' });
    await before.until(({ phase }) => phase.phase === 'finished');
    const _was = before.house.world.machine('w-1').schematic;
    const scene = later(before, { kind, node: 'w-1' });
    await scene.plays();
      JSON.stringify(scene.counted('reboots')), JSON.stringify(scene.counted('rollbacks')), JSON.stringify(scene.facts('step-ended').filter(({step}) => /reboot|return|rollback/.test(step))));
    const again = later(scene, { kind: 'finish-node', node: 'w-1' }, 'r3');
    await again.plays();
    if (kind === 'finish-node') expect(scene.counted('reboots')['w-1']).toBe(1);
    else expect(scene.counted('rollbacks')['w-1']).toBe(1);
  });
});
