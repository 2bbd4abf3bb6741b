// What every `Machines` must do, whatever is behind it (ports/machines.ts).
import { afterEach, describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import type { MachineView } from '../../src/cluster/snapshot.ts';
import type { PullProgress } from '../../src/engine/ports/machines.ts';
import { copyingEtcd } from './etcd-copy.contract.ts';
import type { MachinesOptions, MachinesUnderTest, OpenMachines } from './machines-under-test.ts';

/** How long a simulated machine may take for what it does in well under a second. */
const patience = { timeout: 15_000, interval: 50 };
const IMAGE = 'ghcr.io/siderolabs/installer:v1.13.5';
const PLAIN = '376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba';
const unheard = (): void => undefined;

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
  describe('copying etcd', () => copyingEtcd(fresh));
  describe('installing', () => installing(fresh));
  describe('restarting', () => restarting(fresh));
  describe('Talos before 1.13', () => legacy(fresh));
}

function pulled(under: MachinesUnderTest, node: string, onProgress: (seen: PullProgress) => void = unheard) {
  const signal = new AbortController().signal;
  return under.machines.pull(under.addressOf(node), IMAGE, { onProgress, signal });
}

/** Waits until the machine itself answers from another boot, RUNNING and ready. */
async function backFrom(under: MachinesUnderTest, node: string, bootId: string): Promise<MachineView> {
  return await vi.waitFor(async () => {
    const view = await under.machines.look(under.addressOf(node), { route: 'direct' });
    expect(view).toMatchObject({ stage: 'running', ready: true });
    expect(view.bootId).not.toBe(bootId);
    return view;
  }, patience);
}

function looking(fresh: Open): void {
  it('names every member with its addresses and role', async () => {
    const under = await fresh();
    const members = await under.machines.members();
    expect(members.map(({ name, role }) => [name, role])).toEqual([
      ['cp-1', 'control-plane'],
      ['cp-2', 'control-plane'],
      ['cp-3', 'control-plane'],
      ['w-1', 'worker'],
      ['w-2', 'worker'],
      ['w-3', 'worker'],
    ]);
    for (const { name, addresses } of members) expect(addresses).toContain(under.addressOf(name));
  });

  it.each(['v1.12.4', 'v1.13.4', 'v1.14.0'])('describes a machine of Talos %s', async (talosVersion) => {
    const under = await fresh({ settings: { talosVersion, secureBoot: true } });
    const view = await under.machines.look(under.addressOf('w-1'));
    expect(view).toMatchObject({
      version: talosVersion,
      platform: 'metal',
      stage: 'running',
      ready: true,
      unmet: [],
      secureBoot: true,
      fallback: null,
    });
    expect(await under.machines.look(under.addressOf('w-1'), { route: 'direct' })).toEqual(view);
    expect((await under.machines.look(under.addressOf('w-2'))).bootId).not.toBe(view.bootId);
  });

  it('shows etcd through the eyes of each member, and none on a worker', async () => {
    const under = await fresh();
    const views = await Promise.all(
      ['cp-1', 'cp-2', 'cp-3'].map((node) => under.machines.etcd(under.addressOf(node))),
    );
    const ids = views.map((view) => view.memberId);
    expect(new Set(ids).size).toBe(3);
    for (const view of views) {
      expect(view.leaderId).toBe(views[0]?.leaderId);
      expect(ids).toContain(view.leaderId);
      expect(view.members.map((member) => member.id).toSorted()).toEqual(ids.toSorted());
      expect(view).toMatchObject({ learner: false, errors: [], alarms: [] });
    }
    await expect(under.machines.etcd(under.addressOf('w-1'))).rejects.toMatchObject({ kind: 'missing' });
  });

  it('shows a member that disagrees, a learner and an alarm', async () => {
    const under = await fresh();
    under.inject('etcd-disagrees', { node: 'cp-2', missing: 'cp-3' });
    under.inject('etcd-alarm', { node: 'cp-1' });
    const members = async (node: string) => (await under.machines.etcd(under.addressOf(node))).members;
    expect((await members('cp-1')).map((member) => member.name).toSorted()).toEqual(['cp-1', 'cp-2', 'cp-3']);
    expect((await members('cp-2')).map((member) => member.name).toSorted()).toEqual(['cp-1', 'cp-2']);
    under.inject('etcd-learner', { node: 'cp-3' });
    const learners = async () =>
      (await members('cp-1')).filter(({ learner }) => learner).map(({ name }) => name);
    // Where it led, the others elect first, and answer "no leader" meanwhile.
    await vi.waitFor(async () => expect(await learners()).toEqual(['cp-3']), patience);
    expect((await under.machines.etcd(under.addressOf('cp-2'))).alarms).toMatchObject([{ alarm: 'nospace' }]);
  });

  it('hands leadership over once', async () => {
    const under = await fresh();
    const { leaderId, members } = await under.machines.etcd(under.addressOf('cp-1'));
    const leader = members.find((member) => member.id === leaderId)?.name ?? '';
    const next = await under.machines.forfeitLeadership(under.addressOf(leader));
    expect(['cp-1', 'cp-2', 'cp-3'].filter((name) => name !== leader)).toContain(next);
    expect(await under.machines.forfeitLeadership(under.addressOf(leader))).toBe('');
  });

  it('gives a kubeconfig', async () => {
    const under = await fresh();
    expect(parse(await under.machines.kubeconfig())).toMatchObject({
      kind: 'Config',
      clusters: [{}],
      users: [{}],
    });
  });

  it('is unreachable where a machine is gone, also through others', async () => {
    const under = await fresh();
    under.inject('node-down', { node: 'cp-1' });
    await expect(under.machines.look(under.addressOf('cp-1'))).rejects.toMatchObject({ kind: 'unreachable' });
    await expect(under.machines.look(under.addressOf('cp-1'), { route: 'direct' })).rejects.toMatchObject({
      kind: 'unreachable',
    });
    expect((await under.machines.look(under.addressOf('cp-2'))).stage).toBe('running');
  });
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
      const under = await fresh({ settings: { talosVersion, installMs: 600 } });
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
    const under = await fresh();
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

  it('back is refused where there is nothing to go back to', async () => {
    const under = await fresh();
    const reply = await under.machines.rollback(under.addressOf('cp-1'));
    expect(reply).toMatchObject({ kind: 'refused', fault: { kind: 'refused' } });
    expect(under.count('cp-1', 'rollbacks')).toBe(0);
  });

  it('can be watched', async () => {
    const under = await fresh();
    const address = under.addressOf('w-1');
    const stop = new AbortController();
    const heard: string[] = [];
    const watching = under.machines.watch(address, (sentence) => heard.push(sentence), stop.signal);
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
