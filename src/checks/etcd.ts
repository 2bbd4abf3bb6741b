// The check on etcd: each control-plane node in turn may go, by the healthy proof.

import { said } from '../cluster/answer.ts';
import { proveHealthy, proveOutage, type QuorumProof, type Witness } from '../cluster/etcd.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { type Finding, summed } from './finding.ts';

/** What each control-plane node's etcd said. */
export function witnessesOf(snapshot: Snapshot): readonly Witness[] {
  return snapshot.nodes
    .filter((node) => node.role === 'control-plane')
    .map((node) => ({
      node: node.name,
      view: said(node.etcd),
      silence: node.etcd?.kind === 'silent' ? node.etcd.why : null,
    }));
}

/** Expects etcd to survive the departure of any one member; of a single one, that it is well enough for an announced outage. */
export function etcdIsHealthy(snapshot: Snapshot): readonly Finding[] {
  const witnesses = witnessesOf(snapshot);
  if (witnesses.length === 0) {
    const sentence = 'No control-plane node was found, so nothing is known about etcd.';
    return [
      {
        check: 'etcd-quorum',
        level: 'unknown',
        subject: 'cluster',
        sentence,
        advice: 'Check the talosconfig endpoints.',
      },
    ];
  }
  const [only, second] = witnesses;
  const alone = only !== undefined && second === undefined;
  const proofs = witnesses.map((witness) => (alone ? proveOutage : proveHealthy)(witnesses, witness.node));
  const whys = new Set(proofs.flatMap((proof) => (proof.kind === 'fails' ? proof.whys : [])));
  const troubles: Finding[] = [...whys].map((why) => ({
    check: 'etcd-quorum',
    level: 'blocker',
    subject: 'etcd',
    sentence: `${why.charAt(0).toUpperCase()}${why.slice(1)}.`,
    advice: adviceFor(proofs),
  }));
  if (alone && troubles.length === 0) return [announcedOutage(only.node)];
  const [first] = proofs;
  const sums = first?.arithmetic;
  const sentence = `etcd: ${sums?.voters ?? 0} members vote, quorum is ${sums?.quorum ?? 0}, leader is ${sums?.leader ?? 'unknown'}.`;
  return summed('etcd-quorum', troubles, sentence);
}

/** Two members cannot be healed into losing one: they are one too few, or one too many. */
function adviceFor(proofs: readonly QuorumProof[]): string {
  const two = proofs.some((proof) => proof.arithmetic.voters === 2);
  return two
    ? 'Three members can lose one; a single one can go in an announced outage. Quorum can not be overridden.'
    : 'Heal etcd first; quorum can not be overridden.';
}

/** The price of a single control-plane node, said before anybody agrees to it. */
export function announcedOutage(node: string): Finding {
  return {
    check: 'etcd-quorum',
    level: 'warning',
    subject: 'etcd',
    sentence: `etcd has one member, on ${node}: while ${node} restarts, etcd and the Kubernetes API are away.`,
    advice: 'It takes an approval of its own and a fresh copy of etcd; only three members could lose one.',
  };
}
