// What an old release does to a machine's data, and what becomes of a machine that gets an image it cannot boot.
import { describe, expect, it } from 'vitest';
import { DEFAULT_SCHEMATIC } from '../../../playground/world/image.ts';
import { aWorld, installNow } from './a-world.ts';

const OVER_MS = 15_000;

async function upgraded(
  given: Parameters<typeof aWorld>[0],
  order: { readonly ref: string; readonly preserve: boolean },
): Promise<ReturnType<typeof aWorld>> {
  const set = aWorld(given);
  const acknowledged = set.world
    .machine('cp-1')
    .upgradeLegacy({ ...order, stage: false, force: false, mode: 'default' });
  set.clock.advance(1_000);
  await acknowledged;
  set.clock.advance(OVER_MS);
  return set;
}

describe('an upgrade that does not ask for the data', () => {
  const rows = [
    ['v1.7.7', 'v1.8.4', false, 1],
    ['v1.7.7', 'v1.8.4', true, 0],
    ['v1.8.4', 'v1.9.6', false, 0],
  ] as const;
  it.each(rows)('of %s to %s with preserve %s wipes it %i times', async (from, to, preserve, wipes) => {
    const ref = `ghcr.io/siderolabs/installer:${to}`;
    const before = aWorld({ talosVersion: from, kubernetesVersion: 'v1.30.4' }).world.etcd.member('cp-1')?.id;
    const { world } = await upgraded({ talosVersion: from, kubernetesVersion: 'v1.30.4' }, { ref, preserve });
    const machine = world.machine('cp-1');
    expect([machine.version, machine.status().ready]).toEqual([to, true]);
    expect(world.counters.of('cp-1').wipes).toBe(wipes);
    // Its member left etcd and came back as another one.
    expect(world.etcd.members()).toHaveLength(3);
    expect(world.etcd.member('cp-1')?.id === before).toBe(wipes === 0);
    expect(world.counters.ordersOf('cp-1')).toEqual([{ image: ref, preserve }]);
  });

  it('is refused by the only control-plane node there is', async () => {
    const { world, clock } = aWorld({
      talosVersion: 'v1.7.7',
      kubernetesVersion: 'v1.30.4',
      controlPlanes: 1,
    });
    const order = { ref: 'ghcr.io/siderolabs/installer:v1.8.4', stage: false, force: false, mode: 'default' };
    const refused = expect(
      world.machine('cp-1').upgradeLegacy({ ...order, preserve: false, mode: 'default' }),
    ).rejects.toMatchObject({ message: expect.stringContaining('only 1 etcd member found') });
    clock.advance(1_000);
    await refused;
  });
});

describe('a machine that gets an image', () => {
  const factory = (name: string): string => `factory.talos.dev/${name}/${DEFAULT_SCHEMATIC}:v1.13.9`;

  it('that firmware with secure boot does not know stays dark', async () => {
    const set = aWorld({ secureBoot: true });
    await installNow(set, 'w-1', factory('metal-installer'));
    const machine = set.world.machine('w-1');
    machine.reboot();
    set.clock.advance(OVER_MS);
    expect(machine.listening).toBe(false);
  });

  it('that is signed boots with secure boot', async () => {
    const set = aWorld({ secureBoot: true });
    await installNow(set, 'w-1', factory('metal-installer-secureboot'));
    const machine = set.world.machine('w-1');
    machine.reboot();
    set.clock.advance(OVER_MS);
    expect([machine.version, machine.status().ready]).toEqual(['v1.13.9', true]);
  });

  it.each([
    ['sd-boot', 'metal'],
    ['grub', 'aws'],
  ] as const)('for another platform says with %s that it runs on %s', async (bootloader, platform) => {
    const set = aWorld({ platform: 'aws', bootloader });
    await installNow(set, 'w-1', factory('metal-installer'));
    const machine = set.world.machine('w-1');
    machine.reboot();
    set.clock.advance(OVER_MS);
    expect([machine.version, machine.platform]).toEqual(['v1.13.9', platform]);
  });
});

describe('the usual boot loader', () => {
  it.each([
    ['v1.9.6', false, 'grub', 'grub'],
    ['v1.9.6', true, 'sd-boot', 'sd-boot'],
    ['v1.13.4', false, 'sd-boot', 'grub'],
  ] as const)('of %s with secure boot %s is %s and %s', (talosVersion, secureBoot, controlPlane, worker) => {
    const { world } = aWorld({ talosVersion, secureBoot });
    const of = (name: string): string => world.machine(name).parts.state.bootloader.kind;
    expect([of('cp-1'), of('w-1')]).toEqual([controlPlane, worker]);
  });
});
