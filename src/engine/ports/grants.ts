// What the bot is granted in Kubernetes beyond what every rollout needs, and for how long it is let in. Implemented by src/kubernetes.

/** Something the bot may not read, and the checks that are unknown because of it. */
export interface Unread {
  /** `list poddisruptionbudgets.policy`, … */
  readonly act: string;
  readonly checks: readonly string[];
}

/** Something the bot may not do that only some rollouts want. */
export interface Ungranted {
  readonly act: string;
  /** Completes "only needed for …". */
  readonly use: string;
}

export interface Grants {
  readonly unread: readonly Unread[];
  readonly ungranted: readonly Ungranted[];
  /** Milliseconds since 1970 at which the client certificate of the kubeconfig that is configured ends; null where it has none. */
  readonly certificateEndsAt: number | null;
}

/** Reads only; throws Fault. */
export type LookAtGrants = () => Promise<Grants>;
