// A pod whose owner puts it on the cordoned node again: a drain would never end, so people are asked, and may restart the node with it.
import { describe, expect, it } from 'vitest';
import { blockedDrains } from '../../src/rollout/blockade.ts';
import { APPROVER, aSmallScene, REQUESTER, type Scene, type SceneOptions } from './scene.ts';

const OSD = 'storage/ReplicaSet osd';

const LONG: SceneOptions = { policy: { limits: { drainMs: 300_000 } } };

async function asked(): Promise<Scene> {
  const scene = aSmallScene(LONG);
  scene.house.world.inject('pod-returns', { node: 'w-1' });
  scene.start();
  return scene.until(
    ({ phase }) =>
      scene.facts('drain-blocked').length > 0 || phase.phase === 'held' || phase.phase === 'at-gate',
  );
}

const drainOf = (scene: Scene): string => scene.step('w-1', 'drain').id;
const evictions = (scene: Scene): number => scene.house.objects.actsOn('w-1').evictions;

const leaves = async (scene: Scene): Promise<void> => {
  for (const user of [REQUESTER, APPROVER])
    await scene.says({ kind: 'drain', step: drainOf(scene), choice: 'leave' }, user);
};

function wellEnded(scene: Scene): void {
  scene.audit.close();
  expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
  expect(scene.audit.broken).toEqual([]);
}

describe('a pod that comes back to the cordoned node', () => {
  it('is asked about once it has come back twice, with its owner and what lets it', async () => {
    const scene = await asked();
    expect(scene.facts('drain-blocked')[0]?.blockers).toEqual([
      expect.objectContaining({
        ...{ namespace: 'storage', workload: OSD, cause: 'comes-back' },
        why: 'it tolerates the cordon, so its owner may put it on w-1 again',
      }),
    ]);
  });

  it('is sent away ever less often, and nobody is asked again about the next one', async () => {
    const scene = await asked();
    const before = evictions(scene);
    await scene.house.time.advance(200_000);
    expect(evictions(scene) - before).toBeGreaterThan(2);
    expect(evictions(scene) - before).toBeLessThan(10);
    expect(scene.facts('drain-blocked')).toHaveLength(1);
    expect(scene.facts('drain-cleared')).toEqual([]);
  });

  it('is no longer asked about when its owner lets it be', async () => {
    const scene = await asked();
    scene.house.world.heal();
    await scene.plays();
    expect(blockedDrains(scene.rollout)).toEqual([]);
    expect(scene.facts('drain-decided')).toEqual([]);
    wellEnded(scene);
  });

  it('is left to the restart by two people, whichever pod it is by then', async () => {
    const scene = await asked();
    const before = scene.facts('step-outdated').length;
    const shown = scene.facts('drain-blocked')[0]?.blockers.map(({ uid }) => uid) ?? [];
    await scene.house.time.advance(20_000);
    await leaves(scene);
    expect(scene.facts('drain-decided')).toMatchObject([{ choice: 'leave', pods: shown, workloads: [OSD] }]);
    await scene.plays();
    // Right before the restart it is there again, and is left as agreed.
    expect(scene.facts('step-outdated')).toHaveLength(before);
    expect(scene.counted('reboots')).toMatchObject({ 'w-1': 1 });
    wellEnded(scene);
  });

  it('is not evicted any more once it is left', async () => {
    const scene = await asked();
    await leaves(scene);
    const before = evictions(scene);
    await scene.untilStep('w-1', 'reboot', 'step-begun');
    expect(evictions(scene)).toBe(before);
  });

  it('is not left by one person alone, and force would change nothing', async () => {
    const scene = await asked();
    await scene.says({ kind: 'drain', step: drainOf(scene), choice: 'leave' }, APPROVER);
    await scene.house.time.advance(5_000);
    expect(scene.facts('drain-decided')).toEqual([]);
    expect(
      await scene.says({ kind: 'drain', step: drainOf(scene), choice: 'force' }, APPROVER),
    ).toMatchObject({
      kind: 'refusal',
      sentence: expect.stringContaining('come back'),
    });
  });

  it('stays asked about when the process that asked dies', async () => {
    const scene = await asked();
    scene.house.living[0]?.kill();
    scene.start();
    await scene.house.time.advance(60_000);
    expect(scene.facts('drain-blocked')).toHaveLength(1);
    expect(scene.facts('drain-cleared')).toEqual([]);
    await leaves(scene);
    await scene.plays();
    wellEnded(scene);
  });
});

it('one that came back once is evicted again, and nobody is asked', async () => {
  const scene = aSmallScene(LONG);
  scene.house.world.inject('pod-returns', { node: 'w-1' });
  scene.tap({
    after: ({ method }) => {
      if (method === 'evict' && evictions(scene) === 2) scene.house.world.heal();
    },
  });
  await scene.plays();
  expect(evictions(scene)).toBe(2);
  expect(scene.facts('drain-blocked')).toEqual([]);
  wellEnded(scene);
});
