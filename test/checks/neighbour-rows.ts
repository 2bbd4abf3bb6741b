// Rows about others at work in the cluster.
import { argoRests, fluxRests } from '../../src/checks/gitops.ts';
import { otherBotsRest } from '../../src/checks/lease.ts';
import { backupsAreFresh, nobodyElseUpgrades } from '../../src/checks/neighbours.ts';
import { cephIsWell, longhornIsWhole } from '../../src/checks/storage.ts';
import type { ArgoView, CephView, FluxView } from '../../src/cluster/estate/neighbours.ts';
import { SNAPSHOT_AT } from '../builders/snapshot.ts';
import type { EstateRow } from './estate-row.ts';

const HOUR = 3_600_000;
const lease = (holder: string, leftMs: number, since: string | null = '2026-11-21 00:31 UTC') => ({
  lease: { namespace: 'kube-system', name: 'talos-chatops', seen: { holder, since, leftMs } },
});
const flux = (changed: Partial<FluxView>): FluxView => ({
  kind: 'Kustomization',
  namespace: 'flux-system',
  name: 'apps',
  suspended: false,
  state: 'ready',
  why: '',
  ...changed,
});
const argo = (changed: Partial<ArgoView>): ArgoView => ({
  namespace: 'argocd',
  name: 'shop',
  sync: 'Synced',
  health: 'Healthy',
  operation: 'Succeeded',
  automated: true,
  skipped: false,
  ...changed,
});
const ceph = (changed: Partial<CephView>): CephView => ({
  namespace: 'rook-ceph',
  name: 'rook-ceph',
  health: 'HEALTH_OK',
  details: [],
  ...changed,
});
const location = { name: 'default', available: true, readOnly: false, isDefault: true };
const backup = (phase: string, hoursAgo: number | null) => ({
  name: `nightly-${phase}`,
  phase,
  completedAt: hoursAgo === null ? null : SNAPSHOT_AT - hoursAgo * HOUR,
});
const volume = { name: 'pvc-1', robustness: 'healthy', state: 'attached', replicas: 3, node: 'worker-1' };

export const NEIGHBOUR_ROWS: readonly EstateRow[] = [
  { check: fluxRests, what: 'it is not installed', estate: {}, level: 'skipped' },
  { check: fluxRests, what: 'it rests', estate: { flux: [flux({})] }, level: 'ok' },
  {
    check: fluxRests,
    what: 'it applies',
    estate: { flux: [flux({ state: 'moving' })] },
    level: 'warning',
    says: 'Flux is applying Kustomization flux-system/apps',
  },
  {
    check: fluxRests,
    what: 'it fails',
    estate: { flux: [flux({ state: 'failed' })] },
    level: 'warning',
    says: 'fails',
  },
  {
    check: fluxRests,
    what: 'it is suspended, and its last state does not count',
    estate: { flux: [flux({ suspended: true, state: 'failed' })] },
    level: 'warning',
    says: 'suspended for',
  },
  { check: argoRests, what: 'it is not installed', estate: {}, level: 'skipped' },
  { check: argoRests, what: 'it rests', estate: { argo: [argo({})] }, level: 'ok' },
  {
    check: argoRests,
    what: 'it syncs',
    estate: { argo: [argo({ operation: 'Running', health: 'Progressing' })] },
    level: 'blocker',
    says: 'syncing argocd/shop',
  },
  {
    check: argoRests,
    what: 'something is degraded',
    estate: { argo: [argo({ health: 'Degraded' })] },
    level: 'warning',
    says: 'argocd/shop (Degraded)',
  },
  { check: backupsAreFresh, what: 'it is not installed', estate: {}, level: 'skipped' },
  {
    check: backupsAreFresh,
    what: 'the last is of tonight',
    estate: {
      velero: {
        namespace: 'velero',
        backups: [backup('Failed', 1), backup('Completed', 5)],
        locations: [location],
      },
    },
    level: 'ok',
  },
  {
    check: backupsAreFresh,
    what: 'the last good one is old',
    estate: {
      velero: {
        namespace: 'velero',
        backups: [backup('PartiallyFailed', 1), backup('Completed', 50)],
        locations: [location],
      },
    },
    level: 'warning',
    says: '50 hours old',
  },
  {
    check: backupsAreFresh,
    what: 'there is none, and no place for one',
    estate: {
      velero: { namespace: 'velero', backups: [], locations: [{ ...location, available: false }] },
    },
    level: 'warning',
    says: 'no backup location',
  },
  {
    check: backupsAreFresh,
    what: 'the only good one ends tomorrow',
    estate: {
      velero: { namespace: 'velero', backups: [backup('Completed', -24)], locations: [location] },
    },
    level: 'warning',
    says: 'end in the future',
  },
  {
    check: backupsAreFresh,
    what: 'one ends tomorrow, and the last good one is old',
    estate: {
      velero: {
        namespace: 'velero',
        backups: [backup('Completed', -24), backup('Completed', 50)],
        locations: [location],
      },
    },
    level: 'warning',
    says: '50 hours old',
  },
  {
    check: backupsAreFresh,
    what: 'its clock is a little ahead',
    estate: {
      velero: { namespace: 'velero', backups: [backup('Completed', -0.05)], locations: [location] },
    },
    level: 'ok',
  },
  { check: longhornIsWhole, what: 'it is not installed', estate: {}, level: 'skipped' },
  {
    check: longhornIsWhole,
    what: 'all volumes are whole',
    estate: { longhorn: { volumes: [volume], drainPolicy: null } },
    level: 'ok',
  },
  {
    check: longhornIsWhole,
    what: 'one is rebuilding',
    estate: { longhorn: { volumes: [{ ...volume, robustness: 'degraded' }], drainPolicy: null } },
    level: 'blocker',
    says: 'rebuilding: pvc-1',
  },
  {
    check: longhornIsWhole,
    what: 'one has a single replica',
    estate: {
      longhorn: { volumes: [{ ...volume, replicas: 1 }], drainPolicy: 'block-if-contains-last-replica' },
    },
    level: 'warning',
    says: 'stop the drain',
  },
  {
    check: longhornIsWhole,
    what: 'one has a single replica and the policy lets it go',
    estate: { longhorn: { volumes: [{ ...volume, replicas: 1 }], drainPolicy: 'always-allow' } },
    level: 'ok',
  },
  { check: cephIsWell, what: 'it is not installed', estate: {}, level: 'skipped' },
  { check: cephIsWell, what: 'it is well', estate: { ceph: [ceph({})] }, level: 'ok' },
  {
    check: cephIsWell,
    what: 'it only remembers a crash',
    estate: {
      ceph: [
        ceph({
          health: 'HEALTH_WARN',
          details: [{ name: 'RECENT_CRASH', severity: 'HEALTH_WARN', message: '1 daemon crashed' }],
        }),
      ],
    },
    level: 'warning',
    says: 'RECENT_CRASH (1 daemon crashed)',
  },
  {
    check: cephIsWell,
    what: 'data is degraded',
    estate: {
      ceph: [
        ceph({
          health: 'HEALTH_WARN',
          details: [{ name: 'PG_DEGRADED', severity: 'HEALTH_WARN', message: '' }],
        }),
      ],
    },
    level: 'blocker',
  },
  { check: cephIsWell, what: 'it says nothing', estate: { ceph: [ceph({ health: '' })] }, level: 'unknown' },
  { check: nobodyElseUpgrades, what: 'nobody is seen', estate: {}, level: 'ok' },
  {
    check: nobodyElseUpgrades,
    what: 'tuppr is at work',
    estate: {
      otherUpgraders: [
        { kind: 'tuppr', name: 'TalosUpgrade cluster', state: 'working', detail: 'phase Upgrading' },
      ],
    },
    level: 'blocker',
    says: 'tuppr is at work here: TalosUpgrade cluster, phase Upgrading',
  },
  {
    check: nobodyElseUpgrades,
    what: 'kured waits for its window',
    estate: {
      otherUpgraders: [{ kind: 'kured', name: 'DaemonSet kured', state: 'idle', detail: 'no lock is held' }],
    },
    level: 'warning',
  },
  {
    check: nobodyElseUpgrades,
    what: 'tuppr is suspended',
    estate: {
      otherUpgraders: [
        {
          kind: 'tuppr',
          name: 'TalosUpgrade cluster',
          state: 'suspended',
          detail: 'phase Pending, suspended',
        },
      ],
    },
    level: 'ok',
    says: 'suspended: tuppr (TalosUpgrade cluster)',
  },
  {
    check: nobodyElseUpgrades,
    what: 'one is suspended, and another could start',
    estate: {
      otherUpgraders: [
        {
          kind: 'tuppr',
          name: 'TalosUpgrade cluster',
          state: 'suspended',
          detail: 'phase Pending, suspended',
        },
        { kind: 'kured', name: 'DaemonSet kured', state: 'idle', detail: 'no lock is held' },
      ],
    },
    level: 'warning',
    says: 'kured could start here',
  },
  { check: otherBotsRest, what: 'nobody holds the Lease', estate: {}, level: 'ok' },
  { check: otherBotsRest, what: 'none is taken', estate: { lease: null }, level: 'skipped' },
  {
    check: otherBotsRest,
    what: 'another bot holds it',
    estate: lease('talos-chatops/r7/worker-1', 80_500),
    level: 'blocker',
    says: 'kube-system/talos-chatops is held by rollout r7 of another bot (worker-1), since 2026-11-21 00:31 UTC',
  },
  {
    check: otherBotsRest,
    what: 'something that is no bot of ours holds it',
    estate: lease('deployer', 1, null),
    level: 'blocker',
    says: 'is held by deployer.',
  },
  {
    check: otherBotsRest,
    what: 'it was left behind',
    estate: lease('talos-chatops/r7/worker-1', 0),
    level: 'ok',
    says: 'left behind by rollout r7',
  },
];
