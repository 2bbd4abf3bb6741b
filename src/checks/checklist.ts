// Ordered lists of checks by moment. A list never stops at the first trouble: people want to see all of it at once.
import type { ImageAsked } from '../cluster/image.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { accessLasts, roleSuffices } from './access.ts';
import { apiServicesServe, botIsAllowed, csrsAreDecided, healthChecksHold, webhooksAnswer } from './api.ts';
import { budgetsAllow, budgetsAreSingle } from './budgets.ts';
import { botMayMove, drainedPodsFit, nodesAreEasy } from './capacity.ts';
import { noDiagnostics } from './diagnostics.ts';
import { volumesAreReady } from './disks.ts';
import { etcdIsHealthy } from './etcd.ts';
import type { Finding } from './finding.ts';
import { argoRests, fluxRests } from './gitops.ts';
import { extensionsAreKept, imagesAreKnown, imagesExist } from './images.ts';
import { kubernetesFits } from './kubernetes-images.ts';
import { machinesAnswer, machinesAreReady, machinesHaveSettled } from './machines.ts';
import { backupsAreFresh, nobodyElseUpgrades } from './neighbours.ts';
import {
  emptyDirsMayGo,
  podsAreManaged,
  podsRun,
  systemPodsRun,
  volumesMayMove,
  workIsReplicated,
} from './pods.ts';
import { servicesAreWell } from './services.ts';
import { componentsFit } from './skew.ts';
import { cephIsWell, longhornIsWhole } from './storage.ts';
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
  servicesAreWell,
  volumesAreReady,
  noDiagnostics,
  nodesAreReady,
  nodesAreSchedulable,
  staticPodsAreReady,
  etcdIsHealthy,
  targetIsLegal,
  kubernetesFits,
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
  nobodyElseUpgrades,
  healthChecksHold,
];

export function runChecks(
  checks: readonly Check[],
  snapshot: Snapshot,
  asked: ImageAsked,
): readonly Finding[] {
  return checks.flatMap((check) => check(snapshot, asked));
}
