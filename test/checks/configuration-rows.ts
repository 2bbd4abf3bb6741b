// The rows about the machines' configurations: images that are not pinned, disks, kernel arguments.
import { argumentsApply, disksAgree, imagesArePinned } from '../../src/checks/configuration.ts';
import { said } from '../../src/cluster/answer.ts';
import type { Inspection, MachineConfigView } from '../../src/cluster/inspection.ts';
import { aCluster, type SnapshotBuilder } from '../builders/snapshot.ts';
import { ASKED, type Row } from './image-rows.ts';

const SILENT = { kind: 'silent', why: 'it hung up.' } as const;
const value = <T>(told: T) => ({ kind: 'said', value: told }) as const;
const telling = (changed: Partial<Inspection>): SnapshotBuilder => aCluster().inspected('worker-1', changed);

/** A machine whose configuration differs in this from that of a healthy one. */
export function configured(
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

const UKI = { bootedEntry: value('Talos-v1.13.4.efi') };

export const CONFIGURATION_ROWS: readonly Row[] = [
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
    level: 'unknown',
  },
  {
    check: imagesArePinned,
    what: 'a kubelet is not, and does not tell which it is',
    cluster: configured({ images: [] }, { also: { kubelet: SILENT } }),
    level: 'unknown',
    subject: 'worker-1',
    says: 'names no image for kubelet, and worker-1 did not tell which it runs: it hung up.',
  },
  {
    check: imagesArePinned,
    what: 'a worker has no control plane to tell of',
    cluster: telling({ controlPlane: SILENT }),
    level: 'ok',
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
  { check: disksAgree, what: 'one does not tell', cluster: telling({ config: SILENT }), level: 'unknown' },
  {
    check: disksAgree,
    what: 'one does not tell its disk',
    cluster: telling({ systemDisk: SILENT }),
    level: 'unknown',
    says: 'which disk it runs from: it hung up.',
  },
  {
    check: disksAgree,
    what: 'the version cannot tell its disk',
    cluster: telling({ systemDisk: { kind: 'unsupported' } }),
    level: 'ok',
  },
  {
    check: disksAgree,
    what: 'one does not tell its disk, and its configuration selects one',
    cluster: configured({ installDisk: null }, { also: { systemDisk: SILENT } }),
    level: 'ok',
  },
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
    level: 'unknown',
  },
  {
    check: argumentsApply,
    what: 'one does not tell how it boots',
    cluster: configured({ kernelArguments: ['console'] }, { also: { bootedEntry: SILENT } }),
    level: 'unknown',
    says: 'did not tell how it boots: it hung up.',
  },
  {
    check: argumentsApply,
    what: 'one does not tell how it boots, and has no arguments',
    cluster: telling({ bootedEntry: SILENT }),
    level: 'ok',
  },
];
