// What a full pre-flight asks a machine beside the look at it. Each question has its own answer: one that fails hides no other.

/** What a machine told when it was asked for something. The ways of having nothing are different news, and none of them is "fine". */
export type Told<T> =
  | { readonly kind: 'said'; readonly value: T }
  /** It answered that it has none. */
  | { readonly kind: 'absent' }
  /** Its Talos version knows no such thing. */
  | { readonly kind: 'unsupported' }
  /** Our role may not know it. */
  | { readonly kind: 'denied'; readonly why: string }
  | { readonly kind: 'silent'; readonly why: string };

/** What Talos itself complains about, e.g. addresses of pods that overlap with those of the machine. */
export interface Diagnostic {
  readonly id: string;
  readonly message: string;
  readonly details: readonly string[];
}

/** A service of the machine that should run and be healthy, and is not. */
export interface ServiceTrouble {
  readonly id: string;
  /** As Talos says it: `Running`, `Failed`, `Waiting`, … */
  readonly state: string;
  /** The last message of its health check or its last event; may be empty. */
  readonly message: string;
}

export type VolumePhase =
  | 'waiting'
  | 'failed'
  | 'missing'
  | 'located'
  | 'provisioned'
  | 'prepared'
  | 'ready'
  | 'closed';

export interface VolumeView {
  /** `EPHEMERAL`, `STATE`, `META`, … or a user's own. */
  readonly id: string;
  readonly phase: VolumePhase;
  /** What went wrong; empty when nothing did. */
  readonly error: string;
  /** 0 when it is not known yet. */
  readonly sizeBytes: number;
}

/** Room on EPHEMERAL, where images, logs, pods and etcd's data are. */
export interface Room {
  readonly sizeBytes: number;
  readonly freeBytes: number;
}

/** The machine's clock. */
export interface ClockView {
  readonly synced: boolean;
  /** Its configuration says so: nobody waits for a time server. */
  readonly syncDisabled: boolean;
}

/** The tunnel to whoever manages the machine from outside, Omni in most cases. */
export interface SiderolinkView {
  readonly host: string;
  readonly connected: boolean;
}

/** The image of one Kubernetes component as the machine runs it, e.g. `registry.k8s.io/kube-apiserver:v1.36.1`. */
export interface ComponentImage {
  /** `kubelet`, `kube-apiserver`, `kube-controller-manager` or `kube-scheduler`. */
  readonly component: string;
  readonly image: string;
}

/** What is needed of the machine's configuration. It holds every secret of the cluster: nothing else of it is kept. */
export interface MachineConfigView {
  readonly installDisk: string | null;
  /** Written when the machine was installed: not what it runs (talos-api.md 9.23). */
  readonly installImage: string | null;
  /** Names of extra kernel arguments, without their values: these may hold credentials. */
  readonly kernelArguments: readonly string[];
  /** GRUB takes the arguments that are in the image, as other loaders do. */
  readonly grubUsesImage: boolean;
  /** What etcd may grow to, when the configuration says so; null = etcd's own default. */
  readonly etcdQuotaBytes: number | null;
  /** Where the cluster's Kubernetes API is, without credentials. */
  readonly endpoint: string | null;
  /** Images of Kubernetes components that the configuration names; installers from 1.11 on refuse some (talos-api.md 7). */
  readonly images: readonly ComponentImage[];
}

export interface Inspection {
  readonly secureBoot: Told<boolean>;
  /** META 0x06, the entry a failing boot would fall back to; absent is the normal state of a settled machine. */
  readonly fallback: Told<string>;
  /** The file it was booted from; absent where that was GRUB's doing. */
  readonly bootedEntry: Told<string>;
  /** The disk it runs from, e.g. `/dev/sda`; absent where it was never installed. */
  readonly systemDisk: Told<string>;
  readonly time: Told<ClockView>;
  readonly room: Told<Room>;
  /** Absent where nobody manages it from outside. */
  readonly siderolink: Told<SiderolinkView>;
  /** The name under which it registers with Kubernetes. */
  readonly nodename: Told<string>;
  readonly diagnostics: Told<readonly Diagnostic[]>;
  readonly services: Told<readonly ServiceTrouble[]>;
  readonly volumes: Told<readonly VolumeView[]>;
  readonly kubelet: Told<ComponentImage>;
  /** Empty on workers. Each component that could be read; `denied` when our role may not read one of them. */
  readonly controlPlane: Told<readonly ComponentImage[]>;
  readonly config: Told<MachineConfigView>;
}

/** What was told, or null. */
export function told<T>(answer: Told<T>): T | null {
  return answer.kind === 'said' ? answer.value : null;
}

/** Why nothing is known although the machine should know; null when it said something, or has nothing to say. */
export function untold(answer: Told<unknown>): string | null {
  return answer.kind === 'denied' || answer.kind === 'silent' ? answer.why : null;
}
