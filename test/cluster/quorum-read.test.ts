// The second proof of quorum, as tables: which reads confirm a departure, and what is said when they do not.
import { describe, expect, it } from 'vitest';
import { type QuorumRead, whysOfHealthyReads, whysOfRepairReads } from '../../src/cluster/quorum-read.ts';
import { aCluster, memberIdOf, type SnapshotBuilder } from '../builders/snapshot.ts';

const of = (controlPlane: number): SnapshotBuilder => aCluster({ controlPlane });
const served = (node: string, memberId = memberIdOf(node)): QuorumRead => ({
  node,
  kind: 'served',
  memberId,
  revision: '42',
});
const silent = (node: string): QuorumRead => ({ node, kind: 'silent', why: `${node} sees no quorum` });
const servedBy = (...numbers: readonly number[]): readonly QuorumRead[] =>
  numbers.map((number) => served(`cp-${number}`));

interface Row {
  readonly what: string;
  readonly cluster?: SnapshotBuilder;
  readonly reads: readonly QuorumRead[];
  /** Part of the reasons; null when the reads confirm. */
  readonly why: string | null;
}

const HEALTHY: readonly Row[] = [
  { what: 'every member serves', reads: servedBy(1, 2, 3), why: null },
  { what: 'every one of five serves', cluster: of(5), reads: servedBy(1, 2, 3, 4, 5), why: null },
  {
    what: 'a member stays silent',
    reads: [...servedBy(1, 2), silent('cp-3')],
    why: 'no linearizable read through cp-3: cp-3 sees no quorum',
  },
  {
    what: 'the leaving member stays silent',
    reads: [silent('cp-1'), ...servedBy(2, 3)],
    why: 'no linearizable read through cp-1',
  },
  {
    what: 'one of five stays silent, though the others would be enough',
    cluster: of(5),
    reads: [...servedBy(1, 2, 3, 4), silent('cp-5')],
    why: 'no linearizable read through cp-5',
  },
  { what: 'a member was not asked', reads: servedBy(1, 2), why: 'etcd on cp-3 was not asked for a read' },
  { what: 'nobody was asked', reads: [], why: 'etcd on cp-1 was not asked for a read' },
  {
    what: 'one member answers for another, as behind a balancer',
    reads: [...servedBy(1, 2), served('cp-3', memberIdOf('cp-1'))],
    why: `member ${memberIdOf('cp-1')} answered for etcd on cp-3, which Talos says is member ${memberIdOf('cp-3')}`,
  },
  {
    what: 'a member of another cluster answers',
    reads: [...servedBy(1, 2), served('cp-3', 'ffffffffffffffff')],
    why: 'member ffffffffffffffff answered for etcd on cp-3',
  },
];

// cp-1 is the sick node that is to be repaired.
const REPAIR: readonly Row[] = [
  { what: 'both survivors serve', cluster: of(3).etcdSilent('cp-1'), reads: servedBy(2, 3), why: null },
  {
    what: 'a survivor of two stays silent',
    cluster: of(3).etcdSilent('cp-1'),
    reads: [served('cp-2'), silent('cp-3')],
    why: 'only 1 of 3 members serve a linearizable read without cp-1, and quorum is 2; no linearizable read through cp-3',
  },
  {
    what: 'the sick node serves in the place of a survivor',
    reads: [...servedBy(1, 2), silent('cp-3')],
    why: 'only 1 of 3 members',
  },
  {
    what: 'three of four survivors serve, a quorum of five, and the fourth is gone for good',
    cluster: of(5).etcdSilent('cp-1').etcdSilent('cp-5'),
    reads: [...servedBy(2, 3, 4), silent('cp-5')],
    why: null,
  },
  {
    what: 'two of four survivors serve',
    cluster: of(5).etcdSilent('cp-1'),
    reads: [...servedBy(2, 3), silent('cp-4'), silent('cp-5')],
    why: 'only 2 of 5 members',
  },
  {
    what: 'one survivor answers for two',
    cluster: of(3).etcdSilent('cp-1').etcdSilent('cp-3'),
    reads: [served('cp-2'), served('cp-3', memberIdOf('cp-2'))],
    why: 'only 1 of 3 members',
  },
  {
    what: 'a survivor is not who Talos says it is',
    cluster: of(3).etcdSilent('cp-1'),
    reads: [served('cp-2'), served('cp-3', memberIdOf('cp-2'))],
    why: 'which Talos says is member',
  },
  {
    what: 'a stranger would make the quorum',
    cluster: of(3).etcdSilent('cp-1').etcdSilent('cp-3'),
    reads: [served('cp-2'), served('cp-3', 'ffffffffffffffff')],
    why: 'only 1 of 3 members',
  },
  {
    what: 'a learner would make the quorum',
    cluster: of(4).etcdSilent('cp-1').etcdSilent('cp-4').withLearner('cp-3'),
    reads: [...servedBy(2, 3), silent('cp-4')],
    why: 'only 1 of 3 members',
  },
  {
    what: 'Talos knows no member at all',
    cluster: of(3).etcdSilent('cp-1').etcdSilent('cp-2').etcdSilent('cp-3'),
    reads: servedBy(2, 3),
    why: 'only 0 of 0 members',
  },
];

describe('reads before a healthy departure', () => {
  it.each(HEALTHY)('$what', ({ cluster = of(3), reads, why }) => {
    const whys = whysOfHealthyReads(reads, cluster.witnesses()).join('; ');
    if (why === null) expect(whys).toBe('');
    else expect(whys).toContain(why);
  });
});

describe('reads before the repair of cp-1', () => {
  it.each(REPAIR)('$what', ({ cluster = of(3), reads, why }) => {
    const whys = whysOfRepairReads(reads, cluster.witnesses(), 'cp-1').join('; ');
    if (why === null) expect(whys).toBe('');
    else expect(whys).toContain(why);
  });
});
