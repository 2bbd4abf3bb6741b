/** MachineService, the calls about etcd. */
import { EtcdMemberAlarm_AlarmType, type MachineService } from '../../src/talos/gen/machine/machine_pb.ts';
import { since } from '../world/compatibility.ts';
import { type Acts, assertControlPlane } from './act.ts';
import { sendBytes } from './bytes.ts';

type Served = Pick<
  Acts<typeof MachineService>,
  'etcdMemberList' | 'etcdStatus' | 'etcdAlarmList' | 'etcdForfeitLeadership' | 'etcdSnapshot'
>;

export const etcdActs: Served = {
  etcdMemberList: ({ queryLocal }, call) => {
    assertControlPlane(call, 'member list');
    const members = call.world.etcd.memberList(call.machine.node.name, { queryLocal });
    return {
      messages: [
        {
          legacyMembers: members.map((member) => member.name),
          members: members.map((member) => ({
            id: member.id,
            hostname: member.name,
            peerUrls: [`https://${member.address}:2380`],
            clientUrls: [`https://${member.address}:2379`],
            isLearner: member.learner,
          })),
        },
      ],
    };
  },
  etcdStatus: (_request, call) => {
    assertControlPlane(call, 'etcd status');
    const view = call.world.etcd.viewOf(call.machine.node.name);
    return {
      messages: [
        {
          memberStatus: {
            ...etcdVersions(call.machine.version),
            dbSize: BigInt(view.dbSizeBytes),
            dbSizeInUse: BigInt(Math.floor(view.dbSizeBytes * 0.4)),
            leader: view.leader,
            raftIndex: view.raftIndex,
            raftTerm: view.raftTerm,
            raftAppliedIndex: view.raftAppliedIndex,
            errors: [...view.errors],
            isLearner: view.learner,
            memberId: view.memberId,
          },
        },
      ],
    };
  },
  etcdAlarmList: (_request, call) => {
    assertControlPlane(call, 'etcd alarm list');
    const memberAlarms = call.world.etcd.alarms(call.machine.node.name).map(({ memberId, alarm }) => ({
      memberId,
      alarm: alarm === 'NOSPACE' ? EtcdMemberAlarm_AlarmType.NOSPACE : EtcdMemberAlarm_AlarmType.CORRUPT,
    }));
    return { messages: [{ memberAlarms }] };
  },
  etcdForfeitLeadership: (_request, call) => {
    assertControlPlane(call, 'etcd forfeit leadership');
    return { messages: [{ member: call.world.forfeitLeadership(call.machine.node.name) }] };
  },
  etcdSnapshot: (_request, call, replies) => {
    assertControlPlane(call, 'etcd snapshot');
    sendBytes(replies, call.world.etcdSnapshot(call.machine.node.name));
  },
};

/** The etcd that comes with a release, and the version its status names for the storage (facts/talos-api.md 2.1 and 7). */
function etcdVersions(talosVersion: string): { protocolVersion: string; storageVersion: string } {
  if (since(talosVersion, '1.14')) return { protocolVersion: '3.7.1', storageVersion: '3.7.0' };
  if (since(talosVersion, '1.13')) return { protocolVersion: '3.6.12', storageVersion: '3.6.0' };
  if (since(talosVersion, '1.12')) return { protocolVersion: '3.6.11', storageVersion: '3.6.0' };
  if (since(talosVersion, '1.11')) return { protocolVersion: '3.6.5', storageVersion: '3.6.0' };
  return { protocolVersion: '3.5.26', storageVersion: '' };
}
