// What a process works with: the clusters it may touch, and what every task of a drive is given.
import type { Policy } from '../rollout/policy.ts';
import type { ImageWork } from './images.ts';
import type { LeaseKeeper } from './lease.ts';
import type { MutexKeeper } from './mutex.ts';
import type { ReleaseWork } from './paths.ts';
import type { AdvisoryLease } from './ports/advisory-lease.ts';
import type { Archiving } from './ports/archive.ts';
import type { Backups } from './ports/backups.ts';
import type { Clock } from './ports/clock.ts';
import type { LookAtGrants } from './ports/grants.ts';
import type { Journal } from './ports/journal.ts';
import type { Log } from './ports/log.ts';
import type { Neighbours } from './ports/neighbours.ts';
import type { UpgradeMutex } from './ports/upgrade-mutex.ts';
import type { Session } from './session.ts';
import type { ClusterPorts } from './survey.ts';

export interface ClusterWork extends ClusterPorts {
  /** Where copies of etcd go; absent when none are taken. */
  readonly archiving?: Archiving;
  /** Talos's own upgrade mutex; absent when etcd is not asked directly, or it is switched off. */
  readonly mutex?: UpgradeMutex;
  /** Tells bots on different stores of each other; absent when Kubernetes is not asked, or it is switched off. */
  readonly lease?: AdvisoryLease;
  /** Who makes backups of what runs in the cluster; only asked when the policy wants one. */
  readonly backups?: Backups;
  /** Others who keep applying things; only asked when the policy chooses some. */
  readonly neighbours?: Neighbours;
  /** What the bot is granted beyond what every rollout needs; asked by a doctor alone, absent where there is nobody to ask. */
  readonly grants?: LookAtGrants;
  readonly policy: Policy;
  /** The Image Factory's registry host. */
  readonly factory: string;
  readonly images: ImageWork;
  /** What paths over several versions are made from; absent where nobody asks for them. */
  readonly releases?: ReleaseWork;
}

export interface DriveParts {
  readonly journal: Journal;
  readonly clock: Clock;
  readonly log: Log;
  readonly owner: string;
  /** The cluster's ports and present policy; null when it is no longer configured. */
  readonly clusterOf: (cluster: string) => ClusterWork | null;
  /** Milliseconds between two looks at something that is awaited. */
  readonly pollMs: number;
}

export interface TaskContext {
  readonly session: Session;
  readonly parts: DriveParts;
  readonly work: ClusterWork;
  /** Who holds the upgrade mutex for this drive; null when the cluster has none. */
  readonly keeper: MutexKeeper | null;
  /** Who holds the advisory Lease for this drive; null when the cluster has none. */
  readonly lease: LeaseKeeper | null;
  /** Aborted when loops must stop: the lease is lost, or the process is stopping. */
  readonly loops: AbortSignal;
  /** By rollout and step: how often it had been begun when this process did it last. */
  readonly sent: Map<string, number>;
}
