// Ordered lists of checks by moment. A list never stops at the first trouble: people want to see all of it at once.
import type { EstateSubject } from '../cluster/estate/estate.ts';
import type { ImageAsked } from '../cluster/image.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { accessLasts, roleSuffices } from './access.ts';
import { apiServicesServe, botIsAllowed, csrsAreDecided, healthChecksHold, webhooksAnswer } from './api.ts';
import { podsRunAsBefore } from './baseline.ts';
import { budgetsAllow, budgetsAreSingle } from './budgets.ts';
import { botMayMove, drainedPodsFit, nodesAreEasy } from './capacity.ts';
import { argumentsApply, disksAgree, imagesArePinned } from './configuration.ts';
import { noDiagnostics } from './diagnostics.ts';
import { volumesAreReady } from './disks.ts';
import { etcdIsHealthy } from './etcd.ts';
import { databasesAreSmall, versionsAgree } from './etcd-database.ts';
import type { Finding } from './finding.ts';
import { argoRests, fluxRests } from './gitops.ts';
import { extensionsAreKept, imagesAreKnown, imagesExist } from './images.ts';
import { kubernetesFits } from './kubernetes-images.ts';
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

/** Before anything is touched. Order: what we may, what answers, then what it says, then what is asked of it, then all else. */
export const PRE_FLIGHT: readonly Check[] = [
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
  targetIsLegal,
  kubernetesFits,
  imagesArePinned,
  disksAgree,
  argumentsApply,
  imagesAreKnown,
  extensionsAreKept,
  imagesExist,
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
  healthChecksHold,
];

/** A check that asks nothing of what was asked for. */
export type SnapshotCheck = (snapshot: Snapshot) => readonly Finding[];

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
