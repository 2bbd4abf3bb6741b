/** COSI resources about a machine's clock and about who manages it from outside (facts/kubernetes.md 3.1). */
import { StatusSpecSchema as SiderolinkSpecSchema } from '../../src/talos/gen/resource/definitions/siderolink/siderolink_pb.ts';
import { StatusSpecSchema as TimeSpecSchema } from '../../src/talos/gen/resource/definitions/time/time_pb.ts';
import { type CosiKind, item } from './cosi-kind.ts';

export const upkeepKinds: readonly CosiKind[] = [
  {
    type: 'TimeStatuses.v1alpha1.talos.dev',
    namespace: 'runtime',
    columns: [['Synced', '{.synced}']],
    items: ({ machine }) => {
      const { timeSynced: synced } = machine.parts.knobs.upkeep;
      const yaml = { synced, epoch: 0, syncDisabled: false };
      return [item(TimeSpecSchema, { id: 'node', message: { synced }, yaml })];
    },
  },
  {
    type: 'SiderolinkStatuses.siderolink.talos.dev',
    namespace: 'config',
    since: '1.8',
    columns: [
      ['Host', '{.host}'],
      ['Connected', '{.connected}'],
    ],
    items: ({ machine }) => {
      const { siderolinkHost: host } = machine.parts.knobs.upkeep;
      if (host === null) return [];
      const spec = { host, connected: true, linkName: 'siderolink', grpcTunnel: false };
      return [item(SiderolinkSpecSchema, { id: 'siderolink-status', message: spec, yaml: spec })];
    },
  },
];
