// The only control-plane node, rolled back: with a copy of etcd while that lives, and without one only when it is dead beyond doubt.
import { describe, expect, it } from 'vitest';
import { CLUSTER } from '../../playground/doubles/house.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { Goal } from '../../src/rollout/goal.ts';
import { aStartedLoneScene, copies, intact } from './lone.ts';
import { idle, type Scene, type SceneOptions, willing } from './scene.ts';

const ROLLBACK: Goal = { kind: 'rollback-node', node: 'cp-1' };

/** The only node runs a version that the journals know the predecessor of. */
async function upgraded(options: SceneOptions = {}): Promise<Scene> {
  const past = await aStartedLoneScene({ id: 'r0', ...options }).plays();
  const scene = aStartedLoneScene({ goal: ROLLBACK, ...options });
  const { entries } = past.audit;
  // At most so many facts fit into one append.
  for (let from = 0; from < entries.length; from += 90) {
    await scene.house.journal.append({
      cluster: CLUSTER,
      rollout: 'r0',
      expect: from,
      events: entries.slice(from, from + 90).map(({ event }) => event),
      by: { kind: 'driver', name: 'worker-0' },
    });
  }
  const machine = scene.house.world.machine('cp-1');
  const ref = 'ghcr.io/siderolabs/installer:v1.13.5';
  void machine.pull({ ref, place: 'system' }).then(() => machine.install({ ref, place: 'system' }));
  await scene.house.time.runUntil(() => machine.armed, 10_000);
  machine.reboot();
  await scene.house.time.advance(5_000);
  return scene;
}

describe('a rollback of the only control-plane node', () => {
  it.each([0, 2])('copies etcd first while it lives (%i workers)', async (workers) => {
    const scene = await (await upgraded({ world: { workers } })).plays();
    expect(scene.phase).toMatchObject({ outcome: 'rolled-back' });
    expect(scene.facts('gate-opened')[0]?.proof.kind).toBe('outage');
    expect(copies(scene)).toBe(1);
    expect(scene.versions()['cp-1']).toBe('v1.13.4');
    intact(scene);
  });

  it('goes without a copy when etcd is dead, and asks all the same', async () => {
    const scene = await upgraded();
    scene.house.world.etcd.stop('cp-1');
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'rolled-back' });
    expect(scene.facts('gate-opened')[0]?.proof.kind).toBe('dead');
    expect(scene.facts('approved')).toHaveLength(1);
    expect(copies(scene)).toBe(0);
    intact(scene);
  });

  it('does without the upgrade mutex when etcd is dead: nobody else can have it', async () => {
    const scene = await upgraded({ guarded: true });
    scene.house.world.etcd.stop('cp-1');
    scene.house.mutex.trouble = new Fault('unreachable', 'etcd does not answer');
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'rolled-back' });
    expect(scene.house.voices.errors).toEqual([]);
  });

  it('does not go that way once etcd serves again: then there is something to lose', async () => {
    const scene = await upgraded();
    scene.house.world.etcd.stop('cp-1');
    await scene.untilGate('cp-1');
    scene.people = idle;
    scene.house.world.etcd.start('cp-1');
    scene.house.world.etcd.caughtUp('cp-1');
    await scene.house.time.advance(1_000);
    scene.people = willing;
    await scene.plays();
    expect(scene.phase).toMatchObject({
      phase: 'held',
      held: { kind: 'withheld', why: expect.stringContaining('must be copied before') },
    });
    expect(scene.counted('rollbacks')['cp-1']).toBe(0);
    intact(scene);
  });

  it.each([
    ['does not accept our credentials', '401'],
    ['is not signed by the authority we know', 'CERT_SIGNATURE_FAILURE'],
  ])('does not take a slow etcd for dead because the Kubernetes API %s', async (_how, code) => {
    const scene = await upgraded();
    const refusal = new Fault('refused', 'Kubernetes refused to list nodes.', { code });
    const refuse = (): Promise<never> => Promise.reject(refusal);
    scene.between((ports) => ({
      ...ports,
      workloads: { ...ports.workloads, nodes: refuse, staticPods: refuse },
      machines: {
        ...ports.machines,
        etcd: () => Promise.reject(new Fault('unreachable', 'no answer within 3 s')),
      },
    }));
    for (const process of scene.house.living) process.kill();
    scene.start();
    await scene.plays();
    expect(scene.facts('gate-opened')).toEqual([]);
    expect(scene.counted('rollbacks')['cp-1']).toBe(0);
    expect(scene.house.world.etcd.hasQuorum()).toBe(true);
  });
});
