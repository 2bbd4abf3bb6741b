// The rows about clocks, room, configurations, etcd's database, and who manages a machine from outside.
import { argumentsApply, disksAgree, imagesArePinned } from '../../src/checks/configuration.ts';
import { databasesAreSmall, versionsAgree } from '../../src/checks/etcd-database.ts';
import { nobodyManages } from '../../src/checks/omni.ts';
import { clocksAreSynced, disksHaveRoom } from '../../src/checks/upkeep.ts';
import { nodesAreSchedulable } from '../../src/checks/workloads.ts';
import { said } from '../../src/cluster/answer.ts';
import type { Inspection, MachineConfigView } from '../../src/cluster/inspection.ts';
import { aNodeDetail, anEstate } from '../builders/estate.ts';
import { aCluster, type SnapshotBuilder } from '../builders/snapshot.ts';
import { ASKED, type Row } from './image-rows.ts';

const SILENT = { kind: 'silent', why: 'it hung up.' } as const;
const GIB = 2 ** 30;
const value = <T>(told: T) => ({ kind: 'said', value: told }) as const;
const telling = (changed: Partial<Inspection>, node = 'worker-1'): SnapshotBuilder =>
  aCluster().inspected(node, changed);

const clock = (synced: boolean, syncDisabled = false): SnapshotBuilder =>
  telling({ time: value({ synced, syncDisabled }) });

const room = (freeGib: number, sizeGib = 100): SnapshotBuilder =>
  telling({ room: value({ sizeBytes: sizeGib * GIB, freeBytes: freeGib * GIB }) });

/** A machine whose configuration differs in this from that of a healthy one. */
function configured(
  changed: Partial<MachineConfigView>,
  {
    node = 'worker-1',
    version = 'v1.13.4',
    also = {},
  }: { readonly node?: string; readonly version?: string; readonly also?: Partial<Inspection> } = {},
): SnapshotBuilder {
  const cluster = aCluster().version(node, version);
  const seen = cluster.build().nodes.find(({ name }) => name === node);
  const config = said(seen?.inspection ?? null)?.config;
  if (config?.kind !== 'said') throw new Error(`${node} tells no configuration`);
  return cluster.inspected(node, { config: value({ ...config.value, ...changed }), ...also });
}

const database = (mib: number, usedMib = mib): SnapshotBuilder =>
  aCluster().etcd('cp-2', { dbBytes: mib * 2 ** 20, dbInUseBytes: usedMib * 2 ** 20 });

const silentEtcd = (): SnapshotBuilder => aCluster({ controlPlane: 1 }).etcdSilent('cp-1');

const UKI = { bootedEntry: value('Talos-v1.13.4.efi') };
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
  { check: clocksAreSynced, what: 'one does not tell', cluster: telling({ time: SILENT }), level: 'warning' },
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
  { check: disksHaveRoom, what: 'one does not tell', cluster: telling({ room: SILENT }), level: 'warning' },
  { check: imagesArePinned, what: 'all are', cluster: aCluster(), level: 'ok' },
  {
    check: imagesArePinned,
    what: 'a kubelet is not',
    cluster: configured({ images: [] }),
    level: 'blocker',
    subject: 'worker-1',
    says: 'instead of registry.k8s.io/kubelet:v1.35.1',
  },
  {
    check: imagesArePinned,
    what: 'a part of the control plane is not',
    cluster: configured({ images: [{ component: 'kubelet', image: 'kubelet:v1.35.1' }] }, { node: 'cp-1' }),
    level: 'blocker',
    says: 'kube-apiserver',
  },
  {
    check: imagesArePinned,
    what: 'the version stays',
    cluster: configured({ images: [] }, { version: ASKED.target }),
    level: 'ok',
  },
  {
    check: imagesArePinned,
    what: 'one does not tell',
    cluster: telling({ config: SILENT }),
    level: 'warning',
  },
  { check: disksAgree, what: 'they do', cluster: aCluster(), level: 'ok' },
  {
    check: disksAgree,
    what: 'they differ',
    cluster: configured({ installDisk: '/dev/vda' }),
    level: 'warning',
    says: 'runs from /dev/sda, and its configuration would install it on /dev/vda',
  },
  {
    check: disksAgree,
    what: 'the configuration names a link',
    cluster: configured({ installDisk: '/dev/disk/by-id/wwn-1' }),
    level: 'ok',
  },
  { check: disksAgree, what: 'it selects one', cluster: configured({ installDisk: null }), level: 'ok' },
  { check: disksAgree, what: 'one does not tell', cluster: telling({ config: SILENT }), level: 'warning' },
  { check: argumentsApply, what: 'there are none', cluster: aCluster(), level: 'ok' },
  {
    check: argumentsApply,
    what: 'the image has its own',
    cluster: configured({ kernelArguments: ['console'] }, { also: UKI }),
    level: 'warning',
    says: 'unified image',
  },
  {
    check: argumentsApply,
    what: 'GRUB takes those of the image',
    cluster: configured({ kernelArguments: ['console'], grubUsesImage: true }, { version: 'v1.12.4' }),
    level: 'warning',
    says: 'grubUseUKICmdline',
  },
  {
    check: argumentsApply,
    what: 'the new way of installing leaves them out',
    cluster: configured({ kernelArguments: ['console'] }),
    level: 'warning',
    says: 'from 1.13 on',
  },
  {
    check: argumentsApply,
    what: 'the old way of installing takes them',
    cluster: configured({ kernelArguments: ['console'] }, { version: 'v1.12.4' }),
    level: 'ok',
  },
  {
    check: argumentsApply,
    what: 'one does not tell',
    cluster: telling({ config: SILENT }),
    level: 'warning',
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
    level: 'warning',
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
