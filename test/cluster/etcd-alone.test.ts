// What must hold when etcd's only member is to go, as tables of clusters: it is well, or it is dead.
import { describe, expect, it } from 'vitest';
import { MAX_LAG_ENTRIES, proveDead, proveOutage } from '../../src/cluster/etcd.ts';
import { aCluster, memberIdOf, type SnapshotBuilder } from '../builders/snapshot.ts';

const of = (controlPlane: number): SnapshotBuilder => aCluster({ controlPlane });

interface Row {
  readonly what: string;
  readonly cluster: SnapshotBuilder;
  readonly leaving?: string;
  /** Part of a reason; null when it holds. */
  readonly why: string | null;
}

const OUTAGE: readonly Row[] = [
  { what: 'one member that is well', cluster: of(1), why: null },
  { what: 'a lag at the limit', cluster: of(1).lagging('cp-1', MAX_LAG_ENTRIES), why: null },
  { what: 'a lag beyond it', cluster: of(1).lagging('cp-1', MAX_LAG_ENTRIES + 1), why: 'entries behind' },
  { what: 'no leader', cluster: of(1).ledBy(null), why: 'no leader' },
  {
    what: 'a leader that is somebody else',
    cluster: of(1).etcd('cp-1', { leaderId: memberIdOf('cp-9') }),
    why: 'cp-1 has no etcd member that votes and leads',
  },
  {
    what: 'a member that the list does not name',
    cluster: of(1).etcd('cp-1', { memberId: memberIdOf('cp-9'), leaderId: memberIdOf('cp-9') }),
    why: 'cp-1 has no etcd member that votes and leads',
  },
  { what: 'a learner', cluster: of(1).withLearner('cp-1'), why: 'cp-1 is still a learner' },
  { what: 'an alarm', cluster: of(1).withAlarm('cp-1', 'nospace'), why: 'nospace alarm' },
  { what: 'an error text', cluster: of(1).etcd('cp-1', { errors: ['disk is slow'] }), why: 'disk is slow' },
  { what: 'silence', cluster: of(1).etcdSilent('cp-1'), why: 'etcd on cp-1 does not answer' },
  { what: 'a member without a name', cluster: of(1).unstarted('cp-1'), why: 'has not started' },
  { what: 'two members', cluster: of(2), why: 'two members' },
  { what: 'two members of which one is not to be seen', cluster: of(2).without('cp-2'), why: 'two members' },
  { what: 'three members', cluster: of(3), why: 'etcd has 3 members' },
  {
    what: 'a second control-plane node without a member',
    cluster: of(2)
      .etcdSilent('cp-2')
      .seesOnly('cp-1', [memberIdOf('cp-1')]),
    why: 'there are 2 control-plane nodes',
  },
  { what: 'a node that has none', cluster: of(1), leaving: 'worker-1', why: 'worker-1 has no etcd member' },
  { what: 'nobody at all', cluster: of(1).without('cp-1'), why: 'cp-1 has no etcd member' },
];

describe('proveOutage', () => {
  it.each(OUTAGE)('$what', ({ cluster, leaving, why }) => {
    const proof = proveOutage(cluster.witnesses(), leaving ?? 'cp-1');
    if (why === null) expect(proof.kind).toBe('holds');
    else
      expect(proof).toMatchObject({
        kind: 'fails',
        whys: expect.arrayContaining([expect.stringContaining(why)]),
      });
  });

  it('shows that nobody is left', () => {
    expect(proveOutage(of(1).witnesses(), 'cp-1').arithmetic).toEqual({
      ...{ voters: 1, quorum: 1, votersLeft: 0, leader: 'cp-1', maxLag: 0 },
    });
  });
});

const DEAD: readonly Row[] = [
  { what: 'silence', cluster: of(1).etcdSilent('cp-1'), why: null },
  { what: 'a member that knows no leader', cluster: of(1).ledBy(null), why: null },
  { what: 'a member that leads', cluster: of(1), why: 'answers and has a leader' },
  { what: 'an alarm alone', cluster: of(1).withAlarm('cp-1', 'corrupt'), why: 'answers and has a leader' },
  {
    what: 'a member of three whose others are not to be seen',
    cluster: of(3).ledBy(null).without('cp-2').without('cp-3'),
    why: 'knows 3 members',
  },
  {
    what: 'another control-plane node, silent as well',
    cluster: of(2).etcdSilent('cp-1').etcdSilent('cp-2'),
    why: 'cp-2 is a control-plane node as well',
  },
];

describe('proveDead', () => {
  it.each(DEAD)('$what', ({ cluster, why }) => {
    const proof = proveDead(cluster.witnesses(), 'cp-1');
    if (why === null) expect(proof.kind).toBe('holds');
    else
      expect(proof).toMatchObject({
        kind: 'fails',
        whys: expect.arrayContaining([expect.stringContaining(why)]),
      });
  });
});
