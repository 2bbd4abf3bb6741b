// The kinds of Talos resources (COSI) this product reads: where they live, what they hold, and since when they exist.
import type { DescMessage } from '@bufbuild/protobuf';
import { compareVersions, parseVersion } from '../cluster/version.ts';
import { MachineConfigSpecSchema } from './gen/resource/config/config_pb.ts';
import { SystemDiskSpecSchema, VolumeStatusSpecSchema } from './gen/resource/definitions/block/block_pb.ts';
import { MemberSpecSchema } from './gen/resource/definitions/cluster/cluster_pb.ts';
import { LayerSchema } from './gen/resource/definitions/extensions/extensions_pb.ts';
import {
  APIServerConfigSpecSchema,
  ControllerManagerConfigSpecSchema,
  KubeletSpecSpecSchema,
  KubeletStatusSpecSchema,
  NodenameSpecSchema,
  SchedulerConfigSpecSchema,
} from './gen/resource/definitions/k8s/k8s_pb.ts';
import {
  BootedEntrySpecSchema,
  BootIDSpecSchema,
  DiagnosticSpecSchema,
  MachineStatusSpecSchema,
  MetaKeySpecSchema,
  SecurityStateSpecSchema,
} from './gen/resource/definitions/runtime/runtime_pb.ts';
import { StatusSpecSchema as SiderolinkSpecSchema } from './gen/resource/definitions/siderolink/siderolink_pb.ts';
import { StatusSpecSchema as TimeSpecSchema } from './gen/resource/definitions/time/time_pb.ts';

export interface ResourceKind<D extends DescMessage> {
  readonly namespace: string;
  readonly type: string;
  readonly schema: D;
  /** The first minor release that has it, e.g. `1.14`; null when every supported one does. */
  readonly since: string | null;
}

function kind<D extends DescMessage>(
  namespace: string,
  type: string,
  schema: D,
  since: string | null = null,
): ResourceKind<D> {
  return { namespace, type, schema, since };
}

/** Source: talos-api.md 6.2. */
export const resources = {
  machineStatus: kind('runtime', 'MachineStatuses.runtime.talos.dev', MachineStatusSpecSchema),
  bootId: kind('runtime', 'BootIDs.runtime.talos.dev', BootIDSpecSchema, '1.14'),
  bootedEntry: kind('runtime', 'BootedEntries.talos.dev', BootedEntrySpecSchema, '1.11'),
  metaKey: kind('runtime', 'MetaKeys.runtime.talos.dev', MetaKeySpecSchema, '1.4'),
  extension: kind('runtime', 'ExtensionStatuses.runtime.talos.dev', LayerSchema),
  securityState: kind('runtime', 'SecurityStates.talos.dev', SecurityStateSpecSchema, '1.5'),
  diagnostic: kind('runtime', 'Diagnostics.runtime.talos.dev', DiagnosticSpecSchema, '1.8'),
  volume: kind('runtime', 'VolumeStatuses.block.talos.dev', VolumeStatusSpecSchema, '1.8'),
  systemDisk: kind('runtime', 'SystemDisks.block.talos.dev', SystemDiskSpecSchema, '1.8'),
  time: kind('runtime', 'TimeStatuses.v1alpha1.talos.dev', TimeSpecSchema),
  siderolink: kind('config', 'SiderolinkStatuses.siderolink.talos.dev', SiderolinkSpecSchema, '1.8'),
  machineConfig: kind('config', 'MachineConfigs.config.talos.dev', MachineConfigSpecSchema),
  member: kind('cluster', 'Members.cluster.talos.dev', MemberSpecSchema),
  nodename: kind('k8s', 'Nodenames.kubernetes.talos.dev', NodenameSpecSchema),
  kubeletStatus: kind('k8s', 'KubeletStatuses.kubernetes.talos.dev', KubeletStatusSpecSchema, '1.14'),
  kubeletSpec: kind('k8s', 'KubeletSpecs.kubernetes.talos.dev', KubeletSpecSpecSchema),
  apiServer: kind('controlplane', 'APIServerConfigs.kubernetes.talos.dev', APIServerConfigSpecSchema),
  controllerManager: kind(
    'controlplane',
    'ControllerManagerConfigs.kubernetes.talos.dev',
    ControllerManagerConfigSpecSchema,
  ),
  scheduler: kind('controlplane', 'SchedulerConfigs.kubernetes.talos.dev', SchedulerConfigSpecSchema),
} as const;

/**
 * Whether a machine of this version can have the kind at all, so that others need not be asked. The last word is the
 * machine's own: it answers "not supported" (talos-api.md 9.20). True for a version that is none.
 */
export function mayHave(version: string | null, { since }: ResourceKind<DescMessage>): boolean {
  if (since === null || version === null || parseVersion(version) === null) return true;
  return compareVersions(version, `v${since}.0-alpha.0`) >= 0;
}
