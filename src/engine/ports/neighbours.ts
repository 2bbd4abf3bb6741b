// Others who keep applying things to the cluster, and how they are told to leave it alone. Implemented by src/kubernetes.
import type { Neighbour, NeighbourSeen } from '../../cluster/neighbour.ts';
import type { May } from './machines.ts';
import type { RestoreOptions } from './workloads.ts';

/**
 * running: it was at work and is suspended now, by us; suspended: it was found so, and left so; gone: it is no more, which only an
 * answer about this very object says.
 */
export type NeighbourFound = 'running' | 'suspended' | 'gone';

/**
 * running: put back as it was found, now or before; by-hand: somebody resumed it meanwhile, only our mark was taken away; not-ours: our
 * mark is not there any more, so nothing was changed; gone: it is no more, which only an answer about this very object says.
 */
export type NeighbourRestored = 'running' | 'by-hand' | 'not-ours' | 'gone';

export interface SuspendOptions {
  /** Asked before every write, also one that is decided anew because somebody else wrote in between. */
  readonly may?: May;
}

/** Everything throws Fault; `busy` from both acts while the kind is not served, because its objects may come back as they were. */
export interface Neighbours {
  /** Flux Kustomizations and HelmReleases. Empty when Flux is not installed. */
  flux(): Promise<readonly NeighbourSeen[]>;
  /** Argo CD Applications. Empty when Argo CD is not installed. */
  argo(): Promise<readonly NeighbourSeen[]>;
  /** Suspends it with our mark in the same patch; answers how it was found (by us earlier: as recorded then). */
  suspend(
    neighbour: Neighbour,
    mark: string,
    options?: SuspendOptions,
  ): Promise<{ readonly found: NeighbourFound }>;
  /** Puts it back as it was found under this mark. */
  resume(
    neighbour: Neighbour,
    mark: string,
    options?: RestoreOptions,
  ): Promise<{ readonly restored: NeighbourRestored }>;
}
