import { describe, expect, it } from 'vitest';
import { ManualClock } from '../../../playground/world/clock.ts';
import { parseImage } from '../../../playground/world/image.ts';
import { createRandom, uuid } from '../../../playground/world/random.ts';
import { drawNodes, limitMs, worldSettings } from '../../../playground/world/settings.ts';
import { aWorld, installNow } from './a-world.ts';

describe('a seed', () => {
  it('draws the same world again, and another seed another one', () => {
    const times = (seed: number): unknown => drawNodes(worldSettings({ seed }));
    expect(times(7)).toEqual(times(7));
    expect(times(7)).not.toEqual(times(8));
    expect(aWorld({ seed: 7 }).world.snapshot()).toEqual(aWorld({ seed: 7 }).world.snapshot());
  });

  it('draws times within the jitter around the settings', () => {
    for (const node of drawNodes(worldSettings({ rebootMs: 1_000, jitter: 0.2, workers: 50 }))) {
      expect(node.rebootMs).toBeGreaterThanOrEqual(800);
      expect(node.rebootMs).toBeLessThanOrEqual(1_200);
    }
  });

  it('draws what a fork draws from its name only', () => {
    const one = createRandom(3);
    one.next();
    expect(one.fork('w-1').hex(8)).toBe(createRandom(3).fork('w-1').hex(8));
    expect(uuid(one)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/);
  });
});

describe('the least time an upgrade takes', () => {
  const settings = worldSettings({
    jitter: 0,
    pullMs: 10,
    snapshotMs: 1,
    drainMs: 100,
    installMs: 1_000,
    rebootMs: 10_000,
  });
  it.each([
    [1, 11 + 6 * 11_100],
    [2, 11 + 5 * 11_100],
    [3, 11 + 4 * 11_100],
  ])('with %i workers at once is the sum of its parts', (parallel, expected) => {
    expect(limitMs(settings, drawNodes(settings), parallel)).toBe(expected);
  });
});

describe('a clock turned by hand', () => {
  it('fires in order what falls due, also what is scheduled meanwhile', () => {
    const clock = new ManualClock(0);
    const fired: string[] = [];
    clock.after(20, () => fired.push(`late ${clock.now()}`));
    clock.after(10, () => {
      fired.push(`first ${clock.now()}`);
      clock.after(5, () => fired.push(`nested ${clock.now()}`));
    });
    clock.after(10, () => fired.push('cancelled'))();
    clock.advance(20);
    expect(fired).toEqual(['first 10', 'nested 15', 'late 20']);
  });

  it('throws rather than running for ever', () => {
    const clock = new ManualClock(0);
    const again = (): void => void clock.after(0, again);
    again();
    expect(() => clock.runUntilIdle()).toThrow(/never came to rest/);
  });
});

describe('an image reference', () => {
  const schematic = 'a'.repeat(64);
  it.each([
    ['ghcr.io/siderolabs/installer:v1.13.9', 'v1.13.9', ''],
    [`factory.talos.dev/metal-installer/${schematic}:v1.14.0`, 'v1.14.0', schematic],
    [`factory.talos.dev/installer-secureboot/${schematic}:v1.12.1`, 'v1.12.1', schematic],
    ['registry.example:5000/talos/installer:v1.13.0-rc.1', 'v1.13.0-rc.1', ''],
  ])('%s names its version and schematic', (ref, version, expected) => {
    expect(parseImage(ref)).toMatchObject({ version, schematic: expected });
  });

  it.each([
    ['no tag at all', 'UNKNOWN'],
    ['ghcr.io/siderolabs/installer', 'UNKNOWN'],
    ['ghcr.io/siderolabs/installer:latest', 'NOT_FOUND'],
  ])('%s is refused', (ref, code) => {
    expect(() => parseImage(ref)).toThrow(expect.objectContaining({ code }));
  });
});

describe('the count of control-plane nodes away', () => {
  it('keeps its maximum, and tells clients from others', () => {
    const { world, clock } = aWorld();
    world.machine('cp-1').reboot();
    clock.advance(10_000);
    world.machine('cp-2').reboot();
    clock.advance(9_700); // ready, but its etcd member has not caught up
    world.machine('cp-3').reboot();
    clock.advance(10_000);
    expect([world.counters.maxControlPlaneAway, world.counters.rebootOrder]).toEqual([
      2,
      ['cp-1', 'cp-2', 'cp-3'],
    ]);
  });

  it('does not count workers', () => {
    const { world } = aWorld();
    for (const name of ['w-1', 'w-2']) world.machine(name).reboot();
    expect(world.counters.maxControlPlaneAwayAny).toBe(0);
  });
});

describe('a snapshot of the world', () => {
  it('is plain JSON that shows slots, phases and counters', async () => {
    const given = aWorld();
    await installNow(given, 'cp-1');
    given.world.machine('cp-1').reboot();
    given.clock.advance(3_000);
    given.world.inject('slow-boot', { node: 'w-1' });
    const snapshot = given.world.snapshot();
    expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot);
    expect(snapshot.nodes[0]).toMatchObject({
      name: 'cp-1',
      phase: 'down',
      back: false,
      armed: true,
      slots: [
        { label: 'Talos-v1.13.4.efi', isDefault: false, isBooted: true },
        { label: 'Talos-v1.13.9.efi', isDefault: true, isBooted: false },
      ],
      counters: { pulls: 1, installs: 1, reboots: 1, cordons: 0 },
    });
    expect(snapshot.faults).toMatchObject([{ name: 'slow-boot', params: { node: 'w-1' } }]);
    expect(snapshot.awayNow).toEqual(['cp-1']);
  });

  it('is announced when something changes', () => {
    const { world, clock } = aWorld();
    let changes = 0;
    const stop = world.onChange(() => {
      changes += 1;
    });
    world.machine('w-1').reboot();
    clock.advance(10_000);
    expect(changes).toBeGreaterThan(4);
    stop();
    const before = changes;
    world.machine('w-1').reboot();
    expect(changes).toBe(before);
  });
});
