// Opens the Kubernetes side of one cluster: its ports over one connection.
import type { Named } from '../cluster/estate/pods.ts';
import { ESTATE_LIMIT_MS } from '../engine/estate.ts';
import type { AdvisoryLease } from '../engine/ports/advisory-lease.ts';
import type { Backups } from '../engine/ports/backups.ts';
import type { Clock } from '../engine/ports/clock.ts';
import type { EstateReader } from '../engine/ports/estate.ts';
import type { LookAtGrants } from '../engine/ports/grants.ts';
import type { Neighbours } from '../engine/ports/neighbours.ts';
import type { Workloads } from '../engine/ports/workloads.ts';
import { KubernetesConnection } from './connection.ts';
import type { HealthCheck } from './estate/health.ts';
import { kubernetesEstate } from './estate/reader.ts';
import { grantsSeen } from './grants.ts';
import type { KubeconfigSettings } from './kubeconfig.ts';
import { ClusterLease } from './lease.ts';
import { leaseDesk } from './lease-desk.ts';
import { neighboursOver } from './neighbours.ts';
import { PAGE_SIZE } from './pages.ts';
import { inTurns } from './reads.ts';
import { NO_USES, type Uses } from './rights.ts';
import { MOST_CONNECTIONS } from './transport.ts';
import { veleroBackups } from './velero.ts';
import { workloadsOver } from './workloads.ts';

export interface KubernetesSettings extends KubeconfigSettings {
  /** The longest a single call may take, in milliseconds. */
  readonly timeoutMs?: number;
  /** The same of an eviction or a deletion, which waits for webhooks. */
  readonly admissionTimeoutMs?: number;
  /** Items per page of a list. */
  readonly pageSize?: number;
  /** The pod this process runs in, when it runs in Kubernetes. */
  readonly ownPod?: Named;
  /** The policy's own health checks; absent = it has none. */
  readonly health?: readonly HealthCheck[];
  /** What the bot does in this cluster beside the drain, of which it asks whether it may; absent = nothing. */
  readonly uses?: Uses;
  /** Needed where `uses` names a Lease. */
  readonly clock?: Clock;
}

export interface Kubernetes {
  /** Closing it closes the connection of all. */
  readonly workloads: Workloads;
  readonly estate: EstateReader;
  readonly backups: Backups;
  readonly neighbours: Neighbours;
  readonly grants: LookAtGrants;
  /** Absent where none is taken. */
  readonly lease?: AdvisoryLease;
}

/** Long enough for a page of 500 pods from a busy API server, short enough to notice a dead one within a step. */
const CALL_TIMEOUT_MS = 10_000;

/** A pre-flight thinks of some fifty reads at once; one of the few connections is left to whoever renews a Lease. */
const ESTATE_TURNS = { width: MOST_CONNECTIONS - 1, patienceMs: ESTATE_LIMIT_MS };

/**
 * Nothing is read or dialled before the first call. Every method throws Fault; a kubeconfig that cannot be used is a Fault
 * `refused`.
 */
export function openKubernetes(settings: KubernetesSettings): Kubernetes {
  const { timeoutMs = CALL_TIMEOUT_MS, pageSize = PAGE_SIZE, ownPod, health = [], uses = NO_USES } = settings;
  const connection = new KubernetesConnection({ ...settings, timeoutMs });
  const lease = leaseOver(connection, uses, settings.clock);
  return {
    workloads: workloadsOver(connection, pageSize),
    estate: kubernetesEstate(inTurns(connection, ESTATE_TURNS), {
      pageSize,
      ...(ownPod === undefined ? {} : { ownPod }),
      health,
      uses,
      lease,
    }),
    backups: veleroBackups(connection, pageSize),
    neighbours: neighboursOver(connection, pageSize),
    grants: () => grantsSeen(connection, { kubeconfig: settings, health }),
    ...(lease === null ? {} : { lease }),
  };
}

function leaseOver(
  connection: KubernetesConnection,
  { lease: where }: Uses,
  clock: Clock | undefined,
): AdvisoryLease | null {
  if (where === null || clock === undefined) return null;
  return new ClusterLease({ desk: leaseDesk(connection, where), clock, where });
}
