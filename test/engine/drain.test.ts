// Emptying a node through budgets, and judging what comes back from a restart.
import { describe, expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { aScene, aSmallScene, type Scene } from './scene.ts';

function wellEnded(scene: Scene): void {
  scene.audit.close();
  expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
  expect(scene.audit.broken).toEqual([]);
}

const evictionsOf = (scene: Scene, node: string): number =>
  scene.audit.effects.filter(({ name }) => name === `evict ${node}`).length;

describe('a drain', () => {
  it('waits for a budget, asks it less and less often, and goes on when it lets go', async () => {
    const scene = aScene({ policy: { limits: { drainMs: 120_000 } } });
    scene.house.world.inject('pdb-blocks');
    scene.start();
    await scene.untilStep('w-1', 'drain', 'step-begun');
    const before = evictionsOf(scene, 'w-1');
    await scene.house.time.advance(20_000);
    const asked = evictionsOf(scene, 'w-1') - before;
    // Asked every poll it would be a hundred times per pod; doubling from a second it is five.
    expect(asked).toBeLessThanOrEqual(20);
    const notes = await scene.house.journal.notes(CLUSTER, scene.id);
    expect(notes['w-1']?.sentence).toContain('disruption budget');
    scene.house.world.heal();
    await scene.plays();
    expect(scene.facts('step-failed')).toEqual([]);
    wellEnded(scene);
  });

  it('no longer tells of a budget when Kubernetes does not answer any more', async () => {
    const scene = aScene({ policy: { limits: { drainMs: 120_000 } } });
    scene.house.world.inject('pdb-blocks');
    scene.start();
    await scene.untilStep('w-1', 'drain', 'step-begun');
    await scene.house.time.advance(5_000);
    scene.house.world.inject('kubernetes-away');
    await scene.house.time.advance(20_000);
    const notes = await scene.house.journal.notes(CLUSTER, scene.id);
    expect(notes['w-1']?.sentence).toMatch(/^waiting for an answer/);
  });

  it('is held at its limit with the budget’s own words; a retry gets the whole time again', async () => {
    const scene = aScene();
    scene.house.world.inject('pdb-blocks');
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { kind: 'failed', why: expect.stringContaining('The disruption budget') },
    });
    await scene.says({ kind: 'retry' });
    await scene.untilStep('w-1', 'drain', 'step-begun');
    await scene.house.time.advance(10_000);
    scene.house.world.heal();
    await scene.plays();
    expect(scene.facts('step-failed')).toHaveLength(1);
    wellEnded(scene);
  });

  it('whose pods took nearly all of its time ends at its limit with the volumes that are still attached', async () => {
    const scene = aScene({ policy: { limits: { drainMs: 60_000 } } });
    scene.house.world.inject('pod-slow', { node: 'w-1', ms: 50_000, grace: 55 });
    scene.house.world.inject('volume-attached', { node: 'w-1' });
    scene.start();
    await scene.untilStep('w-1', 'drain', 'step-ended');
    expect(scene.facts('step-failed')).toEqual([]);
    const ended = scene.facts('step-ended').find(({ step }) => step === scene.step('w-1', 'drain').id);
    expect(ended?.result['attached']).toEqual(expect.stringContaining('pvc'));
  });

  it('does not wait for an eviction that will never be allowed', async () => {
    const scene = aScene();
    scene.house.objects.addBudget({
      namespace: 'shop',
      name: 'second',
      app: 'web',
      limits: { maxUnavailable: 3 },
    });
    await scene.plays();
    expect(scene.phase).toMatchObject({
      held: {
        kind: 'failed',
        why: expect.stringMatching(/refuses an eviction for good: shop\/web-.* more than one/),
      },
    });
    const [begun, failed] = ['step-begun', 'step-failed'].map((kind) =>
      scene.audit.entries.findLast(({ event }) => event.kind === kind),
    );
    expect((failed?.at ?? 0) - (begun?.at ?? 0)).toBeLessThan(1_000);
  });

  it('leaves daemons and static pods alone', async () => {
    const scene = aSmallScene();
    await scene.plays();
    expect(evictionsOf(scene, 'cp-1')).toBe(0);
    expect(evictionsOf(scene, 'w-1')).toBeGreaterThan(0);
    wellEnded(scene);
  });
});

describe('a node that comes back', () => {
  it('is not said to be left as it is when the worker died right after it was put back', async () => {
    const scene = aSmallScene();
    let isKilled = false;
    scene.tap({
      after: ({ method, owner }) => {
        if (method !== 'uncordon' || isKilled) return;
        isKilled = true;
        for (const process of scene.house.living) if (process.owner === owner) process.kill();
        scene.house.time.after(200, () => void scene.start());
      },
    });
    await scene.plays();
    expect(isKilled).toBe(true);
    const uncordoned = scene
      .facts('step-ended')
      .find(({ step }) => step === scene.step('w-1', 'uncordon').id);
    expect(uncordoned?.result).toEqual({ restored: 'schedulable' });
  });

  const tooMuch = { policy: { limits: { returnMs: 8_000 } } } as const;

  it('with the old version, where one call installs and restarts, was perhaps never installed', async () => {
    const goal = { kind: 'upgrade-talos', version: 'v1.12.6' } as const;
    const scene = aSmallScene({ goal, world: { talosVersion: 'v1.12.4' } });
    scene.house.world.inject('falls-back', { node: 'w-1' });
    await scene.plays();
    const why = expect.stringContaining(
      'the new system was not installed, or did not boot and Talos fell back',
    );
    expect(scene.phase).toMatchObject({ held: { kind: 'failed', node: 'w-1', why } });
  });

  it('with the old version is held: Talos fell back', async () => {
    const scene = aSmallScene();
    scene.house.world.inject('falls-back', { node: 'w-1' });
    await scene.plays();
    expect(scene.phase).toMatchObject({
      held: {
        kind: 'failed',
        node: 'w-1',
        why: expect.stringContaining(': the new system did not boot and Talos fell back'),
      },
    });
    expect(scene.counted('reboots')).toMatchObject({ 'cp-1': 0, 'cp-2': 0, 'cp-3': 0 });
  });

  it('in maintenance mode is held at once, and says so', async () => {
    const scene = aSmallScene();
    scene.house.world.inject('maintenance', { node: 'w-1' });
    await scene.plays();
    expect(scene.phase).toMatchObject({
      held: { kind: 'failed', node: 'w-1', why: expect.stringContaining('maintenance mode') },
    });
    expect(scene.counted('reboots')).toMatchObject({ 'w-1': 1, 'cp-1': 0 });
  });

  it('in maintenance mode is held again by an early retry, and goes on once it has its configuration back', async () => {
    const scene = aSmallScene();
    scene.house.world.inject('maintenance', { node: 'w-1' });
    await scene.plays();
    await scene.says({ kind: 'retry' });
    await scene.plays();
    expect(scene.phase).toMatchObject({
      held: { node: 'w-1', why: expect.stringMatching(/maintenance mode.*then retry/) },
    });
    scene.house.world.heal();
    await scene.house.time.advance(5_000);
    await scene.says({ kind: 'retry' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    expect(scene.counted('reboots')).toMatchObject({ 'w-1': 1, 'cp-1': 1 });
  });

  it('and never gets ready is held with what it waits for, and goes on once it is', async () => {
    const scene = aSmallScene(tooMuch);
    scene.house.world.inject('never-ready', { node: 'w-1' });
    await scene.plays();
    expect(scene.phase).toMatchObject({
      held: { kind: 'failed', why: expect.stringMatching(/not ready.*services/) },
    });
    scene.house.world.heal();
    await scene.house.time.advance(5_000);
    await scene.says({ kind: 'retry' });
    await scene.plays();
    expect(scene.counted('reboots')).toMatchObject({ 'w-1': 1 });
    wellEnded(scene);
  });

  it('and is not Ready in Kubernetes is not back', async () => {
    const scene = aSmallScene(tooMuch);
    scene.start();
    await scene.untilStep('w-1', 'reboot', 'step-begun');
    scene.house.world.inject('not-ready', { node: 'w-1' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ held: { kind: 'failed', node: 'w-1' } });
    scene.house.world.heal();
    await scene.says({ kind: 'retry' });
    await scene.plays();
    wellEnded(scene);
  });

  it('as an etcd learner is not back', async () => {
    const scene = aSmallScene(tooMuch);
    scene.start();
    await scene.until(({ phase }) => phase.phase === 'at-gate');
    const node = scene.phase.phase === 'at-gate' ? scene.phase.gate.replace('gate:', '') : '';
    await scene.untilStep(node, 'reboot', 'step-begun');
    scene.house.world.inject('etcd-learner', { node });
    await scene.plays();
    expect(scene.phase).toMatchObject({
      held: { kind: 'failed', node, why: expect.stringContaining('learner') },
    });
    scene.house.world.heal();
    await scene.says({ kind: 'retry' });
    await scene.plays();
    wellEnded(scene);
  });

  it('with a version nobody asked for is held with both versions', async () => {
    const scene = aSmallScene();
    scene.start();
    await scene.untilStep('w-1', 'reboot', 'step-begun');
    const { state } = scene.house.world.machine('w-1').parts;
    const entries = state.bootloader.entries.map((entry) => ({ ...entry, version: 'v1.13.3' }));
    state.bootloader = { ...state.bootloader, entries };
    await scene.plays();
    expect(scene.phase).toMatchObject({
      held: { kind: 'failed', why: 'w-1 came back with v1.13.3, not with v1.13.5.' },
    });
  });
});

describe('a legacy upgrade whose installer fails', () => {
  it('shows only as a node that came back with the old version', async () => {
    const scene = aSmallScene({
      goal: { kind: 'upgrade-talos', version: 'v1.12.6' },
      world: { talosVersion: 'v1.12.4' },
    });
    scene.house.world.inject('installer-exits-nonzero', { node: 'w-1' });
    await scene.plays();
    expect(scene.phase).toMatchObject({
      held: { kind: 'failed', node: 'w-1', why: expect.stringContaining('v1.12.4') },
    });
  });
});
