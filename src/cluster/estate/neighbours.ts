// Others at work in the same cluster: GitOps, backups, storage, and whoever else upgrades machines.
import type { Named } from './pods.ts';

/** A Flux object that applies something: a Kustomization or a HelmRelease. */
export interface FluxView extends Named {
  readonly kind: 'Kustomization' | 'HelmRelease';
  readonly suspended: boolean;
  /** moving: it applies something now, or has not looked at its newest generation. */
  readonly state: 'ready' | 'moving' | 'failed' | 'unknown';
  readonly why: string;
}

/** An Argo CD Application. */
export interface ArgoView extends Named {
  /** `Synced`, `OutOfSync`, `Unknown`. */
  readonly sync: string;
  /** `Healthy`, `Progressing`, `Degraded`, `Suspended`, `Missing`, `Unknown`. */
  readonly health: string;
  /** `Running`, `Terminating`, `Failed`, `Error`, `Succeeded`; null when it never synced. */
  readonly operation: string | null;
  readonly automated: boolean;
  /** The controller leaves it alone (annotation skip-reconcile). */
  readonly skipped: boolean;
}

export interface VeleroView {
  readonly namespace: string;
  readonly backups: readonly {
    readonly name: string;
    readonly phase: string;
    /** Milliseconds since 1970; null while it runs. */
    readonly completedAt: number | null;
  }[];
  readonly locations: readonly {
    readonly name: string;
    readonly available: boolean;
    readonly readOnly: boolean;
    readonly isDefault: boolean;
  }[];
}

export interface LonghornView {
  readonly volumes: readonly {
    readonly name: string;
    /** `healthy`, `degraded`, `faulted`, `unknown` (detached). */
    readonly robustness: string;
    readonly state: string;
    readonly replicas: number;
    readonly node: string | null;
    /** Nodes on which its replicas lie; absent where nobody tells. */
    readonly copies?: readonly string[];
  }[];
  /** The setting `node-drain-policy`; null when it is not set. */
  readonly drainPolicy: string | null;
}

export interface CephView extends Named {
  /** `HEALTH_OK`, `HEALTH_WARN`, `HEALTH_ERR`. */
  readonly health: string;
  readonly details: readonly { readonly name: string; readonly severity: string; readonly message: string }[];
}

/** Somebody else who restarts or reconfigures machines. */
export interface OtherUpgrader {
  readonly kind: 'tuppr' | 'system-upgrade-controller' | 'kured' | 'cluster-api' | 'omni';
  /** What was found, e.g. `TalosUpgrade cluster`. */
  readonly name: string;
  /** suspended: it has nothing in hand, and begins nothing before somebody says so. */
  readonly state: 'working' | 'idle' | 'suspended';
  /** What it is doing, in a few words. */
  readonly detail: string;
}

/** One health check of the policy, evaluated at the border. */
export interface HealthView {
  readonly name: string;
  readonly verdict: 'healthy' | 'unhealthy' | 'unknown';
  readonly detail: string;
  /** How long it may stay unfulfilled between two nodes before a person is asked. */
  readonly timeoutMs: number;
}
