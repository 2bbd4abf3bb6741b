// Asks every API about a cluster at once and keeps the answers, and the silences, as one Snapshot.
import type { Role } from '../cluster/node.ts';
import type { Answer, NodeSnapshot, Snapshot, StaticPodView, WorkloadNodeView } from '../cluster/snapshot.ts';
import { eachOf } from './bounded.ts';
import { takeEstate } from './estate.ts';
import type { Clock } from './ports/clock.ts';
import type { EstateReader } from './ports/estate.ts';
import { faultOf } from './ports/fault.ts';
import type { Machines, MemberSeen, ReadOptions } from './ports/machines.ts';
import type { DirectWitness } from './ports/witness.ts';
import type { Workloads } from './ports/workloads.ts';

export interface ClusterPorts {
  readonly name: string;
  readonly machines: Machines;
  readonly workloads: Workloads;
  /** A second proof of quorum, when etcd may be asked directly; absent = off. */
  readonly witness?: DirectWitness;
  /** What a full pre-flight asks Kubernetes; absent = it is not asked. */
  readonly estate?: EstateReader;
}

/** Machines asked at the same time: enough for a quick survey, few enough for one API endpoint that proxies for all. */
const ASK_WIDTH = 16;

export interface SurveyOptions extends ReadOptions {
  /** full: everything Kubernetes knows is asked as well, for a pre-flight. Default: machines, nodes and etcd. */
  readonly depth?: 'full';
  /** Names of the only machines that are asked themselves; the others are listed as not asked. Absent: all of them. */
  readonly only?: readonly string[];
}

const NOT_ASKED = { kind: 'silent', why: 'it was not asked' } as const;

/** Never rejects: what does not answer is written down as silent. `avoid` is the address of a node that must not proxy. */
export async function survey(
  ports: ClusterPorts,
  clock: Clock,
  options: SurveyOptions = {},
): Promise<Snapshot> {
  const asking =
    options.depth === 'full' && ports.estate !== undefined ? takeEstate(ports.estate, clock) : null;
  const [members, workloads, staticPods] = await Promise.all([
    answer(ports.machines.members(options)),
    answer(ports.workloads.nodes()),
    answer(ports.workloads.staticPods()),
  ]);
  const silences = [members, workloads].flatMap((reply) => (reply.kind === 'silent' ? [reply.why] : []));
  const listed = reconcile(members, workloads);
  const nodes = await eachOf(listed.found, ASK_WIDTH, (found) =>
    ask(ports, found, { workloads, staticPods }, options),
  );
  return {
    cluster: ports.name,
    at: clock.now(),
    nodes: nodes.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
    silences,
    strangers: listed.strangers,
    estate: await asking,
  };
}

/** Turns a rejection into a recorded silence. */
export async function answer<T>(asked: Promise<T>): Promise<Answer<T>> {
  try {
    return { kind: 'said', value: await asked };
  } catch (error) {
    return { kind: 'silent', why: faultOf(error).message };
  }
}

interface Found {
  readonly name: string;
  readonly address: string;
  readonly role: Role;
}

/** Machines from discovery; where discovery says nothing, the Kubernetes nodes by their first address. */
function reconcile(
  members: Answer<readonly MemberSeen[]>,
  workloads: Answer<readonly WorkloadNodeView[]>,
): { readonly found: readonly Found[]; readonly strangers: readonly string[] } {
  const seen = members.kind === 'said' ? members.value : [];
  const nodes = workloads.kind === 'said' ? workloads.value : [];
  if (seen.length === 0) {
    const found = nodes.flatMap((node): Found[] => {
      const [address] = node.addresses;
      return address === undefined
        ? []
        : [{ name: node.name, address, role: node.controlPlane ? 'control-plane' : 'worker' }];
    });
    return { found, strangers: [] };
  }
  const found = seen.flatMap((member): Found[] => {
    const [first] = member.addresses;
    const node = nodes.find((candidate) => isSame(member, candidate));
    const address = member.addresses.find((candidate) => node?.addresses.includes(candidate)) ?? first;
    return address === undefined ? [] : [{ name: node?.name ?? member.name, address, role: member.role }];
  });
  const strangers = nodes
    .filter((node) => !seen.some((member) => isSame(member, node)))
    .map((node) => node.name);
  return { found, strangers };
}

function isSame(member: MemberSeen, node: WorkloadNodeView): boolean {
  return member.name === node.name || member.addresses.some((address) => node.addresses.includes(address));
}

interface FromKubernetes {
  readonly workloads: Answer<readonly WorkloadNodeView[]>;
  readonly staticPods: Answer<ReadonlyMap<string, readonly StaticPodView[]>>;
}

async function ask(
  ports: ClusterPorts,
  found: Found,
  kube: FromKubernetes,
  options: SurveyOptions,
): Promise<NodeSnapshot> {
  const controlPlane = found.role === 'control-plane';
  const asked = options.only === undefined || options.only.includes(found.name);
  const [machine, etcd] = await Promise.all([
    asked ? answer(ports.machines.look(found.address, options)) : NOT_ASKED,
    !controlPlane ? null : asked ? answer(ports.machines.etcd(found.address, options)) : NOT_ASKED,
  ]);
  const { workloads, staticPods } = kube;
  return {
    ...found,
    machine,
    etcd,
    workload:
      workloads.kind === 'silent'
        ? workloads
        : { kind: 'said', value: workloads.value.find((node) => node.name === found.name) ?? null },
    staticPods: !controlPlane
      ? null
      : staticPods.kind === 'silent'
        ? staticPods
        : { kind: 'said', value: staticPods.value.get(found.name) ?? [] },
  };
}
