// Builds snapshots of a healthy cluster, and then breaks them: aCluster().withLearner('cp-2').silent('cp-3').build().
import { witnessesOf } from '../../src/checks/etcd.ts';
import type { AccessView } from '../../src/cluster/access.ts';
import type { Answer } from '../../src/cluster/answer.ts';
import type { Estate } from '../../src/cluster/estate/estate.ts';
import type { Witness } from '../../src/cluster/etcd.ts';
import type { Inspection } from '../../src/cluster/inspection.ts';
import type { Role } from '../../src/cluster/node.ts';
import type {
  EtcdMember,
  EtcdView,
  MachineView,
  NodeSnapshot,
  Snapshot,
  StaticPodView,
  WorkloadNodeView,
} from '../../src/cluster/snapshot.ts';
import { GOOD_ACCESS } from './access.ts';
import { anInspection, YOUNG_ETCD } from './inspection.ts';

export const SNAPSHOT_AT = Date.UTC(2026, 10, 20, 15);
export const SCHEMATIC = 'ce4c980550dd2ab1b17bbf2b08801c7eb59418eafe8f279833297925d67c7515';

export interface ClusterSize {
  readonly controlPlane?: number;
  readonly workers?: number;
  readonly version?: string;
}

/** Three control-plane nodes (cp-1 leads etcd) and two workers on v1.13.4 unless said otherwise. */
export function aCluster(size: ClusterSize = {}): SnapshotBuilder {
  return new SnapshotBuilder(size);
}

/** The member id of a control-plane node in every built snapshot, e.g. `00000000000000c2` for cp-2. */
export function memberIdOf(node: string): string {
  return `c${node.replace(/\D/g, '')}`.padStart(16, '0');
}

const STATIC_PODS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map(
  (component): StaticPodView => ({ component, ready: true }),
);

export class SnapshotBuilder {
  #nodes: readonly NodeSnapshot[];
  #silences: readonly string[] = [];
  #strangers: readonly string[] = [];
  #access: AccessView | null = GOOD_ACCESS;
  #estate: Estate | null = null;

  constructor({ controlPlane = 3, workers = 2, version = 'v1.13.4' }: ClusterSize) {
    const members = names('cp', controlPlane).map(
      (name): EtcdMember => ({ id: memberIdOf(name), name, learner: false }),
    );
    this.#nodes = [
      ...names('cp', controlPlane).map((name, index) =>
        aNode(name, 'control-plane', { version, address: `10.0.0.${index + 1}`, members }),
      ),
      ...names('worker', workers).map((name, index) =>
        aNode(name, 'worker', { version, address: `10.0.1.${index + 1}`, members }),
      ),
    ];
  }

  build(): Snapshot {
    return {
      cluster: 'prod',
      at: SNAPSHOT_AT,
      nodes: this.#nodes,
      silences: this.#silences,
      strangers: this.#strangers,
      ...(this.#access === null ? {} : { access: this.#access }),
      estate: this.#estate,
    };
  }

  access(access: AccessView | null): this {
    this.#access = access;
    return this;
  }

  witnesses(): readonly Witness[] {
    return witnessesOf(this.build());
  }

  /** Changes what one machine says about itself. */
  machine(name: string, changed: Partial<MachineView>): this {
    return this.#change(name, (node) => ({ ...node, machine: changedAnswer(node.machine, changed) }));
  }

  /** Changes what one machine told when it was inspected. */
  inspected(name: string, changed: Partial<Inspection>): this {
    return this.#change(name, (node) => ({
      ...node,
      inspection: node.inspection === null ? null : changedAnswer(node.inspection, changed),
    }));
  }

  version(name: string, version: string): this {
    return this.machine(name, { version });
  }

  workload(name: string, changed: Partial<WorkloadNodeView>): this {
    return this.#change(name, (node) => ({
      ...node,
      workload:
        node.workload.kind === 'said' && node.workload.value !== null
          ? { kind: 'said', value: { ...node.workload.value, ...changed } }
          : node.workload,
    }));
  }

  notReady(name: string): this {
    return this.workload(name, { ready: false });
  }

  /** Kubernetes answers and has no such node. */
  notJoined(name: string): this {
    return this.#change(name, (node) => ({ ...node, workload: { kind: 'said', value: null } }));
  }

  pods(name: string, pods: readonly StaticPodView[]): this {
    return this.#change(name, (node) => ({ ...node, staticPods: { kind: 'said', value: pods } }));
  }

  podsSilent(name: string, why = 'timed out'): this {
    return this.#change(name, (node) => ({ ...node, staticPods: { kind: 'silent', why } }));
  }

  podNotReady(name: string, component: string): this {
    const pods = STATIC_PODS.map((pod) => (pod.component === component ? { ...pod, ready: false } : pod));
    return this.pods(name, pods);
  }

  /** The machine and its etcd do not answer; what Kubernetes last knew stays. */
  silent(name: string, why = 'connection refused'): this {
    return this.#change(name, (node) => ({
      ...node,
      machine: { kind: 'silent', why },
      inspection: null,
      etcd: node.etcd === null ? null : { kind: 'silent', why },
    }));
  }

  etcdSilent(name: string, why = 'etcd is starting'): this {
    return this.#change(name, (node) => ({ ...node, etcd: { kind: 'silent', why } }));
  }

  workloadSilent(why = 'the Kubernetes API does not answer'): this {
    this.#nodes = this.#nodes.map((node) => ({ ...node, workload: { kind: 'silent', why } }));
    return this.incomplete(why);
  }

  /** Changes what one member says about etcd. */
  etcd(name: string, changed: Partial<EtcdView>): this {
    return this.#change(name, (node) => ({
      ...node,
      etcd: node.etcd === null ? null : changedAnswer(node.etcd, changed),
    }));
  }

  /** Changes what every member that answers says. */
  everywhere(change: (view: EtcdView, node: string) => Partial<EtcdView>): this {
    this.#nodes = this.#nodes.map((node) =>
      node.etcd?.kind === 'said'
        ? {
            ...node,
            etcd: { kind: 'said', value: { ...node.etcd.value, ...change(node.etcd.value, node.name) } },
          }
        : node,
    );
    return this;
  }

  /** All members know that this one has not been promoted yet. */
  withLearner(name: string): this {
    return this.#member(name, { learner: true }).etcd(name, { learner: true });
  }

  /** All members list this one without a name. */
  unstarted(name: string): this {
    return this.#member(name, { name: '' });
  }

  withAlarm(name: string, alarm: 'nospace' | 'corrupt'): this {
    return this.everywhere(() => ({ alarms: [{ memberId: memberIdOf(name), alarm }] }));
  }

  ledBy(name: string | null): this {
    return this.everywhere(() => ({ leaderId: name === null ? null : memberIdOf(name) }));
  }

  lagging(name: string, entries: number): this {
    return this.everywhere((view, node) =>
      node === name ? { raftAppliedIndex: view.raftIndex - entries } : {},
    );
  }

  /** Another list of members than the others have. */
  seesOnly(name: string, members: readonly string[]): this {
    return this.etcd(name, { members: members.map((id) => ({ id, name: id, learner: false })) });
  }

  without(name: string): this {
    this.#nodes = this.#nodes.filter((node) => node.name !== name);
    return this;
  }

  stranger(name: string): this {
    this.#strangers = [...this.#strangers, name];
    return this;
  }

  /** What Kubernetes says beside its nodes; by default it is not asked. */
  withEstate(estate: Estate): this {
    this.#estate = estate;
    return this;
  }

  incomplete(why: string): this {
    this.#silences = [...this.#silences, why];
    return this;
  }

  #member(name: string, changed: Partial<EtcdMember>): this {
    return this.everywhere((view) => ({
      members: view.members.map((member) =>
        member.id === memberIdOf(name) ? { ...member, ...changed } : member,
      ),
    }));
  }

  #change(name: string, change: (node: NodeSnapshot) => NodeSnapshot): this {
    if (!this.#nodes.some((node) => node.name === name)) throw new Error(`no node is called ${name}`);
    this.#nodes = this.#nodes.map((node) => (node.name === name ? change(node) : node));
    return this;
  }
}

function names(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
}

function changedAnswer<T>(answer: Answer<T>, changed: Partial<T>): Answer<T> {
  return answer.kind === 'said' ? { kind: 'said', value: { ...answer.value, ...changed } } : answer;
}

interface Draft {
  readonly version: string;
  readonly address: string;
  readonly members: readonly EtcdMember[];
}

function aNode(name: string, role: Role, { version, address, members }: Draft): NodeSnapshot {
  const controlPlane = role === 'control-plane';
  const bootId = `boot-${name}`;
  const machine: MachineView = {
    version,
    platform: 'metal',
    bootId,
    stage: 'running',
    ready: true,
    unmet: [],
    schematic: SCHEMATIC,
    factoryUrl: 'https://factory.talos.dev',
    extensions: ['iscsi-tools'],
  };
  const etcd: EtcdView = {
    memberId: memberIdOf(name),
    leaderId: memberIdOf('cp-1'),
    members,
    learner: false,
    raftTerm: 4,
    raftIndex: 1_000_000,
    raftAppliedIndex: 1_000_000,
    ...YOUNG_ETCD,
    errors: [],
    alarms: [],
  };
  const workload: WorkloadNodeView = {
    name,
    addresses: [address],
    controlPlane,
    ready: true,
    unschedulable: false,
    cordonedBy: null,
    kubeletVersion: 'v1.34.1',
    bootId,
  };
  return {
    name,
    address,
    role,
    machine: { kind: 'said', value: machine },
    inspection: { kind: 'said', value: anInspection(role, version) },
    etcd: controlPlane ? { kind: 'said', value: etcd } : null,
    workload: { kind: 'said', value: workload },
    staticPods: controlPlane ? { kind: 'said', value: STATIC_PODS } : null,
  };
}
