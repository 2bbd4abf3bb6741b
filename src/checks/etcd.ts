// The check on etcd: each control-plane node in turn may go, by the healthy proof.
import { proveHealthy, type Witness } from '../cluster/etcd.ts';
import { type Snapshot, said } from '../cluster/snapshot.ts';
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

/** Expects etcd to survive the departure of any one member. */
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
  const proofs = witnesses.map((witness) => proveHealthy(witnesses, witness.node));
  const whys = new Set(proofs.flatMap((proof) => (proof.kind === 'fails' ? proof.whys : [])));
  const troubles: Finding[] = [...whys].map((why) => ({
    check: 'etcd-quorum',
    level: 'blocker',
    subject: 'etcd',
    sentence: `${why.charAt(0).toUpperCase()}${why.slice(1)}.`,
    advice: 'Heal etcd first; quorum can not be overridden.',
  }));
  const [first] = proofs;
  const sums = first?.arithmetic;
  const sentence = `etcd: ${sums?.voters ?? 0} members vote, quorum is ${sums?.quorum ?? 0}, leader is ${sums?.leader ?? 'unknown'}.`;
  return summed('etcd-quorum', troubles, sentence);
}
