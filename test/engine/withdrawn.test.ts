// A departing call that provably never left: begun again a few times, then held, and no reason to hold whoever does not want it any more.
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import { withMachines } from './machines-between.ts';
import { aSmallScene, type Scene, type SceneOptions, willing } from './scene.ts';

/** So often no restart of that node leaves, as it has no way to it; how often it was tried. */
function withoutWay(scene: Scene, node: string, times: { left: number }): () => number {
  const { address } = scene.house.world.machine(node).node;
  let tries = 0;
  withMachines(scene, (machines) => ({
    reboot: async (asked, mode, may) => {
      if (asked !== address) return machines.reboot(asked, mode, may);
      tries += 1;
      if (times.left === 0) return machines.reboot(asked, mode, may);
      times.left -= 1;
      await scene.house.time.engineClock().sleep(1_000);
      return { kind: 'withdrawn', fault: new Fault('unreachable', 'there is no way to it') };
    },
  }));
  return () => tries;
}

const CP_FIRST: SceneOptions = { policy: { order: 'control-plane-first' } };

describe('a restart that never left', () => {
  it('is held after five tries, and gets as many again from a person', async () => {
    const scene = aSmallScene(CP_FIRST);
    const times = { left: 5 };
    const tries = withoutWay(scene, 'cp-1', times);
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', held: { kind: 'failed', node: 'cp-1' } });
    expect(tries()).toBe(5);
    times.left = 4;
    await scene.says({ kind: 'retry' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    expect(tries()).toBe(10);
    expect(scene.counted('reboots')['cp-1']).toBe(1);
  });

  it.each(['cp-1', 'w-1'])('of %s holds nobody who ends the rollout during the last try', async (node) => {
    const scene = aSmallScene();
    const tries = withoutWay(scene, node, { left: Number.POSITIVE_INFINITY });
    scene.people = (rollout) => {
      const { phase } = rollout;
      const isMoving = phase.phase === 'running' && phase.halt === null;
      return tries() === 5 && isMoving ? { intent: { kind: 'abort' }, user: rollout.user } : willing(rollout);
    };
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'aborted' });
    expect(scene.house.objects.isCordoned(node)).toBe(false);
    expect(scene.counted('reboots')[node]).toBe(0);
  });
});
