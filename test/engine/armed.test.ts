// A node that somebody else installed and did not restart: a second installation would destroy its way back (talos-api.md 9.32).
import { describe, expect, it } from 'vitest';
import { aSmallScene, type Scene } from './scene.ts';

const REF = 'ghcr.io/siderolabs/installer:v1.13.5';

/** Somebody with another tool installs, and leaves the restart for later. */
async function armedByHand(scene: Scene, node: string): Promise<void> {
  const machine = scene.house.world.machine(node);
  void machine.pull({ ref: REF, place: 'system' }).then(() => machine.install({ ref: REF, place: 'system' }));
  await scene.house.time.runUntil(() => machine.armed, 10_000);
}

describe('a node that is armed by another hand', () => {
  it('is not installed again, and the rollout is held with what to do', async () => {
    const scene = aSmallScene();
    await armedByHand(scene, 'w-1');
    const before = scene.counted('installs')['w-1'];
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { kind: 'failed', node: 'w-1', why: expect.stringContaining('restart it first') },
    });
    expect(scene.counted('installs')['w-1']).toBe(before);
  });

  it('needs no second installation once somebody restarted it', async () => {
    const scene = aSmallScene();
    await armedByHand(scene, 'w-1');
    const before = scene.counted('installs')['w-1'];
    await scene.plays();
    scene.house.world.inject('reboot-by-human', { node: 'w-1' });
    await scene.house.time.advance(5_000);
    await scene.says({ kind: 'retry' });
    await scene.untilStep('w-1', 'install', 'step-ended');
    const { id } = scene.step('w-1', 'install');
    expect(scene.facts('step-ended').find(({ step }) => step === id)?.result).toEqual({
      alreadyRuns: 'v1.13.5',
    });
    expect(scene.counted('installs')['w-1']).toBe(before);
  });
});
