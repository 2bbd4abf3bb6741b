// Asks every API about a cluster at once and keeps the answers, and the silences, as one Snapshot.

import { type Answer, said } from '../cluster/answer.ts';
import type { Inspection } from '../cluster/inspection.ts';
import type { NodeSnapshot, Snapshot, StaticPodView, WorkloadNodeView } from '../cluster/snapshot.ts';
import { eachOf } from './bounded.ts';
import { takeEstate } from './estate.ts';
import { answer, patiently } from './patience.ts';
import type { Access } from './ports/access.ts';
import type { Clock } from './ports/clock.ts';
import type { EstateReader } from './ports/estate.ts';
import type { Machines, ReadOptions } from './ports/machines.ts';
import type { DirectWitness } from './ports/witness.ts';
import type { Workloads } from './ports/workloads.ts';
import { type Found, reconcile } from './reconcile.ts';
import type { Slots } from './slots.ts';

export interface ClusterPorts {
  readonly name: string;
  readonly machines: Machines;
  readonly workloads: Workloads;
  /** What our certificate allows; absent where there is none. */
  readonly access?: Access;
  /** A second proof of quorum, when etcd may be asked directly; absent = off. */
  readonly witness?: DirectWitness;
  /** What a full pre-flight asks Kubernetes; absent = it is not asked. */
  readonly estate?: EstateReader;
  /** Shared by all clusters of a process: full surveys take turns, and looks and proofs never wait. Absent = nobody waits. */
  readonly turns?: Slots;
}

/**
 * Machines asked at the same time: enough that some dead ones do not hold the others up, few enough for one API endpoint that
 * proxies for all; the fewer, the more each is asked.
 */
const ASK_WIDTH = { look: 64, full: 24 } as const;

export interface SurveyOptions extends ReadOptions {
  /** full: machines are inspected, and everything Kubernetes knows is asked as well, for a pre-flight. Default: machines, nodes and etcd. */
  readonly depth?: 'full';
  /** Names of the only machines that are asked themselves; the others are listed as not asked. Absent: all of them. */
  readonly only?: readonly string[];
}

const NOT_ASKED = { kind: 'silent', why: 'it was not asked' } as const;

/** Never rejects: what does not answer is written down as silent. `avoid` is the address of a node that must not proxy. */
export function survey(ports: ClusterPorts, clock: Clock, options: SurveyOptions = {}): Promise<Snapshot> {
  const take = (): Promise<Snapshot> => surveyed(ports, clock, options);
  // Waits before it asks anything: none of its limits runs yet.
  return options.depth === 'full' && ports.turns !== undefined ? ports.turns.run(take) : take();
}

async function surveyed(ports: ClusterPorts, clock: Clock, options: SurveyOptions): Promise<Snapshot> {
  // First: a talosconfig that was renewed a moment ago is used for everything below.
  const seeing = ports.access?.seen();
  const asking =
    options.depth === 'full' && ports.estate !== undefined ? takeEstate(ports.estate, clock) : null;
  const [members, workloads, staticPods] = await Promise.all([
    answer(ports.machines.members(options)),
    answer(ports.workloads.nodes()),
    answer(ports.workloads.staticPods()),
  ]);
  const silences = [members, workloads].flatMap((reply) => (reply.kind === 'silent' ? [reply.why] : []));
  const listed = reconcile(members, workloads);
  const around = { kube: { workloads, staticPods }, clock };
  const askedAt = clock.monotonic();
  const nodes = await eachOf(listed.found, ASK_WIDTH[options.depth ?? 'look'], (found) =>
    ask(ports, found, around, options),
  );
  const heardMs = clock.monotonic() - askedAt;
  return {
    cluster: ports.name,
    at: clock.now(),
    heardMs,
    nodes: nodes.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true })),
    silences,
    strangers: listed.strangers,
    estate: await asking,
    ...(seeing === undefined ? {} : { access: await seeing }),
  };
}

interface FromKubernetes {
  readonly workloads: Answer<readonly WorkloadNodeView[]>;
  readonly staticPods: Answer<ReadonlyMap<string, readonly StaticPodView[]>>;
}

async function ask(
  ports: ClusterPorts,
  found: Found,
  { kube, clock }: { readonly kube: FromKubernetes; readonly clock: Clock },
  options: SurveyOptions,
): Promise<NodeSnapshot> {
  const { name, address } = found;
  const controlPlane = found.role === 'control-plane';
  const node = workloadOf(kube, name);
  const asked = options.only === undefined || options.only.includes(name);
  const { machines } = ports;
  const hear = <T>(question: (reading: ReadOptions) => Promise<T>): Promise<Answer<T>> =>
    patiently(clock, (signal) => question({ ...readingOf(options), signal }), options.signal);
  // Kubernetes was asked before, so what it has of the machine's boot is an earlier sight of it.
  const seenBoot = said(node)?.bootId ?? '';
  const looking = asked ? hear((reading) => machines.look(address, { ...reading, seenBoot })) : NOT_ASKED;
  const [machine, etcd, inspection] = await Promise.all([
    looking,
    !controlPlane ? null : asked ? hear((reading) => machines.etcd(address, reading)) : NOT_ASKED,
    options.depth === 'full'
      ? inspected(Promise.resolve(looking), () =>
          hear((reading) => machines.inspect(address, { ...reading, role: found.role })),
        )
      : null,
  ]);
  const { staticPods } = kube;
  return {
    name,
    address,
    role: found.role,
    machine,
    inspection,
    etcd,
    workload: node,
    staticPods: !controlPlane
      ? null
      : staticPods.kind === 'silent'
        ? staticPods
        : { kind: 'said', value: staticPods.value.get(name) ?? [] },
  };
}

/** Only a machine that answers is asked more, and after the look, which tells what its version can be asked. */
async function inspected(
  looking: Promise<Answer<unknown>>,
  inspect: () => Promise<Answer<Inspection>>,
): Promise<Answer<Inspection> | null> {
  return (await looking).kind === 'said' ? await inspect() : null;
}

function workloadOf({ workloads }: FromKubernetes, name: string): Answer<WorkloadNodeView | null> {
  if (workloads.kind === 'silent') return workloads;
  return { kind: 'said', value: workloads.value.find((node) => node.name === name) ?? null };
}

function readingOf({ route, avoid }: ReadOptions): ReadOptions {
  return { ...(route === undefined ? {} : { route }), ...(avoid === undefined ? {} : { avoid }) };
}
