/** COSI resources about the machine's place: configuration, cluster, etcd, Kubernetes (facts/talos-api.md 6.2). */
import gte from 'semver/functions/gte.js';
import { stringify } from 'yaml';
import {
  MachineConfigSpecSchema,
  MachineType,
  MachineTypeSpecSchema,
} from '../../src/talos/gen/resource/config/config_pb.ts';
import {
  InfoSpecSchema,
  MemberSpecSchema,
} from '../../src/talos/gen/resource/definitions/cluster/cluster_pb.ts';
import { MachineType as MemberType } from '../../src/talos/gen/resource/definitions/enums/enums_pb.ts';
import { MemberSpecSchema as EtcdMemberSpecSchema } from '../../src/talos/gen/resource/definitions/etcd/etcd_pb.ts';
import {
  APIServerConfigSpecSchema,
  ControllerManagerConfigSpecSchema,
  KubeletSpecSpecSchema,
  KubeletStatusSpecSchema,
  NodenameSpecSchema,
  NodeStatusSpecSchema,
  SchedulerConfigSpecSchema,
  StaticPodStatusSpecSchema,
} from '../../src/talos/gen/resource/definitions/k8s/k8s_pb.ts';
import { since } from '../world/compatibility.ts';
import { encode } from './bytes.ts';
import { configDocuments } from './config-documents.ts';
import { type CosiKind, type CosiSource, item } from './cosi-kind.ts';

const isControlPlane = ({ machine }: CosiSource): boolean => machine.node.role === 'control-plane';

/** Sensitive from 1.12.9 and from 1.13.4 on (facts/talos-api.md 10). */
export const lateSensitive = (version: string): boolean =>
  gte(version, '1.13.4') || (gte(version, '1.12.9') && !since(version, '1.13'));

/** Stands for a certificate: the simulated etcd has none, and a config holds them in base64. */
const NO_CERTIFICATE = Buffer.from('none').toString('base64');

function machineConfig({ machine, world }: CosiSource): string {
  const { talosVersion, kubernetesVersion, clusterName, clusterEndpoint } = world.settings;
  const { installDisk, kernelArguments, unpinned } = machine.parts.knobs.upkeep;
  const pinned = (name: string, image: string): object => (unpinned.includes(name) ? {} : { image });
  const component = (name: string): object => pinned(name, `registry.k8s.io/${name}:${kubernetesVersion}`);
  // talosctl's own health check looks at etcd only where a config has its authority.
  const etcd =
    machine.node.role === 'control-plane' ? { etcd: { ca: { crt: NO_CERTIFICATE, key: '' } } } : {};
  // No upgrade rewrites a configuration: it has the form of the version that the cluster was made with. Kernel arguments have no new one.
  if (since(talosVersion, '1.14') && kernelArguments.length === 0)
    return configDocuments({ machine, world }, etcd);
  return stringify({
    version: 'v1alpha1',
    machine: {
      type: machine.node.role === 'control-plane' ? 'controlplane' : 'worker',
      kubelet: pinned('kubelet', `ghcr.io/siderolabs/kubelet:${kubernetesVersion}`),
      install: {
        disk: installDisk,
        image: `ghcr.io/siderolabs/installer:${talosVersion}`,
        ...(kernelArguments.length === 0 ? {} : { extraKernelArgs: [...kernelArguments] }),
      },
    },
    cluster: {
      clusterName,
      controlPlane: { endpoint: clusterEndpoint },
      apiServer: component('kube-apiserver'),
      controllerManager: component('kube-controller-manager'),
      scheduler: component('kube-scheduler'),
      ...etcd,
    },
  });
}

const STATIC_PODS = ['kube-apiserver', 'kube-controller-manager', 'kube-scheduler'];

export const clusterKinds: readonly CosiKind[] = [
  {
    type: 'MachineConfigs.config.talos.dev',
    namespace: 'config',
    sensitive: () => true,
    items: (source) => {
      const text = machineConfig(source);
      const spec = item(MachineConfigSpecSchema, {
        id: 'v1alpha1',
        message: { yamlMarshalled: encode(text) },
        yaml: text,
        annotations: { 'talos.dev/yaml-spec': '' },
      });
      // Up to 1.11 the YAML itself, from 1.12 on a YAML string that holds it.
      const shaped = since(source.machine.version, '1.12') ? spec : { ...spec, yaml: text, annotations: {} };
      return since(source.machine.version, '1.10') ? [shaped, { ...shaped, id: 'persistent' }] : [shaped];
    },
  },
  {
    type: 'MachineTypes.config.talos.dev',
    namespace: 'config',
    columns: [['Type', '{@}']],
    items: (source) => {
      const machineType = isControlPlane(source) ? MachineType.CONTROL_PLANE : MachineType.WORKER;
      const yaml = isControlPlane(source) ? 'controlplane' : 'worker';
      return [item(MachineTypeSpecSchema, { id: 'machine-type', message: { machineType }, yaml })];
    },
  },
  {
    type: 'Members.cluster.talos.dev',
    namespace: 'cluster',
    columns: [
      ['Hostname', '{.hostname}'],
      ['Machine Type', '{.machineType}'],
      ['OS', '{.operatingSystem}'],
      ['Addresses', '{.addresses}'],
    ],
    items: ({ world }) =>
      world.machines().map(({ node, version }) => {
        const own = node.role === 'control-plane';
        const shared = { nodeId: node.name, hostname: node.name, operatingSystem: `Talos (${version})` };
        const ip = Uint8Array.from(node.address.split('.'), Number);
        const message = {
          ...shared,
          addresses: [{ ip }],
          machineType: own ? MemberType.TYPE_CONTROL_PLANE : MemberType.TYPE_WORKER,
          ...(own ? { controlPlane: { apiServerPort: 6443n } } : {}),
        };
        const yaml = { ...shared, addresses: [node.address], machineType: own ? 'controlplane' : 'worker' };
        return item(MemberSpecSchema, { id: node.name, message, yaml });
      }),
  },
  {
    type: 'Infos.cluster.talos.dev',
    namespace: 'cluster',
    columns: [
      ['Cluster ID', '{.clusterId}'],
      ['Cluster Name', '{.clusterName}'],
    ],
    items: ({ world }) => {
      const spec = { clusterId: `${world.settings.clusterName}-id`, clusterName: world.settings.clusterName };
      return [item(InfoSpecSchema, { id: 'current', message: spec, yaml: spec })];
    },
  },
  {
    type: 'Nodenames.kubernetes.talos.dev',
    namespace: 'k8s',
    columns: [['Nodename', '{.nodename}']],
    items: ({ machine }) => {
      const spec = { nodename: machine.node.name, hostnameVersion: '1', skipNodeRegistration: false };
      return [item(NodenameSpecSchema, { id: 'nodename', message: spec, yaml: spec })];
    },
  },
  {
    type: 'NodeStatuses.kubernetes.talos.dev',
    namespace: 'k8s',
    since: '1.5',
    columns: [
      ['Ready', '{.nodeReady}'],
      ['Unschedulable', '{.unschedulable}'],
    ],
    items: ({ machine, world }) => {
      const { name } = machine.node;
      const nodeReady = machine.status().unmet.length === 0 && machine.status().stage === 'running';
      const spec = { nodename: name, nodeReady, unschedulable: world.kubernetes.isCordoned(name) };
      const yaml = { ...spec, labels: {}, annotations: {}, podCIDRs: [] };
      return [item(NodeStatusSpecSchema, { id: name, message: spec, yaml })];
    },
  },
  {
    type: 'KubeletSpecs.kubernetes.talos.dev',
    namespace: 'k8s',
    sensitive: lateSensitive,
    items: ({ world }) => {
      const spec = { image: `ghcr.io/siderolabs/kubelet:${world.settings.kubernetesVersion}` };
      return [item(KubeletSpecSpecSchema, { id: 'kubelet', message: spec, yaml: spec })];
    },
  },
  {
    type: 'KubeletStatuses.kubernetes.talos.dev',
    namespace: 'k8s',
    since: '1.14',
    columns: [['Image', '{.image}']],
    items: ({ world }) => {
      const spec = { image: `ghcr.io/siderolabs/kubelet:${world.settings.kubernetesVersion}` };
      return [item(KubeletStatusSpecSchema, { id: 'kubelet', message: spec, yaml: spec })];
    },
  },
  {
    type: 'StaticPodStatuses.kubernetes.talos.dev',
    namespace: 'k8s',
    aliases: ['podstatus'],
    columns: [['Ready', '{.conditions[?(@.type=="Ready")].status}']],
    items: (source) => {
      const { machine } = source;
      if (!isControlPlane(source) || !machine.parts.state.apiServing) return [];
      const ready = machine.status().unmet.every((one) => one.name === 'nodeReady') ? 'True' : 'False';
      const podStatus = { phase: 'Running', conditions: [{ type: 'Ready', status: ready }] };
      return STATIC_PODS.map((pod) =>
        item(StaticPodStatusSpecSchema, {
          id: `kube-system/${pod}-${machine.node.name}`,
          message: { podStatus },
          yaml: podStatus,
        }),
      );
    },
  },
  {
    type: 'APIServerConfigs.kubernetes.talos.dev',
    namespace: 'controlplane',
    sensitive: lateSensitive,
    items: (source) => {
      const spec = { image: `registry.k8s.io/kube-apiserver:${source.world.settings.kubernetesVersion}` };
      return configs(source, 'kube-apiserver', (id) =>
        item(APIServerConfigSpecSchema, { id, message: spec, yaml: spec }),
      );
    },
  },
  {
    type: 'ControllerManagerConfigs.kubernetes.talos.dev',
    namespace: 'controlplane',
    items: (source) => {
      const image = `registry.k8s.io/kube-controller-manager:${source.world.settings.kubernetesVersion}`;
      const spec = { enabled: true, image };
      return configs(source, 'kube-controller-manager', (id) =>
        item(ControllerManagerConfigSpecSchema, { id, message: spec, yaml: spec }),
      );
    },
  },
  {
    type: 'SchedulerConfigs.kubernetes.talos.dev',
    namespace: 'controlplane',
    items: (source) => {
      const image = `registry.k8s.io/kube-scheduler:${source.world.settings.kubernetesVersion}`;
      const spec = { enabled: true, image };
      return configs(source, 'kube-scheduler', (id) =>
        item(SchedulerConfigSpecSchema, { id, message: spec, yaml: spec }),
      );
    },
  },
  {
    type: 'EtcdMembers.etcd.talos.dev',
    namespace: 'etcd',
    since: '1.3',
    columns: [['Member ID', '{.memberID}']],
    items: ({ machine, world }) => {
      const member = world.etcd.member(machine.node.name);
      if (member?.up !== true) return [];
      const spec = { memberId: member.id.toString(16).padStart(16, '0') };
      return [item(EtcdMemberSpecSchema, { id: 'local', message: spec, yaml: { memberID: spec.memberId } })];
    },
  },
];

/** From 1.14 on there are two of each, the one before and the one after merging. */
function configs<T>(source: CosiSource, id: string, make: (id: string) => T): T[] {
  if (!isControlPlane(source)) return [];
  return since(source.machine.version, '1.14') ? [make(id), make(`final-${id}`)] : [make(id)];
}
