/** The whole simulated world as plain JSON: for the web panel and for `GET /ctl/cluster`. */
import { defaultEntry } from './bootloader.ts';
import type { NodeCounters } from './counters.ts';
import type { Stage, UnmetCondition } from './event.ts';
import type { RawParams } from './fault.ts';
import type { KubernetesActs } from './kubernetes-side.ts';
import type { Machine } from './machine.ts';
import { isBack } from './machine-parts.ts';
import type { BootloaderKind, Role } from './settings.ts';
import type { World } from './world.ts';

export interface SlotView {
  readonly label: string;
  readonly version: string;
  readonly schematic: string;
  readonly isDefault: boolean;
  readonly isBooted: boolean;
}

export type NodePhase = 'idle' | 'pulling' | 'installing' | 'draining' | 'leaving' | 'down' | 'booting';

export interface NodeView {
  readonly name: string;
  readonly role: Role;
  readonly address: string;
  readonly version: string;
  readonly schematic: string;
  readonly bootloader: BootloaderKind;
  readonly slots: readonly SlotView[];
  readonly listening: boolean;
  readonly stage: Stage;
  readonly ready: boolean;
  readonly unmet: readonly UnmetCondition[];
  readonly bootId: string;
  readonly armed: boolean;
  readonly cordoned: boolean;
  readonly pods: number;
  /** False from an accepted departure until the node counts as back. */
  readonly back: boolean;
  readonly phase: NodePhase;
  /** How far the phase is, 0 to 1; null when idle or of no known length. */
  readonly progress: number | null;
  readonly counters: NodeCounters & KubernetesActs;
}

export interface EtcdView {
  readonly leader: string | null;
  readonly term: number;
  readonly quorum: boolean;
  readonly members: readonly {
    /** 16 hexadecimal digits, as Talos prints it. */
    readonly id: string;
    readonly name: string;
    readonly up: boolean;
    readonly caughtUp: boolean;
    readonly learner: boolean;
    readonly alarm: string | null;
  }[];
}

export interface FaultView {
  readonly id: number;
  readonly name: string;
  readonly params: RawParams;
  readonly atMs: number;
}

export interface WorldSnapshot {
  readonly atMs: number;
  readonly clusterName: string;
  readonly kubernetesVersion: string;
  readonly nodes: readonly NodeView[];
  readonly etcd: EtcdView;
  readonly rebootOrder: readonly string[];
  readonly awayNow: readonly string[];
  readonly maxControlPlaneAway: number;
  readonly maxControlPlaneAwayAny: number;
  readonly faults: readonly FaultView[];
}

export function snapshotOf(world: World): WorldSnapshot {
  const { counters, settings } = world;
  return {
    atMs: world.clock.now(),
    clusterName: settings.clusterName,
    kubernetesVersion: settings.kubernetesVersion,
    nodes: world.machines().map((machine) => nodeView(machine)),
    etcd: etcdView(world),
    rebootOrder: [...counters.rebootOrder],
    awayNow: counters.awayNow(),
    maxControlPlaneAway: counters.maxControlPlaneAway,
    maxControlPlaneAwayAny: counters.maxControlPlaneAwayAny,
    faults: world.activeFaults(),
  };
}

function nodeView(machine: Machine): NodeView {
  const { node, parts } = machine;
  const { state, kubernetes, clock, counters } = parts;
  const { activity, bootloader } = state;
  const defaultSerial = defaultEntry(bootloader).serial;
  const status = machine.status();
  const { cordons, uncordons, evictions } = kubernetes.actsOn(node.name);
  return {
    name: node.name,
    role: node.role,
    address: node.address,
    version: machine.version,
    schematic: machine.schematic,
    bootloader: bootloader.kind,
    slots: bootloader.entries.map(({ label, version, schematic, serial }) => ({
      label,
      version,
      schematic,
      isDefault: serial === defaultSerial,
      isBooted: serial === bootloader.booted.serial,
    })),
    listening: state.listening,
    ...status,
    bootId: state.bootId,
    armed: machine.armed,
    cordoned: kubernetes.isCordoned(node.name),
    pods: kubernetes.podsRunningOn(node.name),
    back: isBack(parts),
    phase: activity?.kind ?? 'idle',
    progress:
      activity === null || activity.lengthMs <= 0
        ? null
        : Math.min(1, (clock.now() - activity.sinceMs) / activity.lengthMs),
    counters: { ...counters.of(node.name), cordons, uncordons, evictions },
  };
}

function etcdView({ etcd }: World): EtcdView {
  return {
    leader: etcd.leader(),
    term: Number(etcd.raftTerm()),
    quorum: etcd.hasQuorum(),
    members: etcd.members().map(({ id, name, up, caughtUp, learner, alarm }) => ({
      id: id.toString(16).padStart(16, '0'),
      name,
      up,
      caughtUp,
      learner,
      alarm,
    })),
  };
}
