// Talos's upgrade mutex on the other ways: the legacy path, where the node takes it itself; while nobody acts; and in a repair.
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import { MUTEX_TTL_MS } from '../../src/engine/ports/upgrade-mutex.ts';
import { begins, begunOf, guarded, LEGACY, watchedActs, wellEnded } from './guarded.ts';
import { APPROVER, type Scene } from './scene.ts';

describe('on the legacy path the mutex', () => {
  it('is given back right before the call, for the node to take it, and taken again after the ack', async () => {
    const scene = guarded({ ...LEGACY, world: { ...LEGACY.world, rebootMs: 12_000 } });
    const { mutex, time } = scene.house;
    const acts = watchedActs(scene, ['cordon', 'forfeitLeadership']);
    const atCall: (string | null)[] = [];
    scene.tap({
      before: ({ method, args: [address] }) => {
        const node = scene.house.world.find(String(address))?.node;
        if (method !== 'upgradeLegacy' || node?.role !== 'control-plane') return;
        atCall.push(mutex.owner);
        // As the node does: it has it for as long as it checks etcd.
        const free = mutex.seize(node.name);
        time.after(1_000, free);
      },
    });
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(atCall).toEqual([null, null, null]);
    expect(acts.filter((act) => !act.endsWith(': worker-1'))).toEqual([]);
    const owners = mutex.told.map(({ owner }) => owner).filter((owner) => owner !== null);
    expect(owners).toEqual(['cp-1', 'cp-2', 'cp-3'].flatMap((node) => ['worker-1', node, 'worker-1']));
    wellEnded(scene);
  });

  it('may stay with a node of old Talos until it restarts: the step waits for nothing', async () => {
    const scene = guarded(LEGACY);
    const { mutex, time } = scene.house;
    scene.tap({
      before: ({ method, args: [address] }) => {
        const node = scene.house.world.find(String(address))?.node;
        if (method === 'upgradeLegacy' && node?.role === 'control-plane')
          time.after(MUTEX_TTL_MS, mutex.seize(node.name));
      },
    });
    await scene.plays();
    expect(scene.facts('step-failed').filter(({ step }) => step.includes('cp-1'))).toEqual([]);
    expect(scene.counted('legacyUpgrades')).toMatchObject({ 'cp-1': 1 });
  });

  it('is left alone while a call whose reply was lost may still want it', async () => {
    const scene = guarded({ ...LEGACY, world: { ...LEGACY.world, rebootMs: 12_000 } });
    scene.house.world.inject('lost-reply', { node: 'cp-1', method: 'Upgrade' });
    const held: (string | null)[] = [];
    scene.start();
    await scene.untilStep('cp-1', 'upgrade-legacy', 'step-begun');
    await scene.until(() => {
      held.push(scene.house.mutex.owner);
      return scene.facts('step-ended').some(({ step }) => step.endsWith('cp-1-upgrade-legacy'));
    });
    // Given back before the call, and not taken before the restart was seen: at that moment the next step takes it.
    expect(held.length).toBeGreaterThan(20);
    expect(new Set(held.slice(1, -1))).toEqual(new Set([null]));
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    wellEnded(scene);
  });

  it('keeps the call back while it cannot be given back: the node would be refused it', async () => {
    const scene = guarded(LEGACY);
    const { mutex, time } = scene.house;
    let once = true;
    scene.tap({
      after: ({ method, args: [request] }) => {
        if (!once || method !== 'append' || !begins(request, 'cp-1-upgrade-legacy')) return;
        once = false;
        mutex.trouble = new Fault('unreachable', 'etcd on cp-2 refuses connections.');
        time.after(3_000, () => {
          mutex.trouble = null;
        });
      },
    });
    await scene.plays();
    expect(scene.facts('step-withdrawn').map(({ why }) => why)[0]).toBe(
      "Talos's upgrade mutex could not be given back, and cp-1 would be refused it: etcd on cp-2 refuses connections.",
    );
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(scene.counted('legacyUpgrades')).toMatchObject({ 'cp-1': 1 });
  });
});

describe('while nobody acts the mutex is free', () => {
  it('while the next node is still being proved', async () => {
    const scene = guarded();
    scene.start();
    await scene.untilStep('cp-1', 'return', 'step-begun');
    scene.house.world.inject('etcd-alarm', { node: 'cp-3' });
    await scene.untilStep('cp-1', 'uncordon', 'step-ended');
    await scene.house.time.advance(2_000);
    expect(scene.phase).toMatchObject({ phase: 'running' });
    expect(scene.house.mutex.owner).toBeNull();
  });

  it('when the rollout is paused in the middle of a node, and taken again when it goes on', async () => {
    const scene = guarded();
    scene.start();
    await scene.untilStep('cp-1', 'drain', 'step-begun');
    await scene.says({ kind: 'pause' });
    await scene.until(({ phase }) => phase.phase === 'paused');
    await scene.house.time.advance(1_000);
    expect(scene.house.mutex.owner).toBeNull();
    await scene.says({ kind: 'resume' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    wellEnded(scene);
  });

  it.each(['held', 'aborted'] as const)('when it is %s', async (how) => {
    const scene = guarded();
    scene.house.world.inject('installer-exits-nonzero', { node: 'cp-1' });
    const atLetGo: (string | null)[] = [];
    scene.tap({
      before: ({ method }) => {
        if (method === 'letGo') atLetGo.push(scene.house.mutex.owner);
      },
    });
    await scene.plays();
    // Before the lease is given back: whoever drives next finds the mutex free.
    expect(new Set(atLetGo)).toEqual(new Set([null]));
    expect(scene.phase).toMatchObject({ phase: 'held', held: { node: 'cp-1' } });
    await scene.house.time.advance(1_000);
    if (how === 'aborted') {
      await scene.says({ kind: 'abort' }, APPROVER);
      await scene.until(({ phase }) => phase.phase === 'finished');
    }
    expect(scene.house.mutex.owner).toBeNull();
    expect(begunOf(scene, 'cp-1')['install']).toHaveProperty('mutex');
  });
});

describe('the repair of a control-plane node', () => {
  const ROLLBACK = { goal: { kind: 'rollback-node', node: 'cp-2' } } as const;

  it('holds it like an upgrade does', async () => {
    const scene = guarded(ROLLBACK);
    await armedBack(scene);
    const acts = watchedActs(scene, ['rollback']);
    await scene.plays();
    expect(acts).toEqual(['rollback cp-2: worker-1']);
    expect(begunOf(scene, 'cp-2')['rollback']?.['mutex']).toMatch(/^694d/);
    wellEnded(scene);
  });

  it('goes on without it when etcd does not answer, and writes that down', async () => {
    const scene = guarded(ROLLBACK);
    await armedBack(scene);
    scene.house.mutex.trouble = new Fault('unreachable', 'etcd on cp-1 refuses connections.');
    await scene.plays();
    expect(scene.counted('rollbacks')).toMatchObject({ 'cp-2': 1 });
    expect(begunOf(scene, 'cp-2')['rollback']).toMatchObject({
      mutex: null,
      mutexTrouble: 'etcd on cp-1 refuses connections.',
    });
  });

  it('waits all the same for somebody who has it', async () => {
    const scene = guarded(ROLLBACK);
    await armedBack(scene);
    scene.house.mutex.seize('talosctl');
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { why: expect.stringContaining('another upgrade') },
    });
    expect(scene.counted('rollbacks')).toMatchObject({ 'cp-2': 0 });
    expect(scene.facts('step-failed')[0]?.why).toMatch(/\betcdctl lease revoke [0-9a-f]+"/);
  });

  it('names the way out of a mutex that the sick node keeps itself, with its lease', async () => {
    const scene = guarded(ROLLBACK);
    await armedBack(scene);
    const free = scene.house.mutex.seize('cp-2');
    await scene.plays();
    const holder = /held by lease ([0-9a-f]+)/.exec(scene.facts('step-failed')[0]?.why ?? '')?.[1] ?? '';
    expect(scene.facts('step-failed')[0]?.why).toContain(
      `or cp-2 itself keeps it from its own upgrade (Talos 1.6 and older, until it restarts). When you know that no other upgrade runs, free it with "etcdctl lease revoke ${holder}" and retry`,
    );
    free();
    await scene.says({ kind: 'retry' });
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'rolled-back' });
  });
});

/** A node that was upgraded once, by hand: there is an entry to go back to. */
async function armedBack(scene: Scene): Promise<void> {
  const machine = scene.house.world.machine('cp-2');
  const image = { ref: 'ghcr.io/siderolabs/installer:v1.13.5', place: 'system' } as const;
  void machine.pull(image).then(() => machine.install(image));
  await scene.house.time.runUntil(() => machine.armed, 10_000);
  machine.reboot();
  await scene.house.time.advance(5_000);
}
