// What every `Machines` sees of its machines, whatever is behind it.
import { expect, it, vi } from 'vitest';
import { parse } from 'yaml';
import type { MachineView } from '../../src/cluster/snapshot.ts';
import type { MachinesOptions, MachinesUnderTest } from './machines-under-test.ts';

/** How long a simulated machine may take for what it does in well under a second. */
const patience = { timeout: 15_000, interval: 50 };

type Open = (options?: MachinesOptions) => Promise<MachinesUnderTest>;

/** Waits until the machine itself answers from another boot, RUNNING and ready. */
export async function backFrom(under: MachinesUnderTest, node: string, bootId: string): Promise<MachineView> {
  return await vi.waitFor(async () => {
    const view = await under.machines.look(under.addressOf(node), { route: 'direct' });
    expect(view).toMatchObject({ stage: 'running', ready: true });
    expect(view.bootId).not.toBe(bootId);
    return view;
  }, patience);
}

export function looking(fresh: Open): void {
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
    });
    expect(await under.machines.look(under.addressOf('w-1'), { route: 'direct' })).toEqual(view);
    expect((await under.machines.look(under.addressOf('w-2'))).bootId).not.toBe(view.bootId);
  });

  it('knows a machine again after it restarted, however often it was looked at before', async () => {
    const under = await fresh();
    const address = under.addressOf('w-1');
    const before = await under.machines.look(address);
    expect(await under.machines.look(address, { seenBoot: before.bootId })).toEqual(before);
    await under.machines.reboot(address);
    const after = await backFrom(under, 'w-1', before.bootId);
    expect(await under.machines.look(address, { seenBoot: before.bootId })).toEqual(after);
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

  it('shows the etcd that each member runs, also where the configuration names another', async () => {
    const under = await fresh();
    under.inject('etcd-version', { node: 'cp-2', version: '3.5.21' });
    const views = await Promise.all(
      ['cp-1', 'cp-2'].map((node) => under.machines.etcd(under.addressOf(node))),
    );
    expect(views.map(({ version, storageVersion }) => [version, storageVersion])).toEqual([
      ['3.6.12', '3.6.0'],
      ['3.5.21', ''],
    ]);
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

  it('tells the last lines of its logs, and no more than were asked for', async () => {
    const under = await fresh();
    const { machined, kernel } = await under.machines.tail(under.addressOf('cp-1'), { lines: 3 });
    for (const log of [machined, kernel]) {
      if (log.kind !== 'said') throw new Error(log.why);
      expect(log.value.length).toBeGreaterThan(0);
      expect(log.value.length).toBeLessThanOrEqual(3);
      expect(log.value.join('')).toContain('[talos]');
    }
  });

  it('says of a machine that is down that its logs cannot be read', async () => {
    const under = await fresh();
    under.inject('node-down', { node: 'w-2', ms: 60_000 });
    const { machined, kernel } = await under.machines.tail(under.addressOf('w-2'), { lines: 3 });
    expect([machined.kind, kernel.kind]).toEqual(['silent', 'silent']);
  });
}
