// The second proof of a departure: where etcd may be asked directly, it must say what Talos said about it.
import { witnessesOf } from '../checks/etcd.ts';
import { type QuorumRead, whysOfHealthyReads, whysOfRepairReads } from '../cluster/quorum-read.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import type { Departure } from '../rollout/departure.ts';
import type { DirectWitness } from './ports/witness.ts';

export interface Confirmation {
  readonly witness: DirectWitness;
  /** The node that is to go. */
  readonly leaving: string;
  readonly snapshot: Snapshot;
}

/**
 * Reads through every control-plane node's etcd, or through the survivors' when a sick node is to be repaired; what is not proved
 * already is not asked about. Never rejects.
 */
export async function confirmed(
  departure: Departure,
  { witness, leaving, snapshot }: Confirmation,
): Promise<Departure> {
  if (departure.kind !== 'proved') return departure;
  const { proof } = departure;
  const seats = snapshot.nodes.filter(
    ({ role, name }) => role === 'control-plane' && (proof.kind === 'healthy' || name !== leaving),
  );
  const reads = await witness.read(seats.map(({ name, address }) => ({ node: name, address })));
  const said = witnessesOf(snapshot);
  const whys =
    proof.kind === 'healthy' ? whysOfHealthyReads(reads, said) : whysOfRepairReads(reads, said, leaving);
  if (whys.length > 0) return { kind: 'unproved', whys };
  return { kind: 'proved', proof: { ...proof, sentence: `${proof.sentence} ${servedSentence(reads)}` } };
}

function servedSentence(reads: readonly QuorumRead[]): string {
  const nodes = reads.filter((read) => read.kind === 'served').map((read) => read.node);
  return `etcd itself served a linearizable read through ${nodes.join(', ')}.`;
}
