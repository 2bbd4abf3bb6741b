// How machines are restarted, what they say of it, and one that does not have the calls its version promises.
import { describe, expect, it } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { LegacyUpgradeOptions } from '../../src/engine/ports/machines.ts';
import type { Goal } from '../../src/rollout/goal.ts';
import { stepState } from '../../src/rollout/rollout.ts';
import { withMachines } from './machines-between.ts';
import { aSmallScene } from './scene.ts';

const STAGED: Goal = { kind: 'upgrade-talos', version: 'v1.13.5', staged: true };
const NODES = ['cp-1', 'cp-2', 'cp-3', 'w-1'];
const each = <T>(value: T): Readonly<Record<string, T>> =>
  Object.fromEntries(NODES.map((name) => [name, value]));

describe('the reboot mode', () => {
  it.each(['powercycle', 'force'] as const)('%s is what the machine is asked for', async (rebootMode) => {
    const asked: unknown[] = [];
    const goal: Goal = { kind: 'upgrade-talos', version: 'v1.13.5', rebootMode };
    const scene = withMachines(aSmallScene({ goal }), (machines) => ({
      reboot: (address, mode) => {
        asked.push(mode);
        return machines.reboot(address, mode);
      },
    }));
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(asked).toEqual(Array(NODES.length).fill(rebootMode));
  });

  it('powercycle is part of the one call up to 1.12', async () => {
    const asked: LegacyUpgradeOptions[] = [];
    const goal: Goal = { kind: 'upgrade-talos', version: 'v1.12.9', rebootMode: 'powercycle' };
    const scene = withMachines(aSmallScene({ goal, world: { talosVersion: 'v1.12.4' } }), (machines) => ({
      upgradeLegacy: (address, options) => {
        asked.push(options);
        return machines.upgradeLegacy(address, options);
      },
    }));
    await scene.plays();
    expect(scene.phase).toMatchObject({ outcome: 'upgraded' });
    expect(asked).toHaveLength(NODES.length);
    expect(asked[0]).toMatchObject({ stage: false, preserve: false, rebootMode: 'powercycle' });
  });
});

describe('a machine that says 1.13 and does not have its calls', () => {
  const absent = new Fault('missing', 'it failed: unknown service machine.X.', { code: 'UNIMPLEMENTED' });

  it.each([
    ['pull', 'pull'],
    ['install', 'install'],
  ] as const)('is held with a sentence that names it, and is asked for its %s once', async (call, kind) => {
    let calls = 0;
    const scene = withMachines(aSmallScene(), (machines) => ({
      [call]: (address: string, ...args: never[]) => {
        if (scene.house.world.find(address)?.node.name !== 'w-1')
          return Reflect.apply(machines[call], machines, [address, ...args]);
        calls += 1;
        return call === 'pull' ? Promise.reject(absent) : Promise.resolve({ kind: 'refused', fault: absent });
      },
    }));
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', held: { kind: 'failed', node: 'w-1' } });
    if (scene.phase.phase !== 'held') return;
    expect(scene.phase.held.subject).toContain(kind);
    expect(scene.phase.held.why).toMatch(/w-1 said that it runs v1\.13\.4, which has the lifecycle API/);
    expect(calls).toBe(1);
    expect(scene.counted('reboots')).toEqual(each(0));
  });
});

describe('a machine that loses the calls of 1.13 before it is installed', () => {
  it('is asked for the image once more and then held at its installation', async () => {
    let pulls = 0;
    const absent = new Fault('missing', 'it failed: unknown service.', { code: 'UNIMPLEMENTED' });
    const scene = withMachines(aSmallScene({ goal: STAGED }), (machines) => ({
      pull: (address, image, options) => {
        if (scene.house.world.find(address)?.node.name !== 'w-1')
          return machines.pull(address, image, options);
        pulls += 1;
        return pulls === 1 ? machines.pull(address, image, options) : Promise.reject(absent);
      },
    }));
    await scene.plays();
    expect(scene.phase).toMatchObject({ phase: 'held', held: { kind: 'failed', node: 'w-1' } });
    if (scene.phase.phase === 'held') expect(scene.phase.held.why).toMatch(/which has the lifecycle API/);
    expect([pulls, scene.counted('installs')]).toEqual([2, each(0)]);
  });
});

describe('what a machine says of a failed upgrade', () => {
  it('of another call is not told as ours', async () => {
    const goal: Goal = { kind: 'upgrade-talos', version: 'v1.12.9' };
    const scene = withMachines(aSmallScene({ goal, world: { talosVersion: 'v1.12.4' } }), (machines) => ({
      watch: (address, tell, signal) =>
        machines.watch(
          address,
          (sentence, failure) => tell(sentence, failure === null ? null : { ...failure, actorId: 'another' }),
          signal,
        ),
    }));
    scene.house.world.inject('installer-exits-nonzero', { node: 'w-1' });
    await scene.plays();
    if (scene.phase.phase !== 'held') throw new Error(scene.story());
    expect(scene.phase.held.why).toMatch(/came back with v1\.12\.4/);
    expect(scene.phase.held.why).not.toContain('reported');
  });

  it('is in the sentence with which its return fails', async () => {
    const goal: Goal = { kind: 'upgrade-talos', version: 'v1.12.9' };
    const scene = aSmallScene({ goal, world: { talosVersion: 'v1.12.4' } });
    scene.house.world.inject('installer-exits-nonzero', { node: 'w-1' });
    await scene.plays();
    if (scene.phase.phase !== 'held') throw new Error(scene.story());
    expect(scene.phase.held.why).toMatch(
      /came back with v1\.12\.4.*Before that it reported: upgrade failed: /,
    );
  });

  it('is in the sentence of the wait when another sequence has the machine', async () => {
    const goal: Goal = { kind: 'upgrade-talos', version: 'v1.12.9' };
    const scene = aSmallScene({
      ...{ goal, world: { talosVersion: 'v1.12.4' } },
      policy: { limits: { pullMs: 1_000, installMs: 1_000, rebootMs: 1_000 } },
    });
    scene.start();
    await scene.untilStep('w-1', 'drain', 'step-ended');
    scene.house.world.machine('w-1').parts.state.sequence = 'upgrade';
    await scene.plays();
    if (scene.phase.phase !== 'held') throw new Error(scene.story());
    expect(scene.phase.held.kind).toBe('doubted');
    expect(scene.phase.held.why).toMatch(/the machine reported: upgrade did not start: .*locked/);
    expect(stepState(scene.rollout, scene.step('w-1', 'upgrade-legacy').id).state).toBe('doubted');
  });
});
