import { describe, expect, it } from 'vitest';
import { aWorld } from './a-world.ts';

const OTHERS = (leader: string | null): string[] =>
  ['cp-1', 'cp-2', 'cp-3'].filter((name) => name !== leader);

describe('etcd', () => {
  it('has ids above what a number holds, and one leader every member names', () => {
    const { world } = aWorld();
    const { etcd } = world;
    const leader = etcd.member(etcd.leader() ?? '')?.id;
    expect(etcd.members().every((one) => one.id > 2n ** 53n)).toBe(true);
    expect(etcd.members().map((one) => etcd.viewOf(one.name).leader)).toEqual([leader, leader, leader]);
  });

  it('moves its raft index with time, and not without a leader', () => {
    const { world, clock } = aWorld();
    const { etcd } = world;
    const before = etcd.viewOf('cp-1').raftIndex;
    clock.advance(1_000);
    expect(etcd.viewOf('cp-1').raftIndex).toBe(before + 40n);
    const [first, second] = OTHERS('cp-1');
    for (const name of [first, second]) etcd.stop(name ?? '');
    const lost = etcd.viewOf('cp-1').raftIndex;
    clock.advance(10_000);
    expect(etcd.viewOf('cp-1')).toMatchObject({
      raftIndex: lost,
      leader: 0n,
      errors: ['etcdserver: no leader'],
    });
  });

  it('elects another leader in a later term when the leader goes', () => {
    const { world, clock } = aWorld();
    const { etcd } = world;
    const leader = etcd.leader() ?? '';
    const term = etcd.raftTerm();
    etcd.stop(leader);
    expect(etcd.leader()).toBe(null);
    clock.advance(1_000);
    expect(OTHERS(leader)).toContain(etcd.leader());
    expect(etcd.raftTerm()).toBe(term + 1n);
  });

  it('hands the leadership over when asked, and says nothing when it does not lead', () => {
    const { world } = aWorld();
    const leader = world.etcd.leader() ?? '';
    const [other = ''] = OTHERS(leader);
    expect(world.forfeitLeadership(other)).toBe('');
    const next = world.forfeitLeadership(leader);
    expect([next, OTHERS(leader).includes(next)]).toEqual([world.etcd.leader(), true]);
    expect(world.counters.of(leader).forfeits).toBe(1);
  });

  it('refuses to hand over the leadership of its only member', () => {
    const { world } = aWorld({ controlPlanes: 1 });
    expect(() => world.forfeitLeadership('cp-1')).toThrow(/cannot forfeit leadership, only one member/);
  });

  it('answers neither the local question nor that of the cluster without a leader', () => {
    const { world } = aWorld();
    const { etcd } = world;
    etcd.stop('cp-2');
    etcd.stop('cp-3');
    expect(etcd.hasQuorum()).toBe(false);
    for (const queryLocal of [true, false])
      expect(() => etcd.memberList('cp-1', { queryLocal })).toThrow('etcdserver: no leader');
    expect(() => etcd.viewOf('cp-2')).toThrow('context deadline exceeded');
  });

  it('lags behind for a moment after its member came back', () => {
    const { world, clock } = aWorld();
    world.machine('cp-1').reboot();
    clock.advance(9_700);
    const late = world.etcd.viewOf('cp-1');
    expect(late.raftIndex - late.raftAppliedIndex).toBe(4_000n);
    expect(world.machine('cp-1').status().ready).toBe(true);
    clock.advance(300);
    const caughtUp = world.etcd.viewOf('cp-1');
    expect(caughtUp.raftAppliedIndex).toBe(caughtUp.raftIndex);
  });

  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
  ])('of %i members needs %i', (members, quorum) => {
    const { world } = aWorld({ controlPlanes: members });
    const names = world.etcd.members().map((one) => one.name);
    const holds = names.map((name, gone) => {
      const before = world.etcd.hasQuorum();
      world.etcd.stop(name);
      return before === members - gone >= quorum;
    });
    expect(holds).not.toContain(false);
    expect(world.etcd.hasQuorum()).toBe(false);
  });
});
