// Which machines there are: what discovery lists and what Kubernetes lists, brought together.

import type { Answer } from '../cluster/answer.ts';
import type { Role } from '../cluster/node.ts';
import type { WorkloadNodeView } from '../cluster/snapshot.ts';
import type { MemberSeen } from './ports/machines.ts';

export interface Found {
  readonly name: string;
  readonly address: string;
  readonly role: Role;
}

export interface Reconciled {
  readonly found: readonly Found[];
  /** Kubernetes nodes for which no machine was found. */
  readonly strangers: readonly string[];
}

/**
 * Machines from discovery, each under the name of its Kubernetes node; where discovery says nothing, the Kubernetes nodes by
 * their first address. An address is one machine, so it decides before names do: discovery keeps dead machines for 30 minutes
 * (talos-api.md 9.22), and a machine that was made anew has its old entry beside its new one until then.
 */
export function reconcile(
  members: Answer<readonly MemberSeen[]>,
  workloads: Answer<readonly WorkloadNodeView[]>,
): Reconciled {
  const seen = members.kind === 'said' ? members.value : [];
  const nodes = workloads.kind === 'said' ? workloads.value : [];
  if (seen.length === 0) return { found: nodes.flatMap(fromKubernetes), strangers: [] };
  const matches = matched(seen, nodes);
  const taken = new Set([...matches.keys()].flatMap(({ addresses }) => addresses));
  const joined = [...matches].flatMap(([member, node]) =>
    foundAt(member, node, addressOf(member, node, seen)),
  );
  // Nobody but the machine that Kubernetes knows there can be at its addresses: what is left of another is an old entry.
  const others = seen
    .filter((member) => !matches.has(member) && !member.addresses.every((one) => taken.has(one)))
    .flatMap((member) => foundAt(member, null, addressOf(member, null, seen)));
  const matchedNames = new Set([...matches.values()].map(({ name }) => name));
  return {
    found: [...joined, ...onePerAddress(others)],
    strangers: nodes.filter(({ name }) => !matchedNames.has(name)).map(({ name }) => name),
  };
}

function foundAt(
  member: MemberSeen,
  node: WorkloadNodeView | null,
  address: string | undefined,
): readonly Found[] {
  return address === undefined ? [] : [{ name: node?.name ?? member.name, address, role: member.role }];
}

/** Where the machine is asked: where Kubernetes finds it too, and never at an address that wanders between machines if it has another. */
function addressOf(
  member: MemberSeen,
  node: WorkloadNodeView | null,
  members: readonly MemberSeen[],
): string | undefined {
  const others = new Set(members.filter((one) => one !== member).flatMap(({ addresses }) => addresses));
  const common = member.addresses.filter((one) => node?.addresses.includes(one));
  const choices = [...common, ...(common.length === 0 ? member.addresses : [])];
  return choices.find((one) => !others.has(one)) ?? choices[0];
}

function fromKubernetes(node: WorkloadNodeView): readonly Found[] {
  const [address] = node.addresses;
  const role = node.controlPlane ? 'control-plane' : 'worker';
  return address === undefined ? [] : [{ name: node.name, address, role }];
}

type Rule = (member: MemberSeen, node: WorkloadNodeView) => boolean;

const sharesAddress: Rule = (member, node) =>
  member.addresses.some((address) => node.addresses.includes(address));
const sharesName: Rule = (member, node) => member.name === node.name;

/** Surest first; each member and each node is matched once. */
const RULES: readonly Rule[] = [
  (member, node) => sharesAddress(member, node) && sharesName(member, node),
  sharesAddress,
  sharesName,
];

function matched(
  members: readonly MemberSeen[],
  nodes: readonly WorkloadNodeView[],
): ReadonlyMap<MemberSeen, WorkloadNodeView> {
  const matches = new Map<MemberSeen, WorkloadNodeView>();
  const free = new Set(nodes);
  for (const rule of RULES) {
    for (const member of members) {
      if (matches.has(member)) continue;
      const node = [...free].find((candidate) => rule(member, candidate));
      if (node === undefined) continue;
      matches.set(member, node);
      free.delete(node);
    }
  }
  return matches;
}

/** Two entries without a Kubernetes node at one address are one machine that was renamed: it is asked once. */
function onePerAddress(found: readonly Found[]): readonly Found[] {
  return [...new Map(found.map((one) => [one.address, one])).values()];
}
