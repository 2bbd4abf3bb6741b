// Departures that were sent, happened too late for their limit, and are therefore held in doubt.
import { expect } from 'vitest';
import { aSmallScene, type Scene } from './scene.ts';

/** A departure that was sent and did happen, but only after its limit, so that it is held in doubt. */
export async function doubtedThatHappened(
  kind: 'reboot' | 'rollback',
  goal: 'upgrade' | 'rollback',
): Promise<Scene> {
  const scene = aSmallScene(goal === 'rollback' ? { goal: { kind: 'rollback-node', node: 'w-1' } } : {});
  if (goal === 'rollback') await upgradedByHand(scene, 'w-1');
  scene.start();
  await scene.until(({ plan }) => plan !== null);
  scene.house.world.inject('slow-boot', { node: 'w-1', ms: 60_000 });
  await scene.untilStep('w-1', kind, 'step-doubted');
  scene.house.world.heal();
  await scene.house.time.advance(70_000);
  return scene;
}

export function happenedOnce(scene: Scene, kind: 'reboot' | 'rollback'): void {
  scene.audit.close();
  expect(scene.audit.broken).toEqual([]);
  expect(scene.phase).toMatchObject({ outcome: kind === 'reboot' ? 'upgraded' : 'rolled-back' });
  expect(scene.counted(kind === 'reboot' ? 'reboots' : 'rollbacks')).toMatchObject({ 'w-1': 1 });
  expect(scene.versions()['w-1']).toBe(kind === 'reboot' ? 'v1.13.5' : 'v1.13.4');
}

/** A node that somebody upgraded before, so that it has another boot entry to go back to. */
export async function upgradedByHand(scene: Scene, node: string): Promise<void> {
  const machine = scene.house.world.machine(node);
  const ref = 'ghcr.io/siderolabs/installer:v1.13.5';
  void machine.pull({ ref, place: 'system' }).then(() => machine.install({ ref, place: 'system' }));
  await scene.house.time.runUntil(() => machine.armed, 10_000);
  machine.reboot();
  await scene.house.time.advance(5_000);
}
