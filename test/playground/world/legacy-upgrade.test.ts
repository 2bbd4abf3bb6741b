// The legacy upgrade of a simulated machine: one call that is acknowledged early and does everything afterwards.
import { describe, expect, it } from 'vitest';
import { aWorld } from './a-world.ts';

describe('the legacy upgrade', () => {
  const order = {
    ref: 'ghcr.io/siderolabs/installer:v1.12.9',
    preserve: false,
    stage: false,
    force: false,
    mode: 'default',
  } as const;

  it('acknowledges after the pull, and does everything else afterwards', async () => {
    const { world, clock, kubernetes } = aWorld({ talosVersion: 'v1.12.4' });
    const machine = world.machine('cp-1');
    const acknowledged = machine.upgradeLegacy(order);
    clock.advance(1_000);
    expect(await acknowledged).toMatchObject({ ack: 'Upgrade request received' });
    expect([machine.status().stage, kubernetes.cordoned.has('cp-1')]).toEqual(['upgrading', true]);
    clock.advance(11_500);
    expect(machine.status()).toMatchObject({ stage: 'running', ready: true });
    expect([machine.version, kubernetes.cordoned.has('cp-1')]).toEqual(['v1.12.9', false]);
    expect(world.counters.of('cp-1')).toMatchObject({ legacyUpgrades: 1, installs: 1, reboots: 1, pulls: 0 });
  });

  it('leaves a cordon it found', async () => {
    const { world, clock, kubernetes } = aWorld({ talosVersion: 'v1.12.4' });
    kubernetes.cordoned.add('w-1');
    const acknowledged = world.machine('w-1').upgradeLegacy(order);
    clock.advance(1_000);
    await acknowledged;
    clock.advance(12_000);
    expect(kubernetes.cordoned.has('w-1')).toBe(true);
  });

  it('reboots into the old version when its installer fails, and says so only in an event', async () => {
    const { world, clock } = aWorld({ talosVersion: 'v1.12.4' });
    const machine = world.machine('w-1');
    const before = machine.bootId;
    const failures: string[] = [];
    machine.parts.events.subscribe(({ event }) => {
      if (event.kind === 'sequence' && event.error !== undefined) failures.push(event.error.code);
    });
    world.inject('installer-exits-nonzero', { node: 'w-1' });
    const acknowledged = machine.upgradeLegacy(order);
    clock.advance(1_000);
    await acknowledged;
    clock.advance(12_000);
    expect([machine.version, machine.bootId === before, failures]).toEqual(['v1.12.4', false, ['fatal']]);
  });

  it('acknowledges a second one while it runs, and answers it with LOCKED', async () => {
    const { world, clock } = aWorld({ talosVersion: 'v1.12.4', installMs: 20_000 });
    const machine = world.machine('w-1');
    const first = machine.upgradeLegacy(order);
    clock.advance(1_000);
    await first;
    const locked: string[] = [];
    machine.parts.events.subscribe(({ event }) => {
      if (event.kind === 'sequence' && event.error?.code === 'locked') locked.push(event.error.message);
    });
    const second = machine.upgradeLegacy(order);
    clock.advance(1_000);
    expect((await second).ack).toBe('Upgrade request received');
    expect(locked).toEqual(['sequence not started: locked']);
    expect(world.counters.of('w-1').legacyUpgrades).toBe(1);
  });

  const checks: [
    string,
    Record<string, unknown>,
    (world: ReturnType<typeof aWorld>['world']) => void,
    string,
    RegExp,
  ][] = [
    ['two members', { controlPlanes: 2 }, () => {}, 'UNKNOWN', /member count\(2\) is insufficient/],
    [
      'a member that is down',
      {},
      (world) => world.inject('node-down', { node: 'cp-2' }),
      'DEADLINE_EXCEEDED',
      /is not healthy/,
    ],
  ];
  it.each(checks)(
    'is refused on the control plane with %s',
    async (_name, overrides, prepare, code, message) => {
      const { world, clock } = aWorld({ talosVersion: 'v1.12.4', ...overrides });
      prepare(world);
      clock.advance(1_000);
      const refused = expect(world.machine('cp-1').upgradeLegacy(order)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message),
      });
      clock.advance(1_000);
      await refused;
      expect(world.counters.of('cp-1').legacyUpgrades).toBe(0);
    },
  );
});
