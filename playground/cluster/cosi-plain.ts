/** COSI resources that only people and talosctl read: the product has no messages for them, so their bytes are written by hand. */
import { BinaryWriter } from '@bufbuild/protobuf/wire';
import { stringify } from 'yaml';
import { lateSensitive } from './cosi-cluster.ts';
import type { CosiItem, CosiKind, CosiSource } from './cosi-kind.ts';

type FieldValue = string | number | Uint8Array;

/** A message from its fields: texts and bytes are length-delimited, numbers are varints. */
function message(fields: readonly (readonly [number: number, value: FieldValue])[]): Uint8Array {
  const writer = new BinaryWriter();
  for (const [number, value] of fields) {
    if (typeof value === 'number') writer.tag(number, 0).uint64(value);
    else if (typeof value === 'string') writer.tag(number, 2).string(value);
    else writer.tag(number, 2).bytes(value);
  }
  return writer.finish();
}

function plain(
  id: string,
  fields: readonly (readonly [number: number, value: FieldValue])[],
  yaml: unknown,
): CosiItem {
  return { id, proto: message(fields), yaml: stringify(yaml) };
}

/** VolumePhase and FilesystemType of Talos's block resources. */
const READY = 6;
const FAILED = 1;
const XFS = 1;
const GIB = 2 ** 30;

function volume(
  id: string,
  { partition, size, failed }: { partition: number; size: number; failed: boolean },
): CosiItem {
  const location = `/dev/sda${partition}`;
  const prettySize = `${(size / GIB).toFixed(0)} GiB`;
  const fields = [
    [1, failed ? FAILED : READY],
    [2, location],
    [9, size],
    [10, XFS],
    [13, prettySize],
  ] as const;
  const yaml = {
    phase: failed ? 'failed' : 'ready',
    type: 'partition',
    location,
    size,
    prettySize,
    filesystem: 'xfs',
  };
  return plain(id, fields, yaml);
}

/** The node's address as a prefix of its network; IDs as Talos gives them. */
function addresses({ machine }: CosiSource): readonly CosiItem[] {
  const { address } = machine.node;
  const prefix = message([
    [1, Uint8Array.from(address.split('.'), Number)],
    [2, 24],
  ]);
  return ['accumulative', 'current', 'default', 'routed'].map((id) =>
    plain(id, [[1, prefix]], { addresses: [`${address}/24`] }),
  );
}

export const plainKinds: readonly CosiKind[] = [
  {
    type: 'NodeAddresses.net.talos.dev',
    namespace: 'network',
    columns: [
      ['Addresses', '{.addresses}'],
      ['SortAlgorithm', '{.sortAlgorithm}'],
    ],
    items: addresses,
  },
  {
    type: 'HostnameStatuses.net.talos.dev',
    namespace: 'network',
    aliases: ['hostname'],
    columns: [
      ['Hostname', '{.hostname}'],
      ['Domainname', '{.domainname}'],
    ],
    items: ({ machine: { node } }) => [
      plain('hostname', [[1, node.name]], { hostname: node.name, domainname: '' }),
    ],
  },
  {
    type: 'VolumeStatuses.block.talos.dev',
    namespace: 'runtime',
    since: '1.8',
    columns: [
      ['Type', '{.type}'],
      ['Phase', '{.phase}'],
      ['Location', '{.location}'],
      ['Size', '{.prettySize}'],
    ],
    items: ({ machine }) => {
      const { failedVolume } = machine.parts.knobs;
      return [
        volume('EPHEMERAL', { partition: 6, size: 96 * GIB, failed: failedVolume === 'EPHEMERAL' }),
        volume('STATE', { partition: 5, size: GIB, failed: failedVolume === 'STATE' }),
      ];
    },
  },
  {
    type: 'KubeletConfigs.kubernetes.talos.dev',
    namespace: 'k8s',
    sensitive: lateSensitive,
    items: ({ world }) => {
      const image = `ghcr.io/siderolabs/kubelet:${world.settings.kubernetesVersion}`;
      const yaml = { image, clusterDNS: ['10.96.0.10'], clusterDomain: 'cluster.local' };
      const fields = [
        [1, image],
        [2, '10.96.0.10'],
        [3, 'cluster.local'],
      ] as const;
      return [plain('kubelet', fields, yaml)];
    },
  },
  {
    type: 'BootstrapManifestsConfigs.kubernetes.talos.dev',
    namespace: 'controlplane',
    items: ({ machine, world }) => {
      if (machine.node.role !== 'control-plane') return [];
      const server = world.settings.clusterEndpoint;
      const yaml = {
        string: server,
        clusterDomain: 'cluster.local',
        coreDNSEnabled: true,
        cniName: 'flannel',
      };
      const fields = [
        [1, server],
        [2, 'cluster.local'],
        [7, 1],
        [21, 'flannel'],
      ] as const;
      return [plain('manifests', fields, yaml)];
    },
  },
];
