// Rows about pods and the budgets that guard them.
import { budgetsAllow, budgetsAreSingle } from '../../src/checks/budgets.ts';
import {
  emptyDirsMayGo,
  podsAreManaged,
  podsRun,
  systemPodsRun,
  volumesMayMove,
  workIsReplicated,
} from '../../src/checks/pods.ts';
import { aBudget, aPod } from '../builders/estate.ts';
import { SNAPSHOT_AT } from '../builders/snapshot.ts';
import type { EstateRow } from './estate-row.ts';

const MINUTE = 60_000;
const system = (changed: Parameters<typeof aPod>[0]) =>
  aPod({ namespace: 'kube-system', owner: { kind: 'ReplicaSet', name: 'coredns' }, ...changed });

export const POD_ROWS: readonly EstateRow[] = [
  { check: systemPodsRun, what: 'all run', estate: { pods: [system({ name: 'a' })] }, level: 'ok' },
  {
    check: systemPodsRun,
    what: 'one of two replicas crashes',
    estate: {
      pods: [system({ name: 'a' }), system({ name: 'b', ready: false, waiting: 'CrashLoopBackOff' })],
    },
    level: 'warning',
    says: 'kube-system/b on worker-1 is not ready (CrashLoopBackOff)',
  },
  {
    check: systemPodsRun,
    what: 'no replica runs',
    estate: { pods: [system({ name: 'a', ready: false, waiting: 'CrashLoopBackOff' })] },
    level: 'blocker',
  },
  {
    check: systemPodsRun,
    what: 'the network of one node is down',
    estate: {
      pods: [
        system({ name: 'cni-a', owner: { kind: 'DaemonSet', name: 'cni' } }),
        system({ name: 'cni-b', node: 'worker-2', owner: { kind: 'DaemonSet', name: 'cni' }, ready: false }),
      ],
    },
    level: 'blocker',
    subject: 'worker-2',
  },
  {
    check: systemPodsRun,
    what: 'one has just begun to start',
    estate: { pods: [system({ name: 'a', ready: false, createdAt: SNAPSHOT_AT - MINUTE })] },
    level: 'ok',
  },
  { check: podsRun, what: 'all run', estate: {}, level: 'ok', says: 'All 2 pods' },
  {
    check: podsRun,
    what: 'some do not',
    estate: {
      pods: [
        aPod({ ready: false, waiting: 'ImagePullBackOff' }),
        aPod({ name: 'x', phase: 'Failed', ready: false }),
        aPod({ name: 'y', ready: false, deleting: true, waiting: 'CrashLoopBackOff' }),
      ],
    },
    level: 'warning',
    says: '1 pod not ready (ImagePullBackOff): shop/web-1',
  },
  { check: workIsReplicated, what: 'everything runs twice', estate: {}, level: 'ok' },
  {
    check: workIsReplicated,
    what: 'a database runs once',
    estate: { pods: [aPod({ name: 'db-0', owner: { kind: 'StatefulSet', name: 'db' } })] },
    level: 'warning',
    says: 'shop/StatefulSet db',
  },
  {
    check: workIsReplicated,
    what: 'only a job and a DaemonSet run once',
    estate: {
      pods: [
        aPod({ owner: { kind: 'Job', name: 'j' } }),
        aPod({ name: 'd', owner: { kind: 'DaemonSet', name: 'd' } }),
      ],
    },
    level: 'ok',
  },
  { check: podsAreManaged, what: 'every pod has an owner', estate: {}, level: 'ok' },
  {
    check: podsAreManaged,
    what: 'a debug pod has none',
    estate: { pods: [aPod({ name: 'debug', owner: null }), aPod({ name: 'cp', owner: null, mirror: true })] },
    level: 'warning',
    says: '1 pod without an owner',
  },
  { check: emptyDirsMayGo, what: 'no pod keeps data', estate: {}, level: 'ok' },
  {
    check: emptyDirsMayGo,
    what: 'a cache is lost',
    estate: { pods: [aPod({ name: 'cache', emptyDir: true })] },
    level: 'warning',
    says: 'shop/cache',
  },
  { check: volumesMayMove, what: 'no volume is local', estate: {}, level: 'ok' },
  {
    check: volumesMayMove,
    what: 'a database lies on one node',
    estate: {
      pods: [aPod({ name: 'db-0', claims: ['data-db-0'] })],
      localVolumes: [
        { name: 'pv-1', claim: { namespace: 'shop', name: 'data-db-0' }, hostnames: ['worker-1'] },
        { name: 'pv-2', claim: null, hostnames: ['worker-2'] },
      ],
    },
    level: 'warning',
    says: 'shop/db-0',
  },
  {
    check: volumesMayMove,
    what: 'a claim of the same name in another namespace is local',
    estate: {
      pods: [aPod({ claims: ['data'] })],
      localVolumes: [{ name: 'pv-1', claim: { namespace: 'other', name: 'data' }, hostnames: ['worker-1'] }],
    },
    level: 'ok',
  },
  { check: budgetsAllow, what: 'one may go', estate: {}, level: 'ok' },
  {
    check: budgetsAllow,
    what: 'it allows none though all are healthy',
    estate: { budgets: [aBudget({ disruptionsAllowed: 0, desiredHealthy: 2 })] },
    level: 'blocker',
    says: 'shop/web never lets a pod go (2 of 2 healthy, 2 wanted)',
  },
  {
    check: budgetsAllow,
    what: 'it allows none for now',
    estate: { budgets: [aBudget({ disruptionsAllowed: 0, currentHealthy: 0 })] },
    level: 'warning',
    says: 'its unhealthy pods neither',
  },
  {
    check: budgetsAllow,
    what: 'it allows none for now, has no healthy pod, and lets the others go always',
    estate: {
      budgets: [aBudget({ disruptionsAllowed: 0, currentHealthy: 0, unhealthyPods: 'always-allow' })],
    },
    level: 'ok',
  },
  {
    check: budgetsAllow,
    what: 'it allows none for now but the unhealthy ones',
    estate: {
      budgets: [
        aBudget({
          disruptionsAllowed: 0,
          currentHealthy: 1,
          desiredHealthy: 2,
          unhealthyPods: 'always-allow',
        }),
      ],
    },
    level: 'warning',
    says: 'only its healthy pods would wait',
  },
  {
    check: budgetsAllow,
    what: 'it guards nothing',
    estate: {
      budgets: [aBudget({ disruptionsAllowed: 0, expectedPods: 0, currentHealthy: 0, desiredHealthy: 0 })],
    },
    level: 'ok',
  },
  {
    check: budgetsAllow,
    what: 'its counts are old',
    estate: { budgets: [aBudget({ observed: false })] },
    level: 'unknown',
  },
  {
    check: budgetsAllow,
    what: 'it is new, and its pods were never counted',
    estate: {
      budgets: [aBudget({ observed: false, expectedPods: 0, currentHealthy: 0, disruptionsAllowed: 0 })],
    },
    level: 'unknown',
  },
  { check: budgetsAreSingle, what: 'one budget per pod', estate: {}, level: 'ok' },
  {
    check: budgetsAreSingle,
    what: 'two budgets choose the same pods',
    estate: {
      budgets: [
        aBudget(),
        aBudget({
          name: 'all',
          selector: {
            matchLabels: {},
            matchExpressions: [{ key: 'app', operator: 'In', values: ['web', 'db'] }],
          },
        }),
      ],
    },
    level: 'blocker',
    says: '2 pods under two disruption budgets (shop/all and shop/web)',
  },
  {
    check: budgetsAreSingle,
    what: 'the other budget is of another namespace, and one selects nothing',
    estate: {
      budgets: [aBudget(), aBudget({ namespace: 'other' }), aBudget({ name: 'none', selector: null })],
    },
    level: 'ok',
  },
];
