// The checks on what Kubernetes says beside its nodes: what each calls well, bad and unknown.
import { describe, expect, it } from 'vitest';
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
import { anEstate } from '../builders/estate.ts';
import { aCluster } from '../builders/snapshot.ts';
import { API_ROWS } from './api-rows.ts';
import type { EstateCheck } from './estate-row.ts';
import { NEIGHBOUR_ROWS } from './neighbour-rows.ts';
import { POD_ROWS } from './pod-rows.ts';

/** What each check is about, to make it silent. */
const ABOUT: readonly (readonly [EstateCheck, EstateSubject])[] = [
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
];

describe('a check on what Kubernetes says beside its nodes', () => {
  it.each([...POD_ROWS, ...API_ROWS, ...NEIGHBOUR_ROWS].map((row) => ({ ...row, name: row.check.name })))(
    '$name calls it $level when $what',
    ({ check, estate, level, says, subject }) => {
      const [worst] = check(aCluster().withEstate(anEstate(estate)).build());
      expect(worst?.level).toBe(level);
      if (says !== undefined) expect(worst?.sentence).toContain(says);
      if (subject !== undefined) expect(worst?.subject).toBe(subject);
    },
  );

  it.each(ABOUT.map(([check, subject]) => ({ check, subject, name: check.name })))(
    '$name calls it unknown when nothing is known about $subject',
    ({ check, subject }) => {
      const findings = check(
        aCluster()
          .withEstate(anEstate({}, [subject]))
          .build(),
      );
      expect(findings.map(({ level }) => level)).toEqual(['unknown']);
    },
  );

  it.each([...new Set(ABOUT.map(([check]) => check))].map((check) => ({ check, name: check.name })))(
    '$name is skipped when Kubernetes was not asked',
    ({ check }) => {
      expect(check(aCluster().build()).map(({ level }) => level)).toEqual(['skipped']);
    },
  );
});
