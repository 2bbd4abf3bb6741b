// The second proof of quorum: reads that a member of etcd can serve only while it sees one, asked of etcd itself and not of Talos.
import { quorumOf, type Witness } from './etcd.ts';

/** A linearizable read through one node's member. Its leader confirmed it with a quorum before it was answered. */
export type QuorumRead =
  | {
      readonly node: string;
      readonly kind: 'served';
      /** The member that answered, 16 hex digits: a balancer before several members would answer for all of them. */
      readonly memberId: string;
      /** The store's revision the read saw. An int64, so text. */
      readonly revision: string;
    }
  | { readonly node: string; readonly kind: 'silent'; readonly why: string };

type Served = Extract<QuorumRead, { kind: 'served' }>;

/** Why these reads do not confirm the healthy proof: every member must serve, each in its own name. Empty = confirmed. */
export function whysOfHealthyReads(
  reads: readonly QuorumRead[],
  witnesses: readonly Witness[],
): readonly string[] {
  const unasked = witnesses
    .filter(({ node }) => !reads.some((read) => read.node === node))
    .map(({ node }) => `etcd on ${node} was not asked for a read`);
  return [...unasked, ...silences(reads), ...impostors(reads, witnesses)];
}

/**
 * Why these reads do not confirm the repair proof: as in the first proof, survivors that are a quorum of all members must
 * serve. One that both proofs find silent may be gone for good, and does not keep the sick node from its repair.
 */
export function whysOfRepairReads(
  reads: readonly QuorumRead[],
  witnesses: readonly Witness[],
  leaving: string,
): readonly string[] {
  const survivors = reads.filter((read) => read.node !== leaving);
  const untrue = impostors(survivors, witnesses);
  if (untrue.length > 0) return untrue;
  const voters = votersKnownTo(witnesses.filter((witness) => witness.node !== leaving));
  const serving = new Set(
    served(survivors)
      .map((read) => read.memberId)
      .filter((id) => voters.has(id)),
  );
  const quorum = quorumOf(voters.size);
  if (serving.size >= quorum) return [];
  return [
    `only ${serving.size} of ${voters.size} members serve a linearizable read without ${leaving}, and quorum is ${quorum}`,
    ...silences(survivors),
  ];
}

function served(reads: readonly QuorumRead[]): readonly Served[] {
  return reads.filter((read) => read.kind === 'served');
}

function silences(reads: readonly QuorumRead[]): readonly string[] {
  return reads.flatMap((read) =>
    read.kind === 'silent' ? [`no linearizable read through ${read.node}: ${read.why}`] : [],
  );
}

function impostors(reads: readonly QuorumRead[], witnesses: readonly Witness[]): readonly string[] {
  return served(reads).flatMap(({ node, memberId }) => {
    const named = witnesses.find((witness) => witness.node === node)?.view?.memberId;
    return named === undefined || named === memberId
      ? []
      : [`member ${memberId} answered for etcd on ${node}, which Talos says is member ${named}`];
  });
}

/** The first proof has seen to it that the members agree on who they are; the largest view is the strict one. */
function votersKnownTo(witnesses: readonly Witness[]): ReadonlySet<string> {
  const lists = witnesses.map(
    ({ view }) => view?.members.filter((member) => !member.learner).map((member) => member.id) ?? [],
  );
  return new Set(lists.flat());
}
