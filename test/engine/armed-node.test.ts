// A node that was left installed and not restarted: people have it restarted, or taken back, and both are proved restarts.
import { describe, expect, it } from 'vitest';
import { SimulatedEstate } from '../../playground/doubles/estate.ts';
import { lanesOf } from '../../src/rollout/plan.ts';
import { givenUp, givenUpUnseen, later } from './left-armed.ts';
import { APPROVER, aSmallScene, idle, REQUESTER } from './scene.ts';

const NODES = ['cp-1', 'cp-2', 'cp-3', 'w-1'];
/** Milliseconds of simulated time after which a machine that restarted is up again. */
const REBOOTED_MS = 15_000;

describe('a node that waits for its restart', () => {
  it.each(['w-1', 'cp-2'])(
    'is finished: %s boots what was installed, and is restarted once',
    async (node) => {
      const scene = later(await givenUp(), { kind: 'finish-node', node });
      await scene.plays();
      expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
      expect(scene.versions()[node]).toBe('v1.13.5');
      expect(scene.counted('reboots')).toEqual({ ...none(), [node]: 1 });
      expect(scene.counted('installs')[node]).toBe(1);
      expect(scene.facts('gate-passed')).toHaveLength(node === 'w-1' ? 0 : 1);
      expect(scene.audit.broken).toEqual([]);
    },
  );

  it.each(['w-1', 'cp-2'])(
    'is disarmed: %s restarts into what it runs, and is armed no more',
    async (node) => {
      const before = await givenUp();
      const scene = later(before, { kind: 'disarm-node', node });
      await scene.plays();
      expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'disarmed' });
      expect(scene.versions()[node]).toBe('v1.13.4');
      expect(scene.counted('rollbacks')).toEqual({ ...none(), [node]: 1 });
      // Any later restart stays with it, too.
      scene.house.world.machine(node).reboot('default', 'fault');
      await scene.house.time.advance(REBOOTED_MS);
      expect(scene.versions()[node]).toBe('v1.13.4');
      const again = later(scene, { kind: 'disarm-node', node }, 'r3');
      await again.plays();
      expect(again.phase).toMatchObject({ phase: 'finished', outcome: 'unchanged' });
    },
  );

  it('asks before a control-plane node, and proves both again before it goes', async () => {
    const scene = later(await givenUp(), { kind: 'disarm-node', node: 'cp-1' });
    scene.people = idle;
    await scene.says(scene.askIntent(), REQUESTER);
    await scene.untilGate('cp-1');
    expect(lanesOf(scene.rollout.plan ?? fail()).map(({ gate }) => gate?.proof)).toEqual(['healthy']);
    expect(scene.counted('rollbacks')).toEqual(none());
    scene.house.world.inject('etcd-learner', { node: 'cp-3' });
    await scene.says({ kind: 'approve', gate: 'gate:cp-1' }, APPROVER);
    await scene.until(() => scene.facts('gate-voided').length > 0);
    expect(scene.counted('rollbacks')).toEqual(none());
  });

  it('that crashed into the new version meanwhile is finished without a restart, and not taken back', async () => {
    const before = await givenUp();
    const finishing = later(before, { kind: 'finish-node', node: 'cp-2' });
    finishing.people = idle;
    await finishing.says(finishing.askIntent(), REQUESTER);
    await finishing.untilGate('cp-2');
    finishing.house.world.machine('cp-2').reboot('default', 'fault');
    await finishing.house.time.advance(REBOOTED_MS);
    await finishing.says({ kind: 'approve', gate: 'gate:cp-2' }, APPROVER);
    await finishing.until(({ phase }) => phase.phase === 'finished');
    expect(finishing.phase).toMatchObject({ outcome: 'upgraded' });
    expect(finishing.counted('reboots')).toEqual(none());
  });

  it('that crashed into the new version while people were asked to disarm it is never rolled back unasked', async () => {
    const scene = later(await givenUp(), { kind: 'disarm-node', node: 'cp-2' });
    scene.people = idle;
    await scene.says(scene.askIntent(), REQUESTER);
    await scene.untilGate('cp-2');
    scene.house.world.machine('cp-2').reboot('default', 'fault');
    await scene.house.time.advance(REBOOTED_MS);
    await scene.says({ kind: 'approve', gate: 'gate:cp-2' }, APPROVER);
    await scene.until(
      ({ phase }) =>
        phase.phase === 'held' || phase.phase === 'finished' || scene.facts('gate-voided').length > 0,
    );
    expect(scene.counted('rollbacks')).toEqual(none());
    expect(scene.versions()['cp-2']).toBe('v1.13.5');
  });

  it('was never armed: there is nothing to finish, and nothing to disarm', async () => {
    for (const kind of ['finish-node', 'disarm-node'] as const) {
      const scene = aSmallScene({ goal: { kind, node: 'cp-2' } });
      await scene.plays();
      expect(scene.phase).toMatchObject({ phase: 'finished', outcome: 'unchanged' });
      expect([scene.counted('reboots'), scene.counted('rollbacks')]).toEqual([none(), none()]);
    }
  });

  it.each(['finish-node', 'disarm-node'] as const)(
    'is well: its %s waits for what any restart waits for',
    async (kind) => {
      const estate = new SimulatedEstate();
      const before = await givenUp({ estate: estate.reader });
      estate.change({
        health: [
          {
            name: 'databases',
            verdict: 'unhealthy',
            detail: 'db-1 has 2 of 3 instances',
            timeoutMs: 600_000,
          },
        ],
        otherUpgraders: [
          { kind: 'tuppr', name: 'TalosUpgrade cluster', state: 'working', detail: 'phase Upgrading' },
        ],
      });
      const scene = later(before, { kind, node: 'w-1' });
      await scene.until(({ phase }) => phase.phase === 'finished' || phase.phase === 'held');
      expect(scene.phase).toMatchObject({ phase: 'held', held: { why: expect.stringContaining('tuppr') } });
      expect([scene.counted('reboots'), scene.counted('rollbacks')]).toEqual([none(), none()]);
    },
  );

  it('whose installation nobody saw end is never disarmed, and is finished by a restart that shows what it boots', async () => {
    const before = await givenUpUnseen('still-running');
    await before.house.time.advance(70_000);
    const disarming = later(before, { kind: 'disarm-node', node: 'w-1' });
    await disarming.plays();
    expect(disarming.phase).toMatchObject({ phase: 'finished', outcome: 'refused' });
    const finishing = later(disarming, { kind: 'finish-node', node: 'w-1' }, 'r3');
    await finishing.plays();
    expect(finishing.phase).toMatchObject({ phase: 'finished', outcome: 'upgraded' });
    expect(finishing.versions()['w-1']).toBe('v1.13.5');
    expect(finishing.counted('reboots')['w-1']).toBe(1);
    expect(finishing.audit.broken).toEqual([]);
  });
});

const none = (): Readonly<Record<string, number>> => Object.fromEntries(NODES.map((name) => [name, 0]));

function fail(): never {
  throw new Error('there is no plan');
}
