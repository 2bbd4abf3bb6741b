// What a process works with: the clusters it may touch, and what every task of a drive is given.
import type { Policy } from '../rollout/policy.ts';
import type { ImageWork } from './images.ts';
import type { Archiving } from './ports/archive.ts';
import type { Clock } from './ports/clock.ts';
import type { Journal } from './ports/journal.ts';
import type { Log } from './ports/log.ts';
import type { Session } from './session.ts';
import type { ClusterPorts } from './survey.ts';

export interface ClusterWork extends ClusterPorts {
  /** Where copies of etcd go; absent when none are taken. */
  readonly archiving?: Archiving;
  readonly policy: Policy;
  /** The Image Factory's registry host. */
  readonly factory: string;
  readonly images: ImageWork;
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
  /** Aborted when loops must stop: the lease is lost, or the process is stopping. */
  readonly loops: AbortSignal;
  /** Acts of repeat "never" that this process has sent, by rollout, step and how often it was begun. */
  readonly sent: Set<string>;
}
