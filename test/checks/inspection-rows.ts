// The rows about what inspected machines tell: their last upgrade, services, volumes, diagnostics, and which Kubernetes they run.
import { noDiagnostics } from '../../src/checks/diagnostics.ts';
import { volumesAreReady } from '../../src/checks/disks.ts';
import { kubernetesFits } from '../../src/checks/kubernetes-images.ts';
import { machinesAnswer, machinesAreReady, machinesHaveSettled } from '../../src/checks/machines.ts';
import { servicesAreWell } from '../../src/checks/services.ts';
import type { Inspection, VolumePhase } from '../../src/cluster/inspection.ts';
import { aCluster, type SnapshotBuilder } from '../builders/snapshot.ts';
import { ASKED, type Row } from './image-rows.ts';

const SILENT = { kind: 'silent', why: 'it hung up.' } as const;
const DENIED = { kind: 'denied', why: 'not authorized.' } as const;
const said = <T>(value: T) => ({ kind: 'said', value }) as const;
const telling = (changed: Partial<Inspection>): SnapshotBuilder => aCluster().inspected('worker-1', changed);

const volume = (id: string, phase: VolumePhase, error = ''): SnapshotBuilder =>
  telling({ volumes: said([{ id, phase, error, sizeBytes: 0 }]) });

const config = (image: string): SnapshotBuilder =>
  telling({
    config: said({
      installDisk: null,
      installImage: null,
      kernelArguments: [],
      grubUsesImage: false,
      etcdQuotaBytes: null,
      endpoint: null,
      images: [{ component: 'kube-apiserver', image }],
    }),
  });

const kubelet = (image: string): SnapshotBuilder =>
  telling({ kubelet: said({ component: 'kubelet', image }) });

export const INSPECTION_ROWS: readonly Row[] = [
  {
    check: machinesAnswer,
    what: 'an entry of discovery that is nobody',
    cluster: aCluster().silent('worker-2').notJoined('worker-2'),
    level: 'unknown',
    says: 'Discovery still lists worker-2',
  },
  {
    check: machinesHaveSettled,
    what: 'one does not tell',
    cluster: telling({ fallback: SILENT }),
    level: 'unknown',
    says: 'it hung up',
  },
  {
    check: machinesHaveSettled,
    what: 'it is older than the mark',
    cluster: telling({ fallback: { kind: 'unsupported' } }),
    level: 'ok',
  },
  {
    check: machinesAreReady,
    what: 'one names no stage',
    cluster: aCluster().machine('worker-1', { stage: 'unknown', ready: false }),
    level: 'unknown',
    subject: 'worker-1',
    says: 'does not say in which stage it is',
  },
  { check: servicesAreWell, what: 'all are', cluster: aCluster(), level: 'ok' },
  {
    check: servicesAreWell,
    what: 'one is sick',
    cluster: telling({ services: said([{ id: 'ext-iscsid', state: 'Running', message: 'no portal.' }]) }),
    level: 'warning',
    says: 'ext-iscsid on worker-1 is not healthy: no portal.',
  },
  {
    check: servicesAreWell,
    what: 'one failed',
    cluster: telling({ services: said([{ id: 'ext-iscsid', state: 'Failed', message: '' }]) }),
    level: 'warning',
    says: 'ext-iscsid on worker-1 is failed.',
  },
  { check: servicesAreWell, what: 'one is silent', cluster: telling({ services: SILENT }), level: 'unknown' },
  { check: volumesAreReady, what: 'all are ready', cluster: aCluster(), level: 'ok' },
  {
    check: volumesAreReady,
    what: 'the version tells nothing',
    cluster: telling({ volumes: { kind: 'unsupported' } }),
    level: 'ok',
  },
  {
    check: volumesAreReady,
    what: 'EPHEMERAL failed',
    cluster: volume('EPHEMERAL', 'failed', 'wrong key'),
    level: 'blocker',
    subject: 'worker-1',
    says: 'wrong key',
  },
  {
    check: volumesAreReady,
    what: 'EPHEMERAL waits',
    cluster: volume('EPHEMERAL', 'waiting'),
    level: 'blocker',
  },
  { check: volumesAreReady, what: 'STATE failed', cluster: volume('STATE', 'failed'), level: 'blocker' },
  { check: volumesAreReady, what: 'STATE is missing', cluster: volume('STATE', 'missing'), level: 'ok' },
  { check: volumesAreReady, what: 'a volume was closed', cluster: volume('u-data', 'closed'), level: 'ok' },
  {
    check: volumesAreReady,
    what: "a user's volume failed",
    cluster: volume('u-data', 'failed'),
    level: 'warning',
  },
  { check: volumesAreReady, what: 'nobody tells', cluster: telling({ volumes: SILENT }), level: 'unknown' },
  { check: noDiagnostics, what: 'there are none', cluster: aCluster(), level: 'ok' },
  {
    check: noDiagnostics,
    what: 'Talos complains',
    cluster: telling({
      diagnostics: said([{ id: 'address-overlap', message: 'pods overlap', details: ['10.0.0.0/8'] }]),
    }),
    level: 'warning',
    says: 'pods overlap (10.0.0.0/8)',
  },
  {
    check: noDiagnostics,
    what: 'the version has none to tell',
    cluster: telling({ diagnostics: { kind: 'unsupported' } }),
    level: 'ok',
  },
  {
    check: noDiagnostics,
    what: 'one does not tell',
    cluster: telling({ diagnostics: SILENT }),
    level: 'unknown',
    says: 'worker-1 did not tell what Talos complains about: it hung up.',
  },
  { check: kubernetesFits, what: 'all fits', cluster: aCluster(), level: 'ok', says: '1.31 to 1.36' },
  {
    check: kubernetesFits,
    what: 'a kubelet is too new',
    cluster: kubelet('ghcr.io/siderolabs/kubelet:v1.37.0@sha256:abc'),
    level: 'blocker',
    subject: 'worker-1',
    says: 'kubelet v1.37.0, and Talos v1.13.5 takes Kubernetes 1.31 to 1.36',
  },
  {
    check: kubernetesFits,
    what: 'the control plane is too old',
    cluster: aCluster().inspected('cp-1', {
      controlPlane: said([{ component: 'kube-scheduler', image: 'registry.k8s.io/kube-scheduler:v1.30.4' }]),
    }),
    level: 'blocker',
    says: 'kube-scheduler v1.30.4',
  },
  {
    check: kubernetesFits,
    what: 'the configuration names something too old',
    cluster: config('mirror.example:5000/kube-apiserver:v1.30.4'),
    level: 'blocker',
    says: 'kube-apiserver v1.30.4',
  },
  {
    check: kubernetesFits,
    what: 'an image has no version',
    cluster: kubelet('mirror.example:5000/kubelet@sha256:abc'),
    level: 'unknown',
    says: 'no version',
  },
  {
    check: kubernetesFits,
    what: 'one does not let os:admin know',
    cluster: telling({ config: DENIED }),
    level: 'unknown',
    says: 'did not tell its configuration',
  },
  {
    check: kubernetesFits,
    what: 'one does not tell what it runs',
    cluster: telling({ kubelet: SILENT }),
    level: 'unknown',
    says: 'which kubelet it runs',
  },
  {
    check: kubernetesFits,
    what: 'a version has nothing to tell',
    cluster: telling({ config: { kind: 'unsupported' }, kubelet: { kind: 'absent' } }),
    level: 'ok',
  },
  {
    check: kubernetesFits,
    what: 'the table does not know the target',
    cluster: aCluster(),
    asked: { ...ASKED, target: 'v9.9.9' },
    level: 'skipped',
  },
];
