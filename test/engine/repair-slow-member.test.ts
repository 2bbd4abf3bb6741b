// Five control-plane nodes, one to be rolled back, and another one whose machine is up while its etcd is down: three of five are a quorum.
import { expect, it } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import { withMachines } from './machines-between.ts';
import { aSmallScene } from './scene.ts';

/** Just above the limit of one question about etcd: Talos waits for a member that does not run as long as its caller does. */
const SILENT_MS = 3_005;
const FROM = 'v1.13.4';
const IMAGE = { ref: 'ghcr.io/siderolabs/installer:v1.13.5', place: 'system' } as const;

/** cp-5 runs what is to be rolled back, and neither its etcd nor that of cp-4 does. */
async function aSickScene() {
  const goal = { kind: 'rollback-node', node: 'cp-5' } as const;
  const scene = aSmallScene({ goal, world: { controlPlanes: 5, workers: 0, talosVersion: FROM } });
  const { world, time } = scene.house;
  const machine = world.machine('cp-5');
  void machine.pull(IMAGE).then(() => machine.install(IMAGE));
  await time.runUntil(() => machine.armed, 10_000);
  machine.reboot();
  await time.advance(8_000);
  world.etcd.stop('cp-4');
  world.etcd.stop('cp-5');
  return scene;
}

it.each([
  ['at once', 0],
  ['when the time for a question is over, as Talos does', SILENT_MS],
])('a sick node is rolled back when another member is told to be down %s', async (_when, waitMs) => {
  const scene = await aSickScene();
  const { world, time } = scene.house;
  withMachines(scene, (machines) => ({
    etcd: async (address, options) => {
      const name = world.find(address)?.node.name ?? '';
      if (world.etcd.member(name)?.up === true) return machines.etcd(address, options);
      await time.engineClock().sleep(waitMs, options?.signal);
      throw new Fault('unreachable', `etcd of ${name} gave no answer`, { code: 'DEADLINE_EXCEEDED' });
    },
  }));
  await scene.plays();
  expect(scene.counted('rollbacks')).toMatchObject({ 'cp-5': 1 });
  expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'rolled-back' });
  expect(scene.audit.broken).toEqual([]);
});
