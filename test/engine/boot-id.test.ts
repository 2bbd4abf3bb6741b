// A role that may not know which boot a machine is in: nothing that restarts it is sent, and a boot not told is no other boot.
import { describe, expect, it } from 'vitest';
import { upgradedByHand } from './doubted.ts';
import { withMachines } from './machines-between.ts';
import { aSmallScene, type Scene, type SceneOptions } from './scene.ts';

const LEGACY: SceneOptions = {
  goal: { kind: 'upgrade-talos', version: 'v1.12.9' },
  world: { talosVersion: 'v1.11.5' },
};
const ROLLBACK: SceneOptions = { goal: { kind: 'rollback-node', node: 'w-1' } };

/** As the real adapter looks at a machine of which our role may read neither the resource nor the file. */
function untold(scene: Scene, hidden: () => boolean): Scene {
  return withMachines(scene, (machines) => ({
    look: async (address, options) => {
      const machine = await machines.look(address, options);
      return hidden() ? { ...machine, bootId: '' } : machine;
    },
  }));
}

describe('a machine that tells our role no boot id', () => {
  it.each([
    { what: 'an installation', options: {} },
    { what: 'a legacy upgrade', options: LEGACY },
    { what: 'a rollback', options: ROLLBACK },
  ])('is not changed by $what: nobody could say whether it restarted', async ({ options }) => {
    const scene = aSmallScene(options);
    if (options === ROLLBACK) await upgradedByHand(scene, 'w-1');
    const before = scene.counted('reboots')['w-1'];
    untold(scene, () => scene.rollout.plan !== null);
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { kind: 'failed', node: 'w-1', why: expect.stringContaining('which boot it is in') },
    });
    expect(scene.counted('reboots')['w-1']).toBe(before);
    expect(scene.counted('installs')['w-1']).toBe(options === ROLLBACK ? 1 : 0);
    for (const what of ['rollbacks', 'legacyUpgrades'] as const)
      expect(scene.counted(what)).toMatchObject({ 'w-1': 0 });
  });

  it('is not restarted when only the restart is left to do', async () => {
    const scene = aSmallScene();
    untold(scene, () => scene.counted('installs')['w-1'] === 1);
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', held: { kind: 'failed', node: 'w-1' } });
    expect(scene.counted('reboots')).toMatchObject({ 'w-1': 0 });
  });

  it('is not taken for restarted when it stops telling after the call', async () => {
    const scene = aSmallScene();
    let hidden = false;
    untold(scene, () => hidden);
    scene.start();
    await scene.untilStep('w-1', 'reboot', 'step-begun');
    hidden = true;
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', held: { kind: 'doubted', node: 'w-1' } });
  });
});
