// The quorum proofs, as tables of clusters: what may go, what may not, and what is said about it.
import { describe, expect, it } from 'vitest';
import { leaderOf, MAX_LAG_ENTRIES, proveHealthy, proveRepair, quorumOf } from '../../src/cluster/etcd.ts';
import { aCluster, memberIdOf, type SnapshotBuilder } from '../builders/snapshot.ts';

const of = (controlPlane: number): SnapshotBuilder => aCluster({ controlPlane });

describe('quorumOf', () => {
  it.each([
    [1, 1],
    [2, 2],
    [3, 2],
    [4, 3],
    [5, 3],
    [6, 4],
    [7, 4],
  ])('of %i members is %i', (members, quorum) => {
    expect(quorumOf(members)).toBe(quorum);
  });
});

describe('leaderOf', () => {
  it('names the node whose member leads', () => {
    expect(leaderOf(of(3).ledBy('cp-2').witnesses())).toBe('cp-2');
  });
  it('names a leader that is silent by what the others call it', () => {
    expect(leaderOf(of(3).ledBy('cp-2').etcdSilent('cp-2').witnesses())).toBe('cp-2');
  });
  it.each([
    ['nobody leads', of(3).ledBy(null)],
    ['they disagree', of(3).etcd('cp-3', { leaderId: memberIdOf('cp-3') })],
    ['nobody answers', of(1).etcdSilent('cp-1')],
  ])('names nobody when %s', (_what, cluster) => {
    expect(leaderOf(cluster.witnesses())).toBeNull();
  });
});

interface Row {
  readonly what: string;
  readonly cluster: SnapshotBuilder;
  readonly leaving?: string;
  /** Part of a reason; null when the proof holds. */
  readonly why: string | null;
}

const HEALTHY: readonly Row[] = [
  {
    what: 'one member',
    cluster: of(1),
    why: 'etcd has one member: its departure is an outage, which no proof can promise away',
  },
  { what: 'two members', cluster: of(2), why: 'two members' },
  { what: 'three members', cluster: of(3), why: null },
  { what: 'four members', cluster: of(4), why: null },
  { what: 'five members', cluster: of(5), why: null },
  { what: 'seven members', cluster: of(7), why: null },
  { what: 'the leader leaving', cluster: of(3).ledBy('cp-2'), why: null },
  { what: 'a learner that would leave', cluster: of(3).withLearner('cp-2'), why: 'cp-2 is still a learner' },
  { what: 'a learner elsewhere', cluster: of(5).withLearner('cp-4'), why: 'cp-4 is still a learner' },
  {
    what: 'a member that never started',
    cluster: of(3).unstarted('cp-3'),
    why: `member ${memberIdOf('cp-3')} has not started`,
  },
  { what: 'an alarm', cluster: of(3).withAlarm('cp-1', 'nospace'), why: 'nospace alarm' },
  {
    what: 'an error text',
    cluster: of(3).etcd('cp-1', { errors: ['etcdserver: no leader'] }),
    why: 'no leader',
  },
  { what: 'a lag at the limit', cluster: of(3).lagging('cp-3', MAX_LAG_ENTRIES), why: null },
  { what: 'a lag beyond it', cluster: of(3).lagging('cp-3', MAX_LAG_ENTRIES + 1), why: 'entries behind' },
  { what: 'no leader', cluster: of(3).ledBy(null), why: 'no leader' },
  {
    what: 'two leaders',
    cluster: of(3).etcd('cp-3', { leaderId: memberIdOf('cp-3') }),
    why: 'do not agree on who leads',
  },
  {
    what: 'two lists of members',
    cluster: of(3).seesOnly('cp-3', [memberIdOf('cp-3')]),
    why: 'do not agree on who the members are',
  },
  {
    what: 'a survivor that is silent',
    cluster: of(3).etcdSilent('cp-3'),
    why: 'etcd on cp-3 does not answer',
  },
  { what: 'a silent one of five', cluster: of(5).etcdSilent('cp-5'), why: 'etcd on cp-5 does not answer' },
  { what: 'the leaving one silent', cluster: of(3).etcdSilent('cp-2'), why: 'etcd on cp-2 does not answer' },
  {
    what: 'a member without a node',
    cluster: of(4).without('cp-4'),
    why: 'etcd has 4 voting members, of which 3 answered from 3',
  },
  {
    what: 'a node whose member was removed and that answers all the same',
    cluster: of(3).etcd('cp-3', { memberId: 'dead'.padStart(16, '0') }),
    why: 'of which 2 answered',
  },
  {
    what: 'one member answering for two nodes',
    cluster: of(3).etcd('cp-3', { memberId: memberIdOf('cp-1') }),
    why: 'of which 2 answered',
  },
  {
    what: 'a node that is no control-plane node',
    cluster: of(3),
    leaving: 'worker-1',
    why: 'no etcd member',
  },
];

describe('proveHealthy', () => {
  it.each(HEALTHY)('$what', ({ cluster, leaving, why }) => {
    const proof = proveHealthy(
      cluster.witnesses(),
      leaving ?? (cluster.witnesses().length > 1 ? 'cp-2' : 'cp-1'),
    );
    if (why === null) expect(proof.kind).toBe('holds');
    else
      expect(proof).toMatchObject({
        kind: 'fails',
        whys: expect.arrayContaining([expect.stringContaining(why)]),
      });
  });

  it('shows its arithmetic', () => {
    expect(proveHealthy(of(5).ledBy('cp-4').lagging('cp-3', 7).witnesses(), 'cp-2')).toEqual({
      kind: 'holds',
      arithmetic: { voters: 5, quorum: 3, votersLeft: 4, leader: 'cp-4', maxLag: 7 },
    });
  });

  it('never holds when the voters left are fewer than a quorum of all members', () => {
    for (let members = 1; members <= 7; members += 1) {
      for (let silent = 0; silent < members; silent += 1) {
        const cluster = of(members);
        for (let i = 0; i < silent; i += 1) cluster.etcdSilent(`cp-${members - i}`);
        const proof = proveHealthy(cluster.witnesses(), 'cp-1');
        expect(proof.kind).toBe(silent === 0 && members >= 3 ? 'holds' : 'fails');
      }
    }
  });
});

const REPAIR: readonly Row[] = [
  {
    what: 'one member',
    cluster: of(1).etcdSilent('cp-1'),
    leaving: 'cp-1',
    why: 'no other control-plane node',
  },
  { what: 'two members, the sick one silent', cluster: of(2).etcdSilent('cp-2'), why: 'only 1 of 2' },
  { what: 'three members, the sick one silent', cluster: of(3).etcdSilent('cp-2'), why: null },
  { what: 'three members, the sick one answering', cluster: of(3), why: null },
  { what: 'three members, the sick one leading', cluster: of(3).ledBy('cp-2'), why: null },
  { what: 'three members, a survivor silent', cluster: of(3).etcdSilent('cp-3'), why: 'only 1 of 3' },
  {
    what: 'three members, sick and survivor silent',
    cluster: of(3).etcdSilent('cp-2').etcdSilent('cp-3'),
    why: 'only 1 of 3',
  },
  { what: 'four members, a survivor silent', cluster: of(4).etcdSilent('cp-3'), why: 'only 2 of 4' },
  {
    what: 'five members, one survivor silent',
    cluster: of(5).etcdSilent('cp-2').etcdSilent('cp-3'),
    why: null,
  },
  {
    what: 'five members, two survivors silent',
    cluster: of(5).etcdSilent('cp-3').etcdSilent('cp-4'),
    why: 'only 2 of 5',
  },
  {
    what: 'seven members, three survivors silent',
    cluster: of(7).etcdSilent('cp-3').etcdSilent('cp-4').etcdSilent('cp-5'),
    why: 'only 3 of 7',
  },
  { what: 'a survivor that is a learner', cluster: of(3).withLearner('cp-3'), why: 'only 1 of 2' },
  {
    what: 'survivors with two lists of members',
    cluster: of(3).seesOnly('cp-3', [memberIdOf('cp-3')]),
    why: 'do not agree on who the members are',
  },
  { what: 'survivors without a leader', cluster: of(3).ledBy(null), why: 'no leader' },
  {
    what: 'the sick one with a list of its own',
    cluster: of(3).seesOnly('cp-2', [memberIdOf('cp-2')]),
    why: null,
  },
  {
    what: 'an alarm that a survivor reports',
    cluster: of(3).withAlarm('cp-3', 'corrupt'),
    why: 'corrupt alarm',
  },
  {
    what: 'a survivor whose member was removed',
    cluster: of(3).etcd('cp-3', { memberId: 'dead'.padStart(16, '0') }),
    why: 'only 1 of 3',
  },
  {
    what: 'two survivors that are one member',
    cluster: of(3).etcd('cp-3', { memberId: memberIdOf('cp-1') }),
    why: 'only 1 of 3',
  },
];

describe('proveRepair', () => {
  it.each(REPAIR)('$what', ({ cluster, leaving = 'cp-2', why }) => {
    const proof = proveRepair(cluster.witnesses(), leaving);
    if (why === null) expect(proof.kind).toBe('holds');
    else
      expect(proof).toMatchObject({
        kind: 'fails',
        whys: expect.arrayContaining([expect.stringContaining(why)]),
      });
  });
});
