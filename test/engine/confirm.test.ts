// Who is asked for the second proof, and what a departure becomes by the answers.
import { describe, expect, it } from 'vitest';
import type { QuorumRead } from '../../src/cluster/quorum-read.ts';
import { confirmed } from '../../src/engine/confirm.ts';
import type { DirectWitness, EtcdSeat } from '../../src/engine/ports/witness.ts';
import type { Departure } from '../../src/rollout/departure.ts';
import type { ProofKind } from '../../src/rollout/gate.ts';
import { aCluster, memberIdOf } from '../builders/snapshot.ts';

const figures = { voters: 3, quorum: 2, votersLeft: 2, leader: 'cp-1', maxLag: 0 };
const proved = (kind: ProofKind): Departure => ({
  kind: 'proved',
  proof: { kind, sentence: 'etcd has 3 voting members.', ...figures },
});

/** An etcd of which some members serve no read. */
class SmallEtcd implements DirectWitness {
  readonly asked: EtcdSeat[] = [];
  readonly #silent: readonly string[];

  constructor(...silent: readonly string[]) {
    this.#silent = silent;
  }

  async read(seats: readonly EtcdSeat[]): Promise<readonly QuorumRead[]> {
    this.asked.push(...seats);
    return seats.map(({ node }) =>
      this.#silent.includes(node)
        ? { node, kind: 'silent', why: `etcd on ${node} refuses connections` }
        : { node, kind: 'served', memberId: memberIdOf(node), revision: '7' },
    );
  }

  async close(): Promise<void> {}
}

const snapshot = aCluster().build();
const confirm = (departure: Departure, witness: SmallEtcd) =>
  confirmed(departure, { witness, leaving: 'cp-2', snapshot });

describe('the second proof', () => {
  it('asks every control-plane node before a healthy departure, and is told in the sentence of the card', async () => {
    const etcd = new SmallEtcd();
    expect(await confirm(proved('healthy'), etcd)).toEqual({
      kind: 'proved',
      proof: {
        kind: 'healthy',
        sentence:
          'etcd has 3 voting members. etcd itself served a linearizable read through cp-1, cp-2, cp-3.',
        ...figures,
      },
    });
    expect(etcd.asked).toEqual([
      { node: 'cp-1', address: '10.0.0.1' },
      { node: 'cp-2', address: '10.0.0.2' },
      { node: 'cp-3', address: '10.0.0.3' },
    ]);
  });

  it.each(['cp-1', 'cp-2', 'cp-3'])('fails a healthy departure when %s serves no read', async (node) => {
    expect(await confirm(proved('healthy'), new SmallEtcd(node))).toEqual({
      kind: 'unproved',
      whys: [`no linearizable read through ${node}: etcd on ${node} refuses connections`],
    });
  });

  it('asks only the survivors before a repair', async () => {
    const etcd = new SmallEtcd('cp-2');
    expect(await confirm(proved('repair'), etcd)).toMatchObject({
      kind: 'proved',
      proof: { kind: 'repair' },
    });
    expect(etcd.asked.map(({ node }) => node)).toEqual(['cp-1', 'cp-3']);
  });

  it('fails a repair when a survivor that is needed serves no read', async () => {
    const departure = await confirm(proved('repair'), new SmallEtcd('cp-3'));
    expect(departure).toMatchObject({ kind: 'unproved' });
    expect(JSON.stringify(departure)).toContain('only 1 of 3 members');
  });

  describe('of the only control-plane node', () => {
    const lone = aCluster({ controlPlane: 1 }).build();
    const ask = (kind: ProofKind, witness: SmallEtcd): Promise<Departure> =>
      confirmed(proved(kind), { witness, leaving: 'cp-1', snapshot: lone });

    it('asks the leaving member itself before an announced outage', async () => {
      expect(await ask('outage', new SmallEtcd())).toMatchObject({
        kind: 'proved',
        proof: { kind: 'outage', sentence: expect.stringContaining('a linearizable read through cp-1.') },
      });
      expect(await ask('outage', new SmallEtcd('cp-1'))).toMatchObject({ kind: 'unproved' });
    });

    it('believes that it is dead only while it serves no read', async () => {
      const silent = new SmallEtcd('cp-1');
      expect(await ask('dead', silent)).toEqual(proved('dead'));
      expect(silent.asked.map(({ node }) => node)).toEqual(['cp-1']);
      expect(await ask('dead', new SmallEtcd())).toEqual({
        kind: 'unproved',
        whys: ['etcd on cp-1 served a read, so it is not dead'],
      });
    });
  });

  it.each<Departure>([
    { kind: 'outdated', step: '02-cp-1-snapshot', whys: ['the copy of etcd is 61 min old'] },
    { kind: 'unproved', whys: ['etcd has no leader'] },
    { kind: 'drifted', whys: ['the etcd members are not the ones the plan was made for'] },
  ])('asks nobody about a departure that is $kind already', async (departure) => {
    const etcd = new SmallEtcd();
    expect(await confirm(departure, etcd)).toBe(departure);
    expect(etcd.asked).toEqual([]);
  });
});
