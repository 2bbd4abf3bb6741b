// The second proof of a departure: where etcd may be asked directly, it must say what Talos said about it.
import { witnessesOf } from '../checks/etcd.ts';
import type { Witness } from '../cluster/etcd.ts';
import { type QuorumRead, whysOfHealthyReads, whysOfRepairReads } from '../cluster/quorum-read.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import type { Departure } from '../rollout/departure.ts';
import type { ProofKind } from '../rollout/gate.ts';
import type { DirectWitness } from './ports/witness.ts';

export interface Confirmation {
  readonly witness: DirectWitness;
  /** The node that is to go. */
  readonly leaving: string;
  readonly snapshot: Snapshot;
}

/**
 * Reads through every control-plane node's etcd, or through the survivors' when a sick node is to be repaired; what is not proved
 * already is not asked about. An etcd that passes for dead must serve no read. Never rejects.
 */
export async function confirmed(
  departure: Departure,
  { witness, leaving, snapshot }: Confirmation,
): Promise<Departure> {
  if (departure.kind !== 'proved') return departure;
  const { proof } = departure;
  const seats = snapshot.nodes.filter(
    ({ role, name }) => role === 'control-plane' && (proof.kind !== 'repair' || name !== leaving),
  );
  const reads = await witness.read(seats.map(({ name, address }) => ({ node: name, address })));
  const said = witnessesOf(snapshot);
  const whys = whysOf(proof.kind, reads, { said, leaving });
  if (whys.length > 0) return { kind: 'unproved', whys };
  if (proof.kind === 'dead') return departure;
  return { kind: 'proved', proof: { ...proof, sentence: `${proof.sentence} ${servedSentence(reads)}` } };
}

function whysOf(
  kind: ProofKind,
  reads: readonly QuorumRead[],
  { said, leaving }: { readonly said: readonly Witness[]; readonly leaving: string },
): readonly string[] {
  switch (kind) {
    case 'healthy':
    case 'outage':
      return whysOfHealthyReads(reads, said);
    case 'repair':
      return whysOfRepairReads(reads, said, leaving);
    case 'dead':
      return reads.flatMap((read) =>
        read.kind === 'served' ? [`etcd on ${read.node} served a read, so it is not dead`] : [],
      );
  }
}

function servedSentence(reads: readonly QuorumRead[]): string {
  const nodes = reads.filter((read) => read.kind === 'served').map((read) => read.node);
  return `etcd itself served a linearizable read through ${nodes.join(', ')}.`;
}
