// What each check on Kubernetes is about: made silent, it must say so.
import {
  apiServicesServe,
  botIsAllowed,
  csrsAreDecided,
  healthChecksHold,
  webhooksAnswer,
} from '../../src/checks/api.ts';
import { budgetsAllow, budgetsAreSingle } from '../../src/checks/budgets.ts';
import { botMayMove, drainedPodsFit, nodesAreEasy } from '../../src/checks/capacity.ts';
import { argoRests, fluxRests } from '../../src/checks/gitops.ts';
import { otherBotsRest } from '../../src/checks/lease.ts';
import { backupsAreFresh, nobodyElseUpgrades } from '../../src/checks/neighbours.ts';
import {
  emptyDirsMayGo,
  podsAreManaged,
  podsRun,
  systemPodsRun,
  volumesMayMove,
  workIsReplicated,
} from '../../src/checks/pods.ts';
import { componentsFit } from '../../src/checks/skew.ts';
import { cephIsWell, longhornIsWhole } from '../../src/checks/storage.ts';
import type { EstateSubject } from '../../src/cluster/estate/estate.ts';
import type { EstateCheck } from './estate-row.ts';

/** What each check is about, to make it silent. */
export const ABOUT: readonly (readonly [EstateCheck, EstateSubject])[] = [
  [systemPodsRun, 'pods'],
  [podsRun, 'pods'],
  [workIsReplicated, 'pods'],
  [podsAreManaged, 'pods'],
  [emptyDirsMayGo, 'pods'],
  [volumesMayMove, 'localVolumes'],
  [volumesMayMove, 'pods'],
  [budgetsAllow, 'budgets'],
  [budgetsAreSingle, 'budgets'],
  [budgetsAreSingle, 'pods'],
  [drainedPodsFit, 'pods'],
  [drainedPodsFit, 'nodes'],
  [nodesAreEasy, 'nodes'],
  [botMayMove, 'ownPods'],
  [webhooksAnswer, 'webhooks'],
  [apiServicesServe, 'apiServices'],
  [csrsAreDecided, 'pendingCsrs'],
  [botIsAllowed, 'access'],
  [healthChecksHold, 'health'],
  [componentsFit, 'components'],
  [fluxRests, 'flux'],
  [argoRests, 'argo'],
  [backupsAreFresh, 'velero'],
  [longhornIsWhole, 'longhorn'],
  [cephIsWell, 'ceph'],
  [nobodyElseUpgrades, 'otherUpgraders'],
  [otherBotsRest, 'lease'],
];
