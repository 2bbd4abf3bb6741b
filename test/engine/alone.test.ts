// One control-plane node, played: etcd and the Kubernetes API go away with it, and nothing goes without a young copy of etcd.
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { Goal } from '../../src/rollout/goal.ts';
import { crashing } from './crash.ts';
import { aStartedLoneScene, copies, intact } from './lone.ts';
import { idle, REQUESTER, willing } from './scene.ts';

const HOUR_MS = 3_600_000;

describe('a cluster with one control-plane node', () => {
  it.each([
    ['1+2', 2, 'v1.13.4', 'v1.13.5', false],
    ['1+0', 0, 'v1.13.4', 'v1.13.5', false],
    ['1+0, staged', 0, 'v1.13.4', 'v1.13.5', true],
    ['1+2 up to 1.12', 2, 'v1.12.4', 'v1.12.6', false],
    ['1+0 up to 1.12', 0, 'v1.12.4', 'v1.12.6', false],
    ['1+0 up to 1.12, staged', 0, 'v1.12.4', 'v1.12.6', true],
  ])('is upgraded: %s', async (_what, workers, talosVersion, version, staged) => {
    for (const guarded of [false, true]) {
      const goal: Goal = { kind: 'upgrade-talos', version, ...(staged ? { staged: true } : {}) };
      const scene = aStartedLoneScene({ goal, guarded, world: { workers, talosVersion } });
      await scene.plays();
      expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
      expect(new Set(Object.values(scene.versions()))).toEqual(new Set([version]));
      expect(scene.counted('reboots')['cp-1']).toBe(1);
      expect(copies(scene)).toBe(1);
      intact(scene);
    }
  });

  it('truly loses etcd and the Kubernetes API meanwhile, and waits for both', async () => {
    const scene = aStartedLoneScene({ world: { workers: 0, rebootMs: 8_000 } });
    await scene.untilStep('cp-1', 'reboot', 'step-begun');
    const { world, objects } = scene.house;
    await scene.until(() => !world.etcd.hasQuorum() && !objects.apiUp);
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(objects.apiUp).toBe(true);
    intact(scene);
  });

  it('says on the card what it costs, and that the copy comes after the approval', async () => {
    const scene = aStartedLoneScene();
    await scene.untilGate('cp-1');
    expect(copies(scene)).toBe(0);
    expect(scene.facts('gate-opened')[0]?.proof).toMatchObject({
      kind: 'outage',
      voters: 1,
      votersLeft: 0,
      sentence: expect.stringContaining('After the approval etcd is copied'),
    });
  });

  it('hands its leadership to nobody', async () => {
    const scene = await aStartedLoneScene().plays();
    expect(scene.audit.effects.some(({ name }) => name.startsWith('forfeit'))).toBe(false);
  });

  it('alone is neither cordoned nor drained', async () => {
    const scene = await aStartedLoneScene({ world: { workers: 0 } }).plays();
    expect(scene.audit.effects.filter(({ name }) => /^(cordon|uncordon|evict)/.test(name))).toEqual([]);
    expect(scene.house.objects.actsOn('cp-1').evictions).toBe(0);
  });

  it('is held when it does not come back in its time, and goes on when it has', async () => {
    const scene = aStartedLoneScene({ world: { workers: 0 } });
    await scene.untilStep('cp-1', 'reboot', 'step-begun');
    scene.house.world.inject('slow-boot', { node: 'cp-1', ms: 60_000 });
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held' });
    scene.people = (rollout) =>
      rollout.phase.phase === 'held' ? { intent: { kind: 'retry' }, user: REQUESTER } : willing(rollout);
    await scene.until(({ phase }) => phase.phase === 'finished');
    expect(scene.counted('reboots')['cp-1']).toBe(1);
    intact(scene);
  });
});

describe('the copy of the only member', () => {
  it('is taken again when it grew old before the restart', async () => {
    const scene = aStartedLoneScene({ world: { workers: 0 } });
    await scene.untilStep('cp-1', 'install', 'step-begun');
    await scene.says({ kind: 'pause' });
    await scene.until(({ phase }) => phase.phase === 'paused');
    await scene.house.time.advance(HOUR_MS + 60_000);
    await scene.says({ kind: 'resume' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(scene.facts('step-outdated')).toMatchObject([{ step: scene.step('cp-1', 'snapshot').id }]);
    expect(copies(scene)).toBe(2);
    expect(scene.counted('installs')['cp-1']).toBe(1);
    intact(scene);
  });

  it('is taken again by whoever goes on after a long absence of everybody', async () => {
    const scene = aStartedLoneScene({ world: { workers: 0 } });
    const killed = (): boolean => scene.house.living.length === 0;
    scene.tap({
      after: () => {
        if (
          scene.audit.effects.at(-1)?.name !== 'append step-ended 02-cp-1-install' ||
          scene.house.time.now() > diesBy
        )
          return;
        for (const process of scene.house.living) process.kill();
      },
    });
    const diesBy = scene.house.time.now() + HOUR_MS;
    await scene.until(killed);
    await scene.house.time.advance(3 * HOUR_MS);
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(copies(scene)).toBe(2);
    intact(scene);
  });

  it('that fails holds the node before anything is changed; "retry" takes it once the archive is well', async () => {
    const scene = aStartedLoneScene({ world: { workers: 0 } });
    scene.house.archive.trouble = new Fault('refused', 'the disk of the archive is full');
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { subject: scene.step('cp-1', 'snapshot').id, why: expect.stringContaining('full') },
    });
    expect(scene.counted('installs')['cp-1']).toBe(0);
    scene.house.archive.trouble = null;
    await scene.says({ kind: 'retry' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    intact(scene);
  });

  it('is no way round: without an archive nothing is even proposed', async () => {
    const scene = await aStartedLoneScene({ archived: false }).plays();
    expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'blocked' });
    expect(scene.rollout.findings).toContainEqual(
      expect.objectContaining({ check: 'etcd-copy', level: 'blocker' }),
    );
  });
});

describe('the only member ailing', () => {
  it('keeps the card away until it is well', async () => {
    const scene = aStartedLoneScene({ world: { workers: 0 } });
    scene.people = idle;
    await scene.asks();
    await scene.until(({ phase }) => phase.phase === 'proposed');
    scene.house.world.inject('etcd-alarm', { node: 'cp-1' });
    scene.people = willing;
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', held: { kind: 'withheld' } });
    expect(scene.facts('gate-opened')).toEqual([]);
    scene.house.world.heal();
    await scene.says({ kind: 'retry' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    intact(scene);
  });

  it('between the click and the restart keeps it from leaving', async () => {
    const scene = aStartedLoneScene({ world: { workers: 0 } });
    await scene.untilStep('cp-1', 'install', 'step-begun');
    scene.house.world.inject('etcd-alarm', { node: 'cp-1' });
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { why: expect.stringContaining('alarm') },
    });
    expect(scene.counted('reboots')['cp-1']).toBe(0);
    scene.house.world.heal();
    await scene.says({ kind: 'retry' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    intact(scene);
  });
});

describe('a process killed while the only control-plane node is away', () => {
  it('is succeeded by one that finds everything silent and waits', async () => {
    const scene = aStartedLoneScene({ world: { workers: 0, rebootMs: 8_000 } });
    await scene.untilStep('cp-1', 'reboot', 'step-begun');
    scene.tap(crashing(scene, { at: scene.audit.effects.length + 1, when: 'after' }));
    await scene.plays();
    expect(scene.counted('reboots')['cp-1']).toBe(1);
    intact(scene);
  });
});
