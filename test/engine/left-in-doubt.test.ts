// A restart in doubt outlives its rollout: the next one knows that its node may still go, or is not back.
import { describe, expect, it } from 'vitest';
import { upgradedByHand } from './doubted.ts';
import { aborted, later, restartLost } from './left-armed.ts';
import { aSmallScene, type Scene } from './scene.ts';

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

function blockersOf({ rollout }: Scene): readonly unknown[] {
  return rollout.findings.filter(({ level }) => level === 'blocker');
}
