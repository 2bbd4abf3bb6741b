// A restart in doubt outlives its rollout: the next one knows that its node may still go, or is not back.
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import { restartsUnseen } from '../../src/rollout/rollout.ts';
import { upgradedByHand } from './doubted.ts';
import { aborted, later, restartLost } from './left-armed.ts';
import { withMachines } from './machines-between.ts';
import { aSmallScene, type Scene, type SceneOptions } from './scene.ts';

/** Far longer than a lost call may be under way. */
const HOUR_MS = 3_600_000;

describe('a control-plane restart in doubt, given up,', () => {
  it('keeps the next rollout from every other node while the lost call may still arrive', async () => {
    const scene = later(await restartLost('cp-1'), { kind: 'finish-node', node: 'cp-2' });
    await scene.until(({ phase }) => phase.phase === 'finished');
    expect(blockersOf(scene)).toMatchObject([{ check: 'machine-in-doubt', subject: 'cp-1' }]);
    expect(scene.counted('reboots')).toMatchObject({ 'cp-1': 0, 'cp-2': 0 });
  });

  it('does so no longer once no call can be under way and its node is whole', async () => {
    const before = await restartLost('cp-1');
    await before.house.time.advance(HOUR_MS);
    const scene = later(before, { kind: 'finish-node', node: 'cp-2' });
    await scene.until(({ phase }) => phase.phase === 'finished');
    expect(scene.counted('reboots')).toMatchObject({ 'cp-1': 0, 'cp-2': 1 });
  });

  it.each([
    ['cp-2', 5],
    ['w-1', 3],
  ] as const)(
    'keeps %s of %i control-plane nodes from being rolled back while its node is not back',
    async (node, controlPlanes) => {
      const before = aSmallScene({
        world: { controlPlanes, workers: 1 },
        policy: { order: 'control-plane-first' },
      });
      await upgradedByHand(before, node);
      before.start();
      await before.untilGate('cp-1');
      before.house.world.inject('slow-boot', { node: 'cp-1', ms: 2 * HOUR_MS });
      await before.until(({ phase }) => phase.phase === 'held');
      expect(before.phase).toMatchObject({ held: { kind: 'doubted', node: 'cp-1' } });
      await aborted(before);
      await before.house.time.advance(HOUR_MS);
      const scene = later(before, { kind: 'rollback-node', node });
      await scene.until(({ phase }) => phase.phase === 'finished' || phase.phase === 'held');
      expect(blockersOf(scene)).toContainEqual(
        expect.objectContaining({ check: 'node-away', subject: 'cp-1' }),
      );
      expect(scene.counted('rollbacks')).toMatchObject({ [node]: 0 });
    },
  );
});

/** The first restart is lost and may have arrived; what becomes of every later one. */
function lostThen(then: 'withdrawn' | 'refused', options: SceneOptions): Scene {
  const fault = new Fault('unreachable', 'nobody answered');
  let calls = 0;
  return withMachines(aSmallScene(options), () => ({
    reboot: async () => {
      calls += 1;
      return { kind: calls === 1 ? 'lost' : then, fault };
    },
  }));
}

describe('a restart in doubt whose later tries', () => {
  it.each([
    ['never left', 'withdrawn'],
    ['were refused', 'refused'],
  ] as const)('%s stays in doubt, and its worker is not left behind', async (_how, then) => {
    const scene = lostThen(then, { world: { workers: 2 } });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', held: { kind: 'doubted', node: 'w-1' } });
    await scene.says({ kind: 'retry' });
    await scene.until(({ phase }) => phase.phase === 'held');
    expect(scene.phase).toMatchObject({ held: { kind: 'failed', node: 'w-1' } });
    expect(restartsUnseen(scene.rollout)).toEqual(['w-1']);
    expect(await scene.says({ kind: 'skip' })).toMatchObject({ kind: 'refusal' });
  });

  it.each(['withdrawn', 'refused'] as const)(
    'were %s keeps the next rollout from every other node',
    async (then) => {
      const before = lostThen(then, { policy: { order: 'control-plane-first' } });
      await before.plays();
      expect(before.phase).toMatchObject({ phase: 'held', held: { kind: 'doubted', node: 'cp-1' } });
      await before.says({ kind: 'retry' });
      await before.until(({ phase }) => phase.phase === 'held');
      await aborted(before);
      const scene = later(before, { kind: 'upgrade-talos', version: 'v1.13.5' });
      await scene.until(({ phase }) => phase.phase === 'finished');
      expect(blockersOf(scene)).toContainEqual(
        expect.objectContaining({ check: 'machine-in-doubt', subject: 'cp-1' }),
      );
    },
  );
});

function blockersOf({ rollout }: Scene): readonly unknown[] {
  return rollout.findings.filter(({ level }) => level === 'blocker');
}
