// Ordered lists of checks by moment. A list never stops at the first trouble: people want to see all of it at once.
import type { EstateSubject } from '../cluster/estate/estate.ts';
import type { ImageAsked } from '../cluster/image.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { accessLasts, roleSuffices } from './access.ts';
import { apiServicesServe, botIsAllowed, csrsAreDecided, healthChecksHold, webhooksAnswer } from './api.ts';
import { podsRunAsBefore } from './baseline.ts';
import { budgetsAllow, budgetsAreSingle } from './budgets.ts';
import { botMayMove, drainedPodsFit, nodesAreEasy } from './capacity.ts';
import type { CheckName } from './catalogue.ts';
import { argumentsApply, disksAgree, imagesArePinned } from './configuration.ts';
import { noDiagnostics } from './diagnostics.ts';
import { volumesAreReady } from './disks.ts';
import { etcdIsHealthy } from './etcd.ts';
import { databasesAreSmall, versionsAgree } from './etcd-database.ts';
import type { Finding } from './finding.ts';
import { argoRests, fluxRests } from './gitops.ts';
import { extensionsAreKept, imagesAreKnown, imagesExist } from './images.ts';
import { kubernetesFits } from './kubernetes-images.ts';
import { otherBotsRest } from './lease.ts';
import { machinesAnswer, machinesAreReady, machinesHaveSettled } from './machines.ts';
import { backupsAreFresh, nobodyElseUpgrades } from './neighbours.ts';
import { nobodyManages } from './omni.ts';
import {
  emptyDirsMayGo,
  podsAreManaged,
  podsRun,
  systemPodsRun,
  volumesMayMove,
  workIsReplicated,
} from './pods.ts';
import { nextDrainPasses } from './rehearsal.ts';
import { servicesAreWell } from './services.ts';
import { componentsFit } from './skew.ts';
import { cephIsWell, longhornIsWhole } from './storage.ts';
import { clocksAreSynced, disksHaveRoom } from './upkeep.ts';
import { targetIsLegal } from './versions.ts';
import { everyMachineIsANode, nodesAreReady, nodesAreSchedulable, staticPodsAreReady } from './workloads.ts';

export type Check = (snapshot: Snapshot, asked: ImageAsked) => readonly Finding[];

/** A check that asks nothing of what was asked for. */
export type SnapshotCheck = (snapshot: Snapshot) => readonly Finding[];

/** What we may, what answers, and what it says of itself. */
const OF_MACHINES: readonly SnapshotCheck[] = [
  accessLasts,
  roleSuffices,
  machinesAnswer,
  everyMachineIsANode,
  machinesAreReady,
  machinesHaveSettled,
  clocksAreSynced,
  servicesAreWell,
  volumesAreReady,
  disksHaveRoom,
  noDiagnostics,
  nodesAreReady,
  nodesAreSchedulable,
  staticPodsAreReady,
  etcdIsHealthy,
  databasesAreSmall,
  versionsAgree,
  disksAgree,
  argumentsApply,
];

/** What only a version can be asked about; the names of what they find are in `NEEDS_A_VERSION`. */
export const OF_A_VERSION: readonly Check[] = [
  targetIsLegal,
  kubernetesFits,
  imagesArePinned,
  imagesAreKnown,
  extensionsAreKept,
  imagesExist,
];

export const NEEDS_A_VERSION: readonly CheckName[] = [
  'legal-hop',
  'kubernetes-images',
  'unpinned-images',
  'installer-image',
  'extensions',
  'image-exists',
];

/** What runs on the machines, and who else is at work there. */
const OF_KUBERNETES: readonly SnapshotCheck[] = [
  botIsAllowed,
  nodesAreEasy,
  componentsFit,
  systemPodsRun,
  podsRun,
  apiServicesServe,
  csrsAreDecided,
  webhooksAnswer,
  budgetsAllow,
  budgetsAreSingle,
  workIsReplicated,
  podsAreManaged,
  emptyDirsMayGo,
  volumesMayMove,
  drainedPodsFit,
  botMayMove,
  fluxRests,
  argoRests,
  backupsAreFresh,
  longhornIsWhole,
  cephIsWell,
  nobodyManages,
  nobodyElseUpgrades,
  otherBotsRest,
  healthChecksHold,
];

/** Before anything is touched. Order: what we may, what answers, then what it says, then what is asked of it, then all else. */
export const PRE_FLIGHT: readonly Check[] = [...OF_MACHINES, ...OF_A_VERSION, ...OF_KUBERNETES];

/** When nobody wants anything of the cluster but to know how it is. */
export const AS_IT_IS: readonly SnapshotCheck[] = [...OF_MACHINES, ...OF_KUBERNETES];

/** Before a node is changed, worker or not: whoever is not whole now would lose more, and whoever else is at work takes a second node. */
export const BEFORE_A_NODE: readonly SnapshotCheck[] = [
  healthChecksHold,
  longhornIsWhole,
  cephIsWell,
  nobodyElseUpgrades,
  webhooksAnswer,
  nextDrainPasses,
];

/** What the lists above and below need of Kubernetes; nothing else is asked between two nodes. */
export const BEFORE_A_NODE_ASKS: readonly EstateSubject[] = [
  'health',
  'longhorn',
  'ceph',
  'otherUpgraders',
  'webhooks',
];

/** Once more, when people took their time after that: what it would meet is only rehearsed before anything is evicted. */
export const BEFORE_A_NODE_AGAIN: readonly SnapshotCheck[] = BEFORE_A_NODE.filter(
  (check) => check !== nextDrainPasses,
);
/** The same of a node whose drain was begun: Ceph may be unwell because of it, and its restart takes no more disks away. */
export const BEFORE_A_RESTART_AGAIN: readonly SnapshotCheck[] = BEFORE_A_NODE_AGAIN.filter(
  (check) => check !== cephIsWell,
);

/** When a soak is over, of the whole cluster. */
export const AFTER_A_SOAK: readonly SnapshotCheck[] = [
  healthChecksHold,
  longhornIsWhole,
  cephIsWell,
  webhooksAnswer,
];
export const AFTER_A_SOAK_ASKS: readonly EstateSubject[] = ['health', 'longhorn', 'ceph', 'webhooks'];

/** When a node is back, of its own pods; and at the end, of all. */
export const AFTER_A_NODE: readonly SnapshotCheck[] = [podsRunAsBefore];
export const AT_THE_END: readonly SnapshotCheck[] = [podsRunAsBefore];
export const AT_THE_END_ASKS: readonly EstateSubject[] = ['pods'];

export function runChecks(
  checks: readonly Check[],
  snapshot: Snapshot,
  asked: ImageAsked,
): readonly Finding[] {
  return checks.flatMap((check) => check(snapshot, asked));
}
