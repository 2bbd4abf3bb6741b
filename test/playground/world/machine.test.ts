import { describe, expect, it } from 'vitest';
import { aWorld, installNow, NEXT, pullNow } from './a-world.ts';

describe('a reboot', () => {
  it('answers for a moment, goes silent, comes up not ready with a new boot id, and is back at its end', () => {
    const { world, clock, kubernetes } = aWorld();
    const machine = world.machine('cp-1');
    const before = machine.bootId;
    machine.reboot();
    const seen: unknown[] = [];
    const look = (laterMs: number): void => {
      clock.advance(laterMs);
      const { stage, ready } = machine.status();
      seen.push([machine.listening, stage, ready, machine.bootId === before, kubernetes.ready.get('cp-1')]);
    };
    look(400);
    look(200); // 0.6 s: rebooting
    look(900); // 1.5 s: services stopped
    look(1_500); // 3 s: down
    look(3_500); // 6.5 s: apid answers, booting
    look(2_000); // 8.5 s: services up
    look(700); // 9.2 s: running, not ready
    look(400); // 9.6 s: ready
    expect(seen).toEqual([
      [true, 'running', true, true, true],
      [true, 'rebooting', true, true, true],
      [true, 'rebooting', true, true, false],
      [false, 'rebooting', true, true, false],
      [true, 'booting', false, false, false],
      [true, 'booting', false, false, true],
      [true, 'running', false, false, true],
      [true, 'running', true, false, true],
    ]);
    expect(world.counters.awayNow()).toEqual(['cp-1']);
    clock.advance(400);
    expect(world.counters.awayNow()).toEqual([]);
    expect(world.etcd.member('cp-1')?.caughtUp).toBe(true);
  });

  // As Talos's Controller.Run writes them, and its MachineStatusController.
  it.each([
    ['cp-1', { name: 'staticPods', reason: 'kube-system/kube-apiserver-cp-1 not ready' }],
    ['w-1', { name: 'nodeReady', reason: 'node "w-1" is not ready' }],
  ])('says on %s what it waits for, and how long each part of the boot took', (name, last) => {
    const { world, clock } = aWorld();
    const machine = world.machine(name);
    const seen: unknown[] = [];
    machine.parts.events.subscribe(() => seen.push(...machine.status().unmet));
    machine.reboot();
    clock.advance(10_000);
    expect(seen).toContainEqual({ name: 'nodeReady', reason: `node "${name}" is not ready` });
    expect(seen.at(-1)).toEqual(last);
    const lines = machine.parts.log.lines('machined').map((line) => line.split('[talos] ')[1]);
    expect(lines).toContainEqual(expect.stringMatching(/^task setUserEnvVars \(1\/1\): done, [\d.]+m?s$/));
    expect(lines).toContainEqual(expect.stringMatching(/^phase env \(3\/7\): done, [\d.]+m?s$/));
    expect(lines.at(-1)).toMatch(/^boot sequence: done: [\d.]+m?s$/);
  });

  it('refuses calls while the machine is down, in the words of a refused connection', () => {
    const { world, clock } = aWorld();
    const machine = world.machine('w-1');
    machine.reboot();
    clock.advance(3_000);
    expect(() => machine.reboot()).toThrow(/dial tcp 127\.40\.0\.101:50000: connect: connection refused/);
  });

  it('takes over from a reboot that is under way, and counts twice', () => {
    const { world, clock } = aWorld();
    const machine = world.machine('w-1');
    machine.reboot();
    clock.advance(1_000);
    machine.reboot('force');
    clock.advance(11_000);
    expect(machine.status()).toEqual({ stage: 'running', ready: true, unmet: [] });
    expect(world.counters.of('w-1').reboots).toBe(2);
    expect(world.counters.rebootOrder).toEqual(['w-1', 'w-1']);
  });
});

describe('an upgrade over the lifecycle API', () => {
  it('arms the machine and runs the new version after a reboot', async () => {
    const given = aWorld();
    const { world, clock } = given;
    const machine = world.machine('cp-1');
    const { exitCode, lines } = await installNow(given, 'cp-1');
    expect(exitCode).toBe(0);
    expect(lines[0]).toBe('running Talos installer v1.13.9');
    expect(lines.at(-1)).toBe('installation of v1.13.9 complete');
    expect([machine.version, machine.armed, machine.status().ready]).toEqual(['v1.13.4', true, true]);
    machine.reboot();
    clock.advance(10_000);
    expect([machine.version, machine.armed, machine.otherVersion]).toEqual(['v1.13.9', false, 'v1.13.4']);
    expect(world.snapshot().nodes[0]?.counters).toMatchObject({
      pulls: 1,
      installs: 1,
      reboots: 1,
      rollbacks: 0,
    });
  });

  it('shows META 6 after the boot, until the machine is ready', async () => {
    const given = aWorld();
    const { world, clock } = given;
    const machine = world.machine('cp-1');
    await installNow(given, 'cp-1');
    expect(machine.parts.state.shownUpgradeTag).toBe(null);
    machine.reboot();
    clock.advance(8_000);
    expect(machine.parts.state.shownUpgradeTag).toBe('Talos-v1.13.4.efi');
    clock.advance(2_000);
    expect(machine.parts.state.shownUpgradeTag).toBe(null);
  });

  const refusals: [string, { ref?: string; pulled?: boolean; place?: 'system' | null }, string, RegExp][] = [
    ['an empty name', { ref: '' }, 'INVALID_ARGUMENT', /installer image name is required/],
    ['an image that was not pulled', {}, 'INTERNAL', /not found in containerd store/],
    ['no containerd', { place: null }, 'INTERNAL', /invalid containerd namespace NS_UNKNOWN/],
  ];
  it.each(refusals)('refuses %s', async (_name, given, code, message) => {
    const { world } = aWorld();
    const place = given.place === undefined ? 'system' : given.place;
    const installed = world.machine('w-1').install({ ref: given.ref ?? NEXT, place });
    await expect(installed).rejects.toMatchObject({ code, message: expect.stringMatching(message) });
    expect(world.counters.of('w-1').installs).toBe(0);
  });

  it('tells a running installer by its lock, which is looked at before the name', async () => {
    const { world, clock } = aWorld();
    const machine = world.machine('w-1');
    await pullNow({ world, clock }, 'w-1');
    const running = machine.install({ ref: NEXT, place: 'system' });
    await expect(machine.install({ ref: '', place: 'system' })).rejects.toMatchObject({
      code: 'FAILED_PRECONDITION',
      message: 'another installation/upgrade is already in progress',
    });
    clock.advance(1_000);
    expect(await running).toBe(0);
    await expect(machine.install({ ref: '', place: 'system' })).rejects.toMatchObject({
      code: 'INVALID_ARGUMENT',
    });
  });

  it('does not exist before 1.13', async () => {
    const { world } = aWorld({ talosVersion: 'v1.12.4' });
    const machine = world.machine('w-1');
    await expect(machine.pull({ ref: NEXT, place: 'system' })).rejects.toMatchObject({
      code: 'UNIMPLEMENTED',
      message: 'unknown service machine.ImageService',
    });
    await expect(machine.install({ ref: NEXT, place: 'system' })).rejects.toMatchObject({
      code: 'UNIMPLEMENTED',
    });
  });

  it('is refused by an installer that is two minors too new, with the exit code of its age', async () => {
    const given = aWorld({ talosVersion: 'v1.13.0' });
    const { exitCode, lines } = await installNow(given, 'w-1', 'ghcr.io/siderolabs/installer:v1.10.9');
    expect(exitCode).toBe(1);
    expect(lines.at(-1)).toBe(
      'pre-flight checks failed: host version 1.13.0 is too new to downgrade to Talos 1.10.9',
    );
    expect(given.world.machine('w-1').armed).toBe(false);
  });

  it.each([
    ['v1.13.4', /upgrade completed successfully: exit_code=0/],
    ['v1.14.0', /upgrade completed \{.*"exit_code": 0}/],
  ])('is written down by machined of %s', async (talosVersion, line) => {
    const given = aWorld({ talosVersion });
    const ref =
      talosVersion === 'v1.14.0'
        ? 'factory.talos.dev/metal-installer/376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba:v1.14.1'
        : NEXT;
    await installNow(given, 'w-1', ref);
    expect(given.world.machine('w-1').parts.log.lines('machined').at(-1)).toMatch(line);
  });

  it('that hangs says nothing, and goes on in its own time when that is healed', async () => {
    const { world, clock } = aWorld();
    const machine = world.machine('w-1');
    await pullNow({ world, clock }, 'w-1');
    world.inject('slow-install', { node: 'w-1', ms: 3_600_000 });
    const lines: string[] = [];
    const running = machine.install({ ref: NEXT, place: 'system', sink: (line) => lines.push(line) });
    clock.advance(600_000);
    expect([lines, machine.armed]).toEqual([[], false]);
    world.heal({ name: 'slow-install' });
    expect(machine.armed).toBe(false);
    clock.advance(1_000);
    expect(await running).toBe(0);
    expect([lines.length > 0, machine.armed]).toEqual([true, true]);
  });

  it('that hangs dies with its machine, also when it would be healed later', async () => {
    const { world, clock } = aWorld();
    const machine = world.machine('w-1');
    await pullNow({ world, clock }, 'w-1');
    world.inject('slow-install', { node: 'w-1', ms: 3_600_000 });
    const lost = expect(machine.install({ ref: NEXT, place: 'system' })).rejects.toMatchObject({
      code: 'UNAVAILABLE',
    });
    machine.reboot('default', 'fault');
    clock.advance(60_000);
    await lost;
    world.heal();
    clock.advance(3_600_000);
    expect([machine.version, machine.armed]).toEqual(['v1.13.4', false]);
  });

  it('loses the stream, and the slot it was writing, when the machine reboots meanwhile', async () => {
    const given = aWorld({ installMs: 60_000 });
    const { world, clock } = given;
    const machine = world.machine('w-1');
    await pullNow({ world, clock }, 'w-1');
    const running = machine.install({ ref: NEXT, place: 'system' });
    const lost = expect(running).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    machine.reboot('default', 'fault');
    clock.advance(10_000);
    await lost;
    expect([machine.version, machine.otherVersion, machine.armed]).toEqual(['v1.13.4', null, false]);
  });
});

describe('a rollback', () => {
  it('toggles: twice is the newer version again', async () => {
    const given = aWorld();
    const { world, clock } = given;
    const machine = world.machine('w-1');
    await installNow(given, 'w-1');
    machine.reboot();
    clock.advance(10_000);
    const versions = [machine.version];
    for (let time = 0; time < 2; time += 1) {
      machine.rollback();
      clock.advance(10_000);
      versions.push(machine.version);
    }
    expect(versions).toEqual(['v1.13.9', 'v1.13.4', 'v1.13.9']);
    expect(world.counters.of('w-1')).toMatchObject({ rollbacks: 2, reboots: 1 });
    expect(world.counters.rebootOrder).toEqual(['w-1', 'w-1', 'w-1']);
  });

  it.each([
    ['w-1', 'cannot rollback to "", label does not exist'],
    ['cp-1', 'previous UKI not found'],
  ])('of %s, which has nothing to go back to, is refused', (node, message) => {
    const { world } = aWorld();
    expect(() => world.machine(node).rollback()).toThrow(message);
    expect(world.counters.of(node).rollbacks).toBe(0);
  });

  it('of an armed machine costs a reboot and stays on the running version', async () => {
    const given = aWorld();
    const { world, clock } = given;
    const machine = world.machine('cp-1');
    await installNow(given, 'cp-1');
    machine.rollback();
    clock.advance(10_000);
    expect([machine.version, machine.armed]).toEqual(['v1.13.4', false]);
  });
});
