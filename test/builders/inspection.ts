// What an inspected machine tells when nothing is the matter with it: anInspection('worker', 'v1.13.4').
import { COMPATIBILITY, rowOf } from '../../src/cluster/compatibility.ts';
import type { ComponentImage, Inspection } from '../../src/cluster/inspection.ts';
import type { Role } from '../../src/cluster/node.ts';
import { minorOf, parseVersion } from '../../src/cluster/version.ts';

/** A Kubernetes that this Talos takes, and the ones beside it too. */
function kubernetesOf(talosVersion: string): string {
  const row = parseVersion(talosVersion) === null ? null : rowOf(COMPATIBILITY, minorOf(talosVersion));
  const newest = Number(row?.kubernetes.to.split('.')[1] ?? 35);
  return `v1.${newest - 1}.1`;
}

/** What a member says of its database and its version. */
export const YOUNG_ETCD = {
  dbBytes: 100 * 2 ** 20,
  dbInUseBytes: 80 * 2 ** 20,
  version: '3.6.12',
  storageVersion: '3.6.0',
} as const;

/** A settled machine of that Talos version. */
export function anInspection(role: Role, talosVersion: string): Inspection {
  const kubernetes = kubernetesOf(talosVersion);
  const image = (component: string): ComponentImage => ({
    component,
    image: `registry.k8s.io/${component}:${kubernetes}`,
  });
  const components = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'].map(image);
  return {
    secureBoot: { kind: 'said', value: false },
    fallback: { kind: 'absent' },
    bootedEntry: { kind: 'absent' },
    systemDisk: { kind: 'said', value: '/dev/sda' },
    time: { kind: 'said', value: { synced: true, syncDisabled: false } },
    room: { kind: 'said', value: { sizeBytes: 2 ** 36, freeBytes: 2 ** 35 } },
    siderolink: { kind: 'absent' },
    nodename: { kind: 'absent' },
    diagnostics: { kind: 'said', value: [] },
    services: { kind: 'said', value: [] },
    volumes: { kind: 'said', value: [{ id: 'EPHEMERAL', phase: 'ready', error: '', sizeBytes: 2 ** 36 }] },
    kubelet: { kind: 'said', value: image('kubelet') },
    controlPlane: { kind: 'said', value: role === 'control-plane' ? components : [] },
    config: {
      kind: 'said',
      value: {
        installDisk: '/dev/sda',
        installImage: null,
        kernelArguments: [],
        grubUsesImage: false,
        etcdQuotaBytes: null,
        endpoint: 'https://10.0.0.10:6443',
        images: [image('kubelet'), ...(role === 'control-plane' ? components : [])],
      },
    },
  };
}
