// The proof of a departure is about this moment: what takes long between it and the call makes it ask again.
import { expect, it } from 'vitest';
import type { Machines } from '../../src/engine/ports/machines.ts';
import { withMachines } from './machines-between.ts';
import { aSmallScene, type Scene } from './scene.ts';

const SLOW_MS = 20_000;

/** The look at cp-1 that captures the evidence for its restart takes that long, and something happens meanwhile. */
function slowToTell(scene: Scene, meanwhile: () => void): Scene {
  const address = scene.house.world.machine('cp-1').node.address;
  let looks = 0;
  const answering =
    (machines: Machines): Machines['look'] =>
    async (asked, options) => {
      const survey = options?.avoid !== undefined;
      if (asked === address && !survey && options?.route === undefined && handedOver(scene)) looks += 1;
      // The first one observes whether it is so already.
      if (looks === 2) {
        looks += 1;
        meanwhile();
        await scene.house.time.engineClock().sleep(SLOW_MS);
      }
      return await machines.look(asked, options);
    };
  return withMachines(scene, (machines) => ({ look: answering(machines) }));
}

/** The step before the restart is over: what is looked at now is for the restart. */
function handedOver({ rollout }: Scene): boolean {
  return [...rollout.steps].some(([id, { state }]) => id.endsWith('cp-1-forfeit') && state === 'ended');
}

it('a peer that goes while the evidence is captured stops the departure', async () => {
  const scene = aSmallScene();
  slowToTell(scene, () => scene.house.world.inject('node-down', { node: 'cp-3' }));
  await scene.plays();
  expect(scene.phase).toMatchObject({ phase: 'held', held: { kind: 'failed', node: 'cp-1' } });
  expect(scene.counted('reboots')).toMatchObject({ 'cp-1': 0 });
  expect(scene.audit.broken).toEqual([]);
});

it('a slow answer alone stops nobody', async () => {
  const scene = slowToTell(aSmallScene(), () => undefined);
  await scene.plays();
  expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
  expect(scene.counted('reboots')).toMatchObject({ 'cp-1': 1 });
});
