import { describe, expect, it } from 'vitest';
import { FAULTS } from '../../../playground/world/faults.ts';
import { aWorld, installNow, NEXT } from './a-world.ts';

describe('the table of faults', () => {
  it('says of each in one sentence what it does, under a name of its own', () => {
    expect(new Set(FAULTS.map((one) => one.name)).size).toBe(FAULTS.length);
    for (const { sentence } of FAULTS) expect(sentence).toMatch(/^[A-Z].*\.$/);
  });

  const mistakes: [string, string, Record<string, string>, RegExp][] = [
    ['an unknown name', 'flood', {}, /no fault "flood": there are installer-exits-nonzero, /],
    ['an unknown node', 'falls-back', { node: 'cp-9' }, /no node "cp-9": there are cp-1, /],
    ['a missing parameter', 'falls-back', {}, /falls-back needs "node"/],
    [
      'a parameter it does not take',
      'falls-back',
      { node: 'cp-1', ms: '3' },
      /falls-back has no "ms": it takes node/,
    ],
    ['no number', 'slow-boot', { node: 'cp-1', ms: 'soon' }, /ms must be a number/],
    ['no alarm', 'etcd-alarm', { node: 'cp-1', alarm: 'FIRE' }, /alarm must be one of NOSPACE, CORRUPT/],
  ];
  it.each(mistakes)('refuses %s in words that help', (_what, name, params, message) => {
    const { world } = aWorld();
    expect(() => world.inject(name, params)).toThrow(message);
    expect(world.activeFaults()).toEqual([]);
  });
});

describe('a fault', () => {
  it('of the installer ends one run, or as many as it was told', async () => {
    const given = aWorld();
    given.world.inject('installer-exits-nonzero', { node: 'w-1', code: 7, times: 2 });
    const codes = [];
    for (let run = 0; run < 3; run += 1) codes.push((await installNow(given, 'w-1')).exitCode);
    expect(codes).toEqual([7, 7, 0]);
    expect(given.world.counters.of('w-1').installs).toBe(3);
  });

  it('that has happened as often as it should is active no more, and its healing ends no later one', async () => {
    const given = aWorld();
    const { world } = given;
    world.inject('installer-exits-nonzero', { node: 'w-1' });
    world.inject('lost-reply', { node: 'w-1', method: 'Reboot' });
    expect(world.activeFaults().map(({ name }) => name)).toEqual(['installer-exits-nonzero', 'lost-reply']);
    await installNow(given, 'w-1');
    world.machine('w-1').takeLostReply('Reboot');
    expect([world.activeFaults(), world.heal()]).toEqual([[], 0]);
    world.inject('installer-exits-nonzero', { node: 'w-1' });
    expect(world.heal()).toBe(1);
    expect((await installNow(given, 'w-1')).exitCode).toBe(0);
  });

  it('of the installer may leave nothing to go back to', async () => {
    const given = aWorld();
    const { world, clock } = given;
    const machine = world.machine('cp-1');
    await installNow(given, 'cp-1');
    machine.reboot();
    clock.advance(10_000);
    world.inject('installer-exits-nonzero', { node: 'cp-1', code: 7 });
    await installNow(given, 'cp-1', 'ghcr.io/siderolabs/installer:v1.13.8');
    expect([machine.version, machine.otherVersion, machine.armed]).toEqual(['v1.13.9', null, false]);
  });

  it('of the registry refuses what is not there yet, until it is healed', async () => {
    const { world, clock } = aWorld();
    world.inject('image-missing');
    const refused = expect(world.machine('w-1').pull({ ref: NEXT, place: 'system' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    });
    clock.advance(1_000);
    await refused;
    expect(world.heal()).toBe(1);
    const pulled = world.machine('w-1').pull({ ref: NEXT, place: 'system' });
    clock.advance(1_000);
    expect(await pulled).toMatch(/^ghcr\.io\/siderolabs\/installer@sha256:[0-9a-f]{64}$/);
  });

  it('of the first boot brings the old version back, under a new boot id', async () => {
    const given = aWorld();
    const { world, clock } = given;
    const machine = world.machine('cp-2');
    world.inject('falls-back', { node: 'cp-2' });
    await installNow(given, 'cp-2');
    const before = machine.bootId;
    machine.reboot();
    clock.advance(8_000);
    clock.advance(10_000);
    expect(machine.status()).toMatchObject({ stage: 'running', ready: true });
    expect([machine.version, machine.bootId === before, machine.parts.state.upgradeTag]).toEqual([
      'v1.13.4',
      false,
      null,
    ]);
    expect(world.counters.awayNow()).toEqual([]);
  });

  it('of readiness keeps the new version booting, and spares the old one', async () => {
    const given = aWorld();
    const { world, clock } = given;
    const machine = world.machine('w-1');
    world.inject('never-ready', { node: 'w-1' });
    await installNow(given, 'w-1');
    machine.reboot();
    clock.advance(60_000);
    expect([machine.version, machine.listening, machine.status().stage, machine.status().ready]).toEqual([
      'v1.13.9',
      true,
      'booting',
      false,
    ]);
    expect(world.counters.awayNow()).toEqual(['w-1']);
    machine.rollback();
    clock.advance(10_000);
    expect([machine.version, machine.status().ready, world.counters.awayNow()]).toEqual([
      'v1.13.4',
      true,
      [],
    ]);
  });

  it('of readiness makes Talos fall back by itself after seventy minutes', async () => {
    const given = aWorld();
    const { world, clock } = given;
    world.inject('never-ready', { node: 'w-1' });
    await installNow(given, 'w-1');
    world.machine('w-1').reboot();
    clock.advance(71 * 60_000);
    expect(world.machine('w-1').version).toBe('v1.13.4');
    expect(world.machine('w-1').status().ready).toBe(true);
  });

  it('of readiness, healed, lets the boot end', async () => {
    const given = aWorld();
    const { world, clock } = given;
    world.inject('never-ready', { node: 'w-1' });
    await installNow(given, 'w-1');
    world.machine('w-1').reboot();
    clock.advance(20_000);
    world.heal({ name: 'never-ready', node: 'w-1' });
    clock.advance(2_000);
    expect([world.machine('w-1').version, world.machine('w-1').status().ready]).toEqual(['v1.13.9', true]);
  });

  it('of the power takes a node away without a word, and healing boots it', () => {
    const { world, clock, kubernetes } = aWorld();
    world.inject('node-down', { node: 'cp-1' });
    world.inject('node-down', { node: 'cp-2' });
    clock.advance(1_000);
    expect([world.machine('cp-1').listening, world.etcd.hasQuorum(), kubernetes.apiUp]).toEqual([
      false,
      false,
      false,
    ]);
    expect([world.counters.maxControlPlaneAway, world.counters.maxControlPlaneAwayAny]).toEqual([0, 2]);
    world.heal();
    clock.advance(10_000);
    expect([world.machine('cp-1').status().ready, world.etcd.hasQuorum(), kubernetes.apiUp]).toEqual([
      true,
      true,
      true,
    ]);
    expect(world.counters.awayNow()).toEqual([]);
  });

  it('of the power may end by itself', () => {
    const { world, clock } = aWorld();
    world.inject('node-down', { node: 'w-1', ms: 1_000 });
    clock.advance(20_000);
    expect(world.machine('w-1').status()).toMatchObject({ stage: 'running', ready: true });
  });

  it('of Kubernetes shows in the machine too, and heals', () => {
    const { world, kubernetes } = aWorld();
    world.inject('not-ready', { node: 'w-1' });
    expect([kubernetes.ready.get('w-1'), world.machine('w-1').status().unmet[0]?.name]).toEqual([
      false,
      'nodeReady',
    ]);
    world.heal();
    expect([kubernetes.ready.get('w-1'), world.machine('w-1').status().ready]).toEqual([true, true]);
  });

  it('of a human counts as nobody’s reboot', () => {
    const { world, clock } = aWorld();
    world.inject('reboot-by-human', { node: 'cp-1' });
    clock.advance(10_000);
    expect([world.counters.of('cp-1').reboots, world.counters.rebootOrder]).toEqual([0, []]);
    expect([world.counters.maxControlPlaneAway, world.counters.maxControlPlaneAwayAny]).toEqual([0, 1]);
    expect(world.activeFaults()).toEqual([]);
  });

  it('of etcd shows in every member’s status', () => {
    const { world } = aWorld();
    world.inject('etcd-alarm', { node: 'cp-2' });
    expect(world.etcd.alarms('cp-1')).toEqual([
      { memberId: world.etcd.member('cp-2')?.id, alarm: 'NOSPACE' },
    ]);
    expect(world.etcd.viewOf('cp-3').errors.join()).toContain('alarm:NOSPACE');
    world.heal();
    expect(world.etcd.alarms('cp-1')).toEqual([]);
  });

  it('of a vote takes one from the quorum', () => {
    const { world, clock } = aWorld();
    world.inject('etcd-learner', { node: 'cp-2' });
    clock.advance(1_000);
    expect(world.etcd.viewOf('cp-2').learner).toBe(true);
    world.etcd.stop('cp-1');
    expect(world.etcd.hasQuorum()).toBe(false);
  });

  it('of a budget blocks it, and unblocks it when healed', () => {
    const { world, kubernetes } = aWorld();
    world.inject('pdb-blocks', { namespace: 'shop' });
    expect([...kubernetes.blocked]).toEqual(['shop']);
    world.heal({ name: 'pdb-blocks' });
    expect([...kubernetes.blocked]).toEqual([]);
  });

  it('of leadership moves it once', () => {
    const { world } = aWorld();
    const next = ['cp-1', 'cp-2', 'cp-3'].find((name) => name !== world.etcd.leader()) ?? '';
    world.inject('leader-moves', { to: next });
    expect(world.etcd.leader()).toBe(next);
  });

  it('of a slow boot makes it longer by so much', () => {
    const { world, clock } = aWorld();
    world.inject('slow-boot', { node: 'w-1', ms: 5_000 });
    world.machine('w-1').reboot();
    clock.advance(14_000);
    expect(world.machine('w-1').status().ready).toBe(false);
    clock.advance(1_000);
    expect(world.machine('w-1').status().ready).toBe(true);
  });

  it('of a slow boot lets a machine that hangs go on when it is healed, and takes its own time then', () => {
    const { world, clock } = aWorld();
    const machine = world.machine('w-1');
    world.inject('slow-boot', { node: 'w-1', ms: 3_600_000 });
    machine.reboot();
    clock.advance(600_000);
    expect(machine.listening).toBe(false);
    world.heal({ name: 'slow-boot' });
    expect(machine.listening).toBe(false);
    clock.advance(10_000);
    expect([machine.listening, machine.status()]).toMatchObject([true, { stage: 'running', ready: true }]);
  });

  it('of a call leaves the machine as it was, once', () => {
    const { world } = aWorld();
    world.inject('lost-call', { node: 'w-1', method: 'Reboot' });
    expect(world.machine('w-1').takeLostCall('Upgrade')).toBe(false);
    expect(world.machine('w-1').takeLostCall('Reboot')).toBe(true);
    expect([world.machine('w-1').takeLostCall('Reboot'), world.activeFaults()]).toEqual([false, []]);
  });

  it('of an etcd that does not come with its Talos shows on its node alone', () => {
    const { world } = aWorld();
    world.inject('etcd-version', { node: 'cp-2' });
    expect(world.machine('cp-2').etcdVersions).toEqual({ version: '3.5.21', storageVersion: '' });
    expect(world.machine('cp-1').etcdVersions).toEqual({ version: '3.6.12', storageVersion: '3.6.0' });
    world.heal();
    expect(world.machine('cp-2').etcdVersions.version).toBe('3.6.12');
  });

  it('of somebody who upgrades with another tool leaves no trace of a client', () => {
    const { world, clock } = aWorld();
    const machine = world.machine('w-1');
    world.inject('upgrade-by-human', { node: 'w-1', version: 'v1.13.7' });
    clock.advance(10_000);
    expect([machine.version, machine.otherVersion, machine.armed]).toEqual(['v1.13.7', 'v1.13.4', false]);
    expect(machine.status()).toMatchObject({ stage: 'running', ready: true });
    expect(world.counters.of('w-1')).toMatchObject({ installs: 0, reboots: 0 });
  });
});
