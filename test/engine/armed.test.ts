// A node that somebody else installed and did not restart: a second installation would destroy its way back (talos-api.md 9.32).
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import { withMachines } from './machines-between.ts';
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

  it('is not installed again when that happened while its image was pulled once more', async () => {
    const scene = aSmallScene();
    let pulledAgain = 0;
    withMachines(scene, (machines) => ({
      pull: async (address, ...asked) => {
        const pulled = await machines.pull(address, ...asked);
        const isDrained = (scene.rollout.begins.get(scene.step('w-1', 'drain').id) ?? 0) > 0;
        if (isDrained && address === scene.house.world.machine('w-1').node.address) {
          pulledAgain += 1;
          const machine = scene.house.world.machine('w-1');
          void machine
            .pull({ ref: REF, place: 'system' })
            .then(() => machine.install({ ref: REF, place: 'system' }));
          await scene.house.time.engineClock().sleep(60_000);
        }
        return pulled;
      },
    }));
    await scene.plays();
    expect(pulledAgain).toBe(1);
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { kind: 'failed', node: 'w-1', why: expect.stringContaining('restart it first') },
    });
    expect(scene.counted('installs')['w-1']).toBe(1);
  });

  it('is not installed again after a later installation failed there: the first one still waits for its boot', async () => {
    const scene = aSmallScene();
    await armedByHand(scene, 'w-1');
    const machine = scene.house.world.machine('w-1');
    scene.house.world.inject('installer-exits-nonzero', { node: 'w-1' });
    let exitCode: number | null = null;
    void machine.install({ ref: REF, place: 'system' }).then((given) => {
      exitCode = given;
    });
    await scene.house.time.runUntil(() => exitCode !== null, 10_000);
    expect(exitCode).not.toBe(0);
    const before = scene.counted('installs')['w-1'];
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { kind: 'failed', node: 'w-1', why: expect.stringContaining('restart it first') },
    });
    expect(scene.counted('installs')['w-1']).toBe(before);
  });

  it.each([
    ['in the boot of a doubted installation that failed', false],
    ['in a boot after a doubted installation', true],
  ])('is not installed again when it was armed %s', async (_when, restarts) => {
    let blind = true;
    const scene = withMachines(aSmallScene(), (machines) => ({
      install: async () => ({ kind: 'lost', fault: new Fault('unreachable', 'nobody answers') }),
      installOutcome: async (address, sinceMs) => {
        if (blind) return { kind: 'unknown' };
        return sinceMs > 0 ? { kind: 'failed', exitCode: 4 } : machines.installOutcome(address, sinceMs);
      },
    }));
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', held: { kind: 'doubted', node: 'w-1' } });
    if (restarts) {
      scene.house.world.inject('reboot-by-human', { node: 'w-1' });
      await scene.house.time.advance(10_000);
    }
    await armedByHand(scene, 'w-1');
    blind = false;
    await scene.says({ kind: 'retry' });
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { kind: 'failed', node: 'w-1', why: expect.stringContaining('restart it first') },
    });
    const { id } = scene.step('w-1', 'install');
    expect(scene.rollout.begins.get(id)).toBe(1);
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
