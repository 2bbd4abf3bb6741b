/** What the parts of one simulated machine share: its drawn node, its state, and the world around it. */
import type { Bootloader } from './bootloader.ts';
import type { WorldClock } from './clock.ts';
import type { Counters } from './counters.ts';
import type { Etcd } from './etcd.ts';
import type { EventLog, MachineStatus, Stage, UnmetCondition } from './event.ts';
import type { ImageStore } from './image-store.ts';
import type { KubernetesSide } from './kubernetes-side.ts';
import type { MachineLog } from './machine-log.ts';
import type { Random } from './random.ts';
import type { DrawnNode, WorldSettings } from './settings.ts';
import type { Slow } from './slowness.ts';
import type { StagedOrder } from './staged-boot.ts';
import { type Upkeep, WELL_KEPT } from './upkeep.ts';

/** What a machine is busy with, for whoever watches it. */
export interface Activity {
  readonly kind: 'pulling' | 'installing' | 'draining' | 'leaving' | 'down' | 'booting';
  readonly sinceMs: number;
  /** How long it is expected to take. */
  readonly lengthMs: number;
}

/** What injected faults turn on one machine. */
export interface MachineKnobs {
  /** The next `times` installer runs end with `code`. */
  installerExit: { readonly code: number; readonly times: number } | null;
  imageMissing: boolean;
  /** Set: a boot of any other version than this one never gets ready. */
  neverReadyExcept: string | null;
  /** The first boot of a new entry fails, and Talos boots the previous one again. */
  fallsBack: boolean;
  extraBootMs: number;
  extraInstallMs: number;
  extraPullMs: number;
  /** Kubernetes says NotReady although the machine is well. */
  kubernetesNotReady: boolean;
  /** The machine has no power until this is false. */
  poweredOff: boolean;
  /** Boots find no usable machine config and end in maintenance mode. */
  maintenance: boolean;
  /** Packets to and from the machine vanish: nobody is refused, nobody is answered. */
  unreachable: boolean;
  /** The next departure leaves its connections open and silent, as a kexec does. */
  halfOpen: boolean;
  /** A volume that failed, such as EPHEMERAL. */
  failedVolume: string | null;
  /** Methods whose next reply gets lost after the act. */
  readonly lostReplies: Set<string>;
  /** Methods whose next call gets lost before the act. */
  readonly lostCalls: Set<string>;
  /** What it tells of its clock, its disk and its configuration. */
  upkeep: Upkeep;
}

export interface MachineState {
  bootloader: Bootloader;
  bootId: string;
  bootedAtMs: number;
  stage: Stage;
  unmet: readonly UnmetCondition[];
  /** Whether apid accepts connections. */
  listening: boolean;
  /** Whether the kube-apiserver of this node serves. */
  apiServing: boolean;
  /** META key 6 on disk, and as the resource shows it (read at boot). */
  upgradeTag: string | null;
  shownUpgradeTag: string | null;
  installing: boolean;
  /** META keys 7 and 8: the next boot installs this first. */
  staged: StagedOrder | null;
  /** The sequence that has the machine; null when none does. */
  sequence: 'reboot' | 'upgrade' | 'boot' | null;
  activity: Activity | null;
  cordonedByTalos: boolean;
}

/** What the whole world, not one machine, is made of. */
export interface Surroundings {
  readonly settings: WorldSettings;
  readonly clock: WorldClock;
  readonly etcd: Etcd;
  readonly kubernetes: KubernetesSide;
  readonly counters: Counters;
  /** Called after every change of any machine. */
  readonly changed: () => void;
}

export interface MachineParts extends Surroundings {
  readonly node: DrawnNode;
  readonly random: Random;
  readonly state: MachineState;
  readonly knobs: MachineKnobs;
  readonly events: EventLog;
  readonly log: MachineLog;
  readonly images: ImageStore;
  /** Called when apid begins or ceases to listen. */
  readonly listeners: Set<(listening: boolean) => void>;
  /** Called when the machine loses its memory (power cut or restart): whatever ran there is gone. */
  readonly deaths: Set<() => void>;
  /** What a fault keeps from going on, and how it goes on. */
  readonly hanging: Set<{ readonly what: Slow; readonly end: () => void }>;
}

export function freshKnobs(): MachineKnobs {
  return {
    installerExit: null,
    imageMissing: false,
    neverReadyExcept: null,
    fallsBack: false,
    extraBootMs: 0,
    extraInstallMs: 0,
    extraPullMs: 0,
    kubernetesNotReady: false,
    poweredOff: false,
    maintenance: false,
    unreachable: false,
    halfOpen: false,
    failedVolume: null,
    lostReplies: new Set(),
    lostCalls: new Set(),
    upkeep: WELL_KEPT,
  };
}

/** The version that runs now, with the leading v. */
export function runningVersion(parts: MachineParts): string {
  return parts.state.bootloader.booted.version;
}

/** The machine's status as its resource and its events tell it (facts/talos-api.md 2.2). */
export function statusOf(parts: MachineParts): MachineStatus {
  const { stage } = parts.state;
  // Elsewhere nothing is checked, and ready is trivially true.
  if (stage !== 'booting' && stage !== 'running') return { stage, ready: true, unmet: [] };
  const unmet = [...parts.state.unmet];
  if (parts.knobs.kubernetesNotReady && !unmet.some((one) => one.name === 'nodeReady'))
    unmet.push({ name: 'nodeReady', reason: `node "${parts.node.name}" status is not ready` });
  return { stage, ready: unmet.length === 0, unmet };
}

/** Whether the node counts as back: RUNNING, ready and, on the control plane, caught up in etcd. */
export function isBack(parts: MachineParts): boolean {
  const status = statusOf(parts);
  if (!parts.state.listening || parts.state.sequence !== null) return false;
  if (status.stage !== 'running' || !status.ready) return false;
  return parts.node.role === 'worker' || parts.etcd.member(parts.node.name)?.caughtUp === true;
}

/** Tells everybody that something of this machine changed, and whether it is back. */
export function touched(parts: MachineParts): void {
  if (isBack(parts)) parts.counters.arrive(parts.node.name);
  parts.changed();
}
