/** A machine configuration as `talosctl gen config` writes it from 1.14 on: a document for each subject (Talos's pkg/machinery/config/types/k8s). */
import { stringify } from 'yaml';
import { DEFAULT_SCHEMATIC } from '../world/image.ts';
import type { CosiSource } from './cosi-kind.ts';

/** `etcd` is what the first document says of it, where it must. */
export function configDocuments({ machine, world }: CosiSource, etcd: object): string {
  const { talosVersion, kubernetesVersion, clusterName, clusterEndpoint, platform } = world.settings;
  const { installDisk, unpinned } = machine.parts.knobs.upkeep;
  const controlPlane = machine.node.role === 'control-plane';
  const document = (kind: string, content: object): object => ({ apiVersion: 'v1alpha1', kind, ...content });
  const pinned = (kind: string, name: string, repository = `registry.k8s.io/${name}`): object =>
    document(kind, unpinned.includes(name) ? {} : { image: `${repository}:${kubernetesVersion}` });
  const documents = [
    {
      version: 'v1alpha1',
      machine: { type: controlPlane ? 'controlplane' : 'worker' },
      cluster: { id: clusterName, ...etcd },
    },
    document('UnattendedInstallConfig', {
      installer: {
        image: `factory.talos.dev/${platform}-installer/${DEFAULT_SCHEMATIC}:${talosVersion}`,
      },
      provisioning: { diskSelector: { match: `disk.dev_path == "${installDisk}"` }, wipe: false },
    }),
    document('KubeClusterConfig', { clusterName, endpoint: clusterEndpoint }),
    pinned('KubeletConfig', 'kubelet', 'ghcr.io/siderolabs/kubelet'),
    ...(controlPlane
      ? [
          pinned('KubeAPIServerConfig', 'kube-apiserver'),
          pinned('KubeControllerManagerConfig', 'kube-controller-manager'),
          pinned('KubeSchedulerConfig', 'kube-scheduler'),
        ]
      : []),
  ];
  return documents.map((one) => stringify(one)).join('---\n');
}
