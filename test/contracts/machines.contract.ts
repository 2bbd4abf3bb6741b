// What every `Machines` must do, whatever is behind it (ports/machines.ts).
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { PullProgress, ToldFailure } from '../../src/engine/ports/machines.ts';
import { copyingEtcd } from './etcd-copy.contract.ts';
import { inspecting } from './inspecting.contract.ts';
import { backFrom, looking } from './looking.contract.ts';
import type { MachinesOptions, MachinesUnderTest, OpenMachines } from './machines-under-test.ts';

/** How long a simulated machine may take for what it does in well under a second. */
const patience = { timeout: 15_000, interval: 50 };
const IMAGE = 'ghcr.io/siderolabs/installer:v1.13.5';
const PLAIN = '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba';
const unheard = (): void => undefined;
/** Machines that take their connections away so long after they agreed to restart that a busy client has read it by then. */
const UNHURRIED = { settings: { rebootMs: 4_000, jitter: 0 } } as const;

type Open = (options?: MachinesOptions) => Promise<MachinesUnderTest>;

export function machinesContract(open: OpenMachines): void {
  const opened: MachinesUnderTest[] = [];
  const fresh: Open = async (options) => {
    const under = await open(options);
    opened.push(under);
    return under;
  };
  afterEach(async () => {
    for (const under of opened.splice(0)) await under.close();
  });
  describe('looking', () => looking(fresh));
  describe('inspecting', () => inspecting(fresh));
  describe('copying etcd', () => copyingEtcd(fresh));
  describe('installing', () => installing(fresh));
  describe('restarting', () => restarting(fresh));
  describe('Talos before 1.13', () => legacy(fresh));
}

function pulled(under: MachinesUnderTest, node: string, onProgress: (seen: PullProgress) => void = unheard) {
  const signal = new AbortController().signal;
  return under.machines.pull(under.addressOf(node), IMAGE, { onProgress, signal });
}

function installing(fresh: Open): void {
  it('pulls, installs and leaves the machine running its old version', async () => {
    const under = await fresh();
    const seen: PullProgress[] = [];
    const { reference } = await pulled(under, 'w-1', (progress) => seen.push(progress));
    expect(reference).toMatch(/^ghcr\.io\/siderolabs\/installer@sha256:/);
    expect(seen.length).toBeGreaterThan(0);
    for (const { doneBytes, totalBytes } of seen) expect(doneBytes).toBeLessThanOrEqual(totalBytes);
    const lines: string[] = [];
    const reply = await under.machines.install(under.addressOf('w-1'), IMAGE, (line) => lines.push(line));
    expect(reply).toEqual({ kind: 'done', value: { exitCode: 0, lastLines: lines.slice(-20) } });
    expect(lines).toContain('running Talos installer v1.13.5');
    expect(lines.at(-1)).toBe('installation of v1.13.5 complete');
    expect((await under.machines.look(under.addressOf('w-1'))).version).toBe('v1.13.4');
  });

  it('says when the registry has no such image', async () => {
    const under = await fresh();
    under.inject('image-missing', { node: 'w-1' });
    await expect(pulled(under, 'w-1')).rejects.toMatchObject({ kind: 'missing' });
  });

  it('reports an installer that fails as done, with its exit code', async () => {
    const under = await fresh();
    under.inject('installer-exits-nonzero', { node: 'w-1', code: 6 });
    await pulled(under, 'w-1');
    const reply = await under.machines.install(under.addressOf('w-1'), IMAGE, unheard);
    expect(reply).toMatchObject({ kind: 'done', value: { exitCode: 6 } });
  });

  it('is refused without the image', async () => {
    const under = await fresh();
    const reply = await under.machines.install(under.addressOf('w-1'), IMAGE, unheard);
    expect(reply).toMatchObject({ kind: 'refused', fault: { kind: 'missing' } });
    expect(under.count('w-1', 'installs')).toBe(0);
  });

  it.each(['v1.13.4', 'v1.14.0'])(
    'whose stream is lost on %s is settled by evidence',
    async (talosVersion) => {
      // Long enough to be asked about while it runs, on a busy machine too.
      const under = await fresh({ settings: { talosVersion, installMs: 3_000 } });
      under.inject('lost-reply', { node: 'cp-1', method: 'Upgrade' });
      const image = `factory.talos.dev/metal-installer/${PLAIN}:v1.14.1`;
      const address = under.addressOf('cp-1');
      await under.machines.pull(address, image, {
        onProgress: unheard,
        signal: new AbortController().signal,
      });
      const sinceMs = Date.now();
      expect((await under.machines.install(address, image, unheard)).kind).toBe('lost');
      expect(await under.machines.installOutcome(address, sinceMs)).toEqual({ kind: 'running' });
      await vi.waitFor(
        async () =>
          expect(await under.machines.installOutcome(address, sinceMs)).toEqual({ kind: 'succeeded' }),
        patience,
      );
      expect(await under.machines.installOutcome(address, Date.now() + 60_000)).toEqual({ kind: 'unknown' });
      expect(under.count('cp-1', 'installs')).toBe(1);
    },
  );

  it('without the right to it changes nothing', async () => {
    const under = await fresh({ roles: ['os:reader'] });
    const refused = { kind: 'refused', fault: { kind: 'refused' } };
    expect(await under.machines.install(under.addressOf('w-1'), IMAGE, unheard)).toMatchObject(refused);
    expect(await under.machines.reboot(under.addressOf('w-1'))).toMatchObject(refused);
    expect(await under.machines.rollback(under.addressOf('w-1'))).toMatchObject(refused);
    expect(under.count('w-1', 'reboots')).toBe(0);
  });
}

function restarting(fresh: Open): void {
  it('boots what was installed, and a rollback boots what was there before', async () => {
    const under = await fresh(UNHURRIED);
    const address = under.addressOf('cp-2');
    const before = await under.machines.look(address);
    await pulled(under, 'cp-2');
    await under.machines.install(address, IMAGE, unheard);
    expect((await under.machines.reboot(address)).kind).toBe('done');
    const upgraded = await backFrom(under, 'cp-2', before.bootId);
    expect(upgraded.version).toBe('v1.13.5');
    expect(await under.machines.rollback(address)).toEqual({ kind: 'done', value: null });
    expect((await backFrom(under, 'cp-2', upgraded.bootId)).version).toBe('v1.13.4');
    expect([under.count('cp-2', 'reboots'), under.count('cp-2', 'rollbacks')]).toEqual([1, 1]);
  });

  it('whose reply is lost has happened once', async () => {
    const under = await fresh();
    const { bootId } = await under.machines.look(under.addressOf('w-2'));
    under.inject('lost-reply', { node: 'w-2', method: 'Reboot' });
    expect((await under.machines.reboot(under.addressOf('w-2'))).kind).toBe('lost');
    await backFrom(under, 'w-2', bootId);
    expect(under.count('w-2', 'reboots')).toBe(1);
  });

  it('that breaks off on its way is lost as well, and has not happened', async () => {
    const under = await fresh();
    const { bootId } = await under.machines.look(under.addressOf('w-1'));
    under.inject('lost-call', { node: 'w-1', method: 'Reboot' });
    expect((await under.machines.reboot(under.addressOf('w-1'))).kind).toBe('lost');
    expect((await under.machines.look(under.addressOf('w-1'))).bootId).toBe(bootId);
    expect(under.count('w-1', 'reboots')).toBe(0);
  });

  it('of a machine that left its connections half open is seen all the same', async () => {
    const under = await fresh();
    const address = under.addressOf('cp-3');
    under.inject('half-open', { node: 'cp-3' });
    const { bootId } = await under.machines.look(address, { route: 'direct' });
    await under.machines.reboot(address);
    await backFrom(under, 'cp-3', bootId);
  });

  it('is withdrawn where the machine does not answer', async () => {
    const under = await fresh();
    under.inject('node-down', { node: 'w-3' });
    const reply = await under.machines.reboot(under.addressOf('w-3'));
    expect(reply).toMatchObject({ kind: 'withdrawn', fault: { kind: 'unreachable' } });
  });

  it('back is told by the log of the boot that heard it, and by no other', async () => {
    // A machine that goes back answers for a fifth of this, and must be asked in that time.
    const under = await fresh({ settings: { rebootMs: 8_000, jitter: 0 } });
    const address = under.addressOf('w-2');
    const { bootId } = await under.machines.look(address);
    await pulled(under, 'w-2');
    await under.machines.install(address, IMAGE, unheard);
    under.inject('lost-call', { node: 'w-2', method: 'Rollback' });
    const sinceMs = Date.now();
    expect((await under.machines.rollback(address)).kind).toBe('lost');
    expect(await under.machines.rollbackArrived(address, sinceMs)).toBe('never-arrived');
    expect((await under.machines.rollback(address)).kind).toBe('done');
    expect(await under.machines.rollbackArrived(address, sinceMs)).toBe('arrived');
    await backFrom(under, 'w-2', bootId);
    // Of the boot before nothing is left to read.
    expect(await under.machines.rollbackArrived(address, sinceMs)).toBe('unknown');
  });

  it('back is not told by a machine that does not answer', async () => {
    const under = await fresh();
    under.inject('node-down', { node: 'w-3' });
    await expect(under.machines.rollbackArrived(under.addressOf('w-3'), Date.now())).rejects.toBeInstanceOf(
      Fault,
    );
  });

  it('back is refused where there is nothing to go back to', async () => {
    const under = await fresh();
    const reply = await under.machines.rollback(under.addressOf('cp-1'));
    expect(reply).toMatchObject({ kind: 'refused', fault: { kind: 'refused' } });
    expect(under.count('cp-1', 'rollbacks')).toBe(0);
  });

  it.each([
    ['default', true],
    ['powercycle', true],
    ['force', false],
  ] as const)('by mode %s stops everything before: %s', async (mode, stops) => {
    const under = await fresh(UNHURRIED);
    const address = under.addressOf('w-1');
    const { bootId } = await under.machines.look(address);
    const stop = new AbortController();
    const heard: string[] = [];
    const watching = under.machines.watch(address, (sentence) => heard.push(sentence), stop.signal);
    await under.listenedTo('w-1');
    expect((await under.machines.reboot(address, mode)).kind).toBe('done');
    await backFrom(under, 'w-1', bootId);
    stop.abort();
    await watching;
    expect(heard.includes('stop all pods')).toBe(stops);
  });

  it('can be watched', async () => {
    const under = await fresh();
    const address = under.addressOf('w-1');
    const stop = new AbortController();
    const heard: string[] = [];
    const watching = under.machines.watch(address, (sentence) => heard.push(sentence), stop.signal);
    await under.listenedTo('w-1');
    await under.machines.reboot(address);
    await vi.waitFor(() => expect(heard).toContain('reboot started'), patience);
    stop.abort();
    await watching;
  });
}

function legacy(fresh: Open): void {
  it('has neither pull nor install, and upgrades in one call', async () => {
    const under = await fresh({ settings: { talosVersion: 'v1.12.4' } });
    const address = under.addressOf('cp-1');
    await expect(pulled(under, 'cp-1')).rejects.toMatchObject({ kind: 'missing' });
    const refused = { kind: 'refused', fault: { kind: 'missing' } };
    expect(await under.machines.install(address, IMAGE, unheard)).toMatchObject(refused);
    const { bootId } = await under.machines.look(address);
    const reply = await under.machines.upgradeLegacy(address, { image: IMAGE, preserve: false });
    expect(reply.kind).toBe('done');
    expect((await backFrom(under, 'cp-1', bootId)).version).toBe('v1.13.5');
  });

  it('installs a staged upgrade between two restarts', async () => {
    const under = await fresh({ settings: { talosVersion: 'v1.12.4' } });
    const address = under.addressOf('w-1');
    const { bootId } = await under.machines.look(address);
    const options = { image: IMAGE, preserve: false, stage: true, rebootMode: 'powercycle' } as const;
    expect((await under.machines.upgradeLegacy(address, options)).kind).toBe('done');
    const back = await backFrom(under, 'w-1', bootId);
    expect([back.version, under.count('w-1', 'installs')]).toEqual(['v1.13.5', 1]);
  });

  it('tells of an upgrade that failed, and whose it was', async () => {
    const under = await fresh({ settings: { talosVersion: 'v1.12.4' } });
    const address = under.addressOf('w-1');
    under.inject('installer-exits-nonzero', { node: 'w-1' });
    const stop = new AbortController();
    const told: (ToldFailure | null)[] = [];
    const watching = under.machines.watch(address, (_sentence, failure) => told.push(failure), stop.signal);
    await under.listenedTo('w-1');
    const reply = await under.machines.upgradeLegacy(address, { image: IMAGE, preserve: false });
    const actorId = reply.kind === 'done' ? reply.value.actorId : 'it was not accepted';
    await vi.waitFor(() => expect(told).toContainEqual({ kind: 'failed', actorId }), patience);
    stop.abort();
    await watching;
  });

  it('refuses an upgrade that would cost the quorum', async () => {
    const under = await fresh({ settings: { talosVersion: 'v1.12.4' } });
    under.inject('node-down', { node: 'cp-2' });
    const reply = await under.machines.upgradeLegacy(under.addressOf('cp-1'), {
      image: IMAGE,
      preserve: false,
    });
    expect(reply.kind).toBe('refused');
    expect(under.count('cp-1', 'reboots')).toBe(0);
  });
}
