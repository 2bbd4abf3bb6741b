// The rows about clocks, room, etcd's database, and who manages a machine from outside.
import { databasesAreSmall, versionsAgree } from '../../src/checks/etcd-database.ts';
import { nobodyManages } from '../../src/checks/omni.ts';
import { clocksAreSynced, disksHaveRoom } from '../../src/checks/upkeep.ts';
import { nodesAreReady, nodesAreSchedulable } from '../../src/checks/workloads.ts';
import type { Inspection } from '../../src/cluster/inspection.ts';
import { aNodeDetail, anEstate } from '../builders/estate.ts';
import { aCluster, type SnapshotBuilder } from '../builders/snapshot.ts';
import { configured } from './configuration-rows.ts';
import type { Row } from './image-rows.ts';

const SILENT = { kind: 'silent', why: 'it hung up.' } as const;
const GIB = 2 ** 30;
const value = <T>(told: T) => ({ kind: 'said', value: told }) as const;
const telling = (changed: Partial<Inspection>, node = 'worker-1'): SnapshotBuilder =>
  aCluster().inspected(node, changed);

const clock = (synced: boolean, syncDisabled = false): SnapshotBuilder =>
  telling({ time: value({ synced, syncDisabled }) });

const room = (freeGib: number, sizeGib = 100): SnapshotBuilder =>
  telling({ room: value({ sizeBytes: sizeGib * GIB, freeBytes: freeGib * GIB }) });

const database = (mib: number, usedMib = mib): SnapshotBuilder =>
  aCluster().etcd('cp-2', { dbBytes: mib * 2 ** 20, dbInUseBytes: usedMib * 2 ** 20 });

const silentEtcd = (): SnapshotBuilder => aCluster({ controlPlane: 1 }).etcdSilent('cp-1');

const HOST = 'omni.example.com';

export const UPKEEP_ROWS: readonly Row[] = [
  { check: clocksAreSynced, what: 'all are', cluster: aCluster(), level: 'ok' },
  { check: clocksAreSynced, what: 'nobody waits for it', cluster: clock(false, true), level: 'ok' },
  {
    check: clocksAreSynced,
    what: 'one is not',
    cluster: clock(false),
    level: 'blocker',
    subject: 'worker-1',
    says: 'clock of worker-1',
  },
  { check: clocksAreSynced, what: 'one does not tell', cluster: telling({ time: SILENT }), level: 'unknown' },
  { check: disksHaveRoom, what: 'there is plenty', cluster: room(50), level: 'ok' },
  { check: disksHaveRoom, what: 'it is just enough', cluster: room(15), level: 'ok' },
  { check: disksHaveRoom, what: 'it is little', cluster: room(14), level: 'warning', says: '(14 %)' },
  {
    check: disksHaveRoom,
    what: 'it is hardly any',
    cluster: room(9),
    level: 'blocker',
    says: '9.0 GiB of 100.0',
  },
  {
    check: disksHaveRoom,
    what: 'a small disk has no room for an image',
    cluster: room(0.9, 4),
    level: 'blocker',
    says: 'installer image',
  },
  {
    check: disksHaveRoom,
    what: 'nothing is mounted',
    cluster: telling({ room: { kind: 'absent' } }),
    level: 'ok',
  },
  { check: disksHaveRoom, what: 'one does not tell', cluster: telling({ room: SILENT }), level: 'unknown' },
  {
    check: disksHaveRoom,
    what: 'one says that it has no size',
    cluster: room(0, 0),
    level: 'unknown',
    says: 'EPHEMERAL on worker-1 has no size',
  },
  { check: databasesAreSmall, what: 'they are', cluster: aCluster(), level: 'ok' },
  { check: databasesAreSmall, what: 'one grows', cluster: database(1_700), level: 'warning', says: '(83 %)' },
  {
    check: databasesAreSmall,
    what: 'one is full',
    cluster: database(2_000, 400),
    level: 'blocker',
    subject: 'cp-2',
    says: '400 MiB in use',
  },
  {
    check: databasesAreSmall,
    what: 'its quota is larger',
    cluster: configured({ etcdQuotaBytes: 8 * GIB }, { node: 'cp-2' }).etcd('cp-2', { dbBytes: 3 * GIB }),
    level: 'ok',
  },
  { check: databasesAreSmall, what: 'nobody tells', cluster: silentEtcd(), level: 'unknown' },
  {
    check: versionsAgree,
    what: 'they do but for a patch',
    cluster: aCluster().etcd('cp-2', { version: '3.6.5' }),
    level: 'ok',
  },
  {
    check: versionsAgree,
    what: 'one is older',
    cluster: aCluster().etcd('cp-2', { version: '3.5.26', storageVersion: '' }),
    level: 'warning',
    says: 'cp-2 3.5',
  },
  {
    check: versionsAgree,
    what: 'one keeps its data otherwise',
    cluster: aCluster().etcd('cp-2', { storageVersion: '3.7.0' }),
    level: 'warning',
    says: 'keep their data',
  },
  { check: versionsAgree, what: 'nobody tells', cluster: silentEtcd(), level: 'unknown' },
  { check: nobodyManages, what: 'none is', cluster: aCluster(), level: 'ok' },
  {
    check: nobodyManages,
    what: 'one is connected',
    cluster: telling({ siderolink: value({ host: HOST, connected: true }) }),
    level: 'blocker',
    says: HOST,
  },
  {
    check: nobodyManages,
    what: 'one was',
    cluster: telling({ siderolink: value({ host: HOST, connected: false }) }),
    level: 'warning',
  },
  {
    check: nobodyManages,
    what: 'one does not tell',
    cluster: telling({ siderolink: SILENT }),
    level: 'unknown',
  },
  {
    check: nobodyManages,
    what: 'the version has no such thing',
    cluster: telling({ siderolink: { kind: 'unsupported' } }),
    level: 'ok',
  },
  {
    check: nodesAreReady,
    what: 'Kubernetes is silent',
    cluster: aCluster().workloadSilent('it hung up.'),
    level: 'unknown',
    says: 'Nothing is known about whether nodes are Ready: it hung up.',
  },
  {
    check: nodesAreSchedulable,
    what: 'Kubernetes is silent',
    cluster: aCluster().workloadSilent('it hung up.'),
    level: 'unknown',
    says: 'Nothing is known about which nodes are cordoned: it hung up.',
  },
  {
    check: nodesAreReady,
    what: 'there is none',
    cluster: aCluster({ controlPlane: 0, workers: 0 }),
    level: 'unknown',
  },
  {
    check: nodesAreSchedulable,
    what: 'somebody cordoned one',
    cluster: aCluster()
      .workload('worker-1', { unschedulable: true })
      .withEstate(anEstate({ nodes: [aNodeDetail('worker-1', { cordonedBy: 'kubectl' })] })),
    level: 'warning',
    says: 'by kubectl',
  },
  {
    check: nodesAreSchedulable,
    what: 'an earlier rollout cordoned one',
    cluster: aCluster().workload('worker-1', { unschedulable: true, cordonedBy: 'r7' }),
    level: 'warning',
    says: 'by rollout r7',
  },
];
