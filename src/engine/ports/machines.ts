// The machines of one cluster: what the engine needs from the Talos API. Implemented by src/talos and by the playground's double.

import type { Inspection } from '../../cluster/inspection.ts';
import type { LogTail } from '../../cluster/log-tail.ts';
import type { Role } from '../../cluster/node.ts';
import type { RebootMode } from '../../cluster/reboot-mode.ts';
import type { EtcdView, MachineView } from '../../cluster/snapshot.ts';
import type { ActReply } from './fault.ts';

export interface MemberSeen {
  /** The Kubernetes node name. */
  readonly name: string;
  readonly addresses: readonly string[];
  readonly role: Role;
}

/** One moment of an image pull; layers are summed by the adapter. */
export interface PullProgress {
  readonly doneBytes: number;
  readonly totalBytes: number;
}

/** How an installation ended: the installer's own exit code, in band, and its last lines (at most 20). */
export interface InstallEnd {
  readonly exitCode: number;
  readonly lastLines: readonly string[];
}

/** What a machine's log says about a rollback whose reply was lost; `unknown` when it does not reach back to the call. */
export type Arrival = 'arrived' | 'never-arrived' | 'unknown';

/** What evidence says about an installation whose end was not seen (talos-api.md section 4). */
export type InstallOutcome =
  | { readonly kind: 'running' }
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'failed'; readonly exitCode: number | null }
  /**
   * Nothing runs, and the machine's record reaches back before the call and shows no installation in this boot but such as
   * failed. Anything less is `unknown`: clocks differ, and an installation that ended well must never be taken for an older one.
   */
  | { readonly kind: 'never-began' }
  /** One ended well, and a later one did not, or nobody saw its end: the node is armed, and nobody can say with what. */
  | { readonly kind: 'overtaken' }
  | { readonly kind: 'unknown' };

export interface ReadOptions {
  /** `direct` dials the machine itself (how its own return is watched); `any` goes through whichever endpoint answers. Default `any`. */
  readonly route?: 'any' | 'direct';
  /** Address of a machine that must not be used as the proxy, because it is being taken down. */
  readonly avoid?: string;
  readonly signal?: AbortSignal;
}

export interface LookOptions extends ReadOptions {
  /** The boot id that Kubernetes had of the machine before this look began: it saves reading it twice. */
  readonly seenBoot?: string;
}

export interface InspectOptions extends ReadOptions {
  /** A worker is not asked for a control plane. Absent: it is not known. */
  readonly role?: Role;
}

export interface TailOptions extends ReadOptions {
  /** The most of each log. */
  readonly lines: number;
  /** Without the line that Talos writes for every call: most of those are our own. */
  readonly withoutCalls?: boolean;
}

/** Asked in the moment before an act is sent, after all that its sender waits for: false = it is withdrawn. Absent: it may. */
export type May = () => boolean;

export interface LegacyUpgradeOptions {
  readonly image: string;
  /** True only when the source is <= 1.7: later it is ignored, or switches the etcd checks off (talos-api.md 3.5). */
  readonly preserve: boolean;
  /** Writes the order down and restarts; the installation happens in that boot, and a second restart ends it (talos-api.md 3.5). */
  readonly stage?: boolean;
  /** Absent: default. This call knows no force. */
  readonly rebootMode?: Exclude<RebootMode, 'force'>;
  /** Aborted when the machine was seen to have restarted: its reply will not come any more, and counts as lost. */
  readonly over?: AbortSignal;
  readonly may?: May;
}

/**
 * A sequence of the machine that did not do what it was started for. locked: another had the machine, and nothing happened; failed:
 * the machine restarts by itself. `actorId` is that of the call it belongs to; Talos leaves it empty where it is locked.
 */
export interface ToldFailure {
  readonly kind: 'locked' | 'failed';
  readonly actorId: string;
}

/** PEM texts with which etcd lets a client in. `key` is a secret; the authority's own key is never among them. */
export interface EtcdCredentials {
  readonly ca: string;
  readonly crt: string;
  readonly key: string;
}

/** Reads throw Fault and may fail over between endpoints; acts are sent once and answer with an ActReply. */
export interface Machines {
  /** All machines that cluster discovery knows, as one control-plane machine sees it. Empty when discovery is switched off. */
  members(options?: ReadOptions): Promise<readonly MemberSeen[]>;
  look(address: string, options?: LookOptions): Promise<MachineView>;
  /** What a full pre-flight asks beside the look. Never rejects: every question has its own answer. */
  inspect(address: string, options?: InspectOptions): Promise<Inspection>;
  /** Fault `missing` on workers. */
  etcd(address: string, options?: ReadOptions): Promise<EtcdView>;
  /** The machine's own etcd client certificate, read from its files: needs os:admin. Fault `missing` on workers. A secret. */
  etcdCredentials(address: string): Promise<EtcdCredentials>;
  /**
   * A copy of the machine's etcd as it streams it, taken as fast as it is iterated. It may end early as if all were well
   * (talos-api.md 9.17): the archive verifies it. Iterating throws Fault, `missing` on workers. Holds every Secret.
   */
  etcdSnapshot(address: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** A fresh cluster-admin kubeconfig as YAML text. A secret: never log it. */
  kubeconfig(): Promise<string>;
  /** Downloads an installer image; repeating it is harmless. Resolves with the pinned reference. Fault `missing` when the version has no such service. */
  pull(
    address: string,
    image: string,
    options: { readonly onProgress: (progress: PullProgress) => void; readonly signal: AbortSignal },
  ): Promise<{ readonly reference: string }>;
  /** Writes the image to disk (>= 1.13). Done with a non-zero exit code is a failed installation. Lines are whole lines. */
  install(
    address: string,
    image: string,
    onLine: (line: string) => void,
    may?: May,
  ): Promise<ActReply<InstallEnd>>;
  /** Settles an installation begun at `sinceMs` (milliseconds since 1970) whose stream was lost. A read. */
  installOutcome(address: string, sinceMs: number): Promise<InstallOutcome>;
  /** Pull, checks, drain, install and reboot in one call (<= 1.12). Done = accepted; the rest is seen by looking. */
  upgradeLegacy(
    address: string,
    options: LegacyUpgradeOptions,
  ): Promise<ActReply<{ readonly actorId: string }>>;
  /** Without a mode: default. `force` only where the version knows it (src/cluster/reboot-mode.ts): an older server would take it for default. */
  reboot(address: string, mode?: RebootMode, may?: May): Promise<ActReply<{ readonly actorId: string }>>;
  /** Makes the other boot entry the default and reboots. A toggle: a second call goes forward again. */
  rollback(address: string, may?: May): Promise<ActReply<null>>;
  /** Whether the machine heard a rollback that was sent at `sinceMs` (milliseconds since 1970), by its own log of this boot. A read. */
  rollbackArrived(address: string, sinceMs: number, options?: ReadOptions): Promise<Arrival>;
  /** Hands etcd leadership to another member; resolves with the new leader's name, or '' when it was not the leader. */
  forfeitLeadership(address: string, may?: May): Promise<string>;
  /**
   * Streams what the machine is doing as short sentences, for display only, until the signal aborts or the stream dies. Never throws.
   * A sentence about a sequence that failed says so beside it.
   */
  watch(
    address: string,
    onSentence: (sentence: string, failure: ToldFailure | null) => void,
    signal: AbortSignal,
  ): Promise<void>;
  /** The last lines of its logs, without what might be a secret. Never rejects: silence is part of the answer. */
  tail(address: string, options: TailOptions): Promise<LogTail>;
  close(): Promise<void>;
}
