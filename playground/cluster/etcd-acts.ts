/** MachineService, the calls about etcd. */
import { EtcdMemberAlarm_AlarmType, type MachineService } from '../../src/talos/gen/machine/machine_pb.ts';
import { since } from '../world/compatibility.ts';
import { WorldError } from '../world/error.ts';
import { type Acts, assertControlPlane, type Call } from './act.ts';

type Served = Pick<
  Acts<typeof MachineService>,
  'etcdMemberList' | 'etcdStatus' | 'etcdAlarmList' | 'etcdForfeitLeadership' | 'etcdSnapshot'
>;

export const etcdActs: Served = {
  etcdMemberList: async ({ queryLocal }, call) => {
    assertControlPlane(call, 'member list');
    if (queryLocal) await untilMemberRuns(call);
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
  etcdStatus: async (_request, call) => {
    assertMethod(call, 'EtcdStatus');
    assertControlPlane(call, 'etcd status');
    await untilMemberRuns(call);
    const view = call.world.etcd.viewOf(call.machine.node.name);
    return {
      messages: [
        {
          memberStatus: {
            protocolVersion: call.machine.etcdVersions.version,
            storageVersion: call.machine.etcdVersions.storageVersion,
            dbSize: BigInt(view.dbSizeBytes),
            dbSizeInUse: BigInt(view.dbInUseBytes),
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
  etcdAlarmList: async (_request, call) => {
    assertMethod(call, 'EtcdAlarmList');
    assertControlPlane(call, 'etcd alarm list');
    await untilMemberRuns(call);
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
  etcdSnapshot: async (_request, call, replies) => {
    assertControlPlane(call, 'etcd snapshot');
    for (const bytes of call.world.etcdSnapshot(call.machine.node.name)) {
      replies.send({ bytes });
      // A database may have gigabytes, and its taker may write to a slow store.
      const room = replies.room();
      if (room !== null) await room;
      if (replies.ended.aborted) return;
    }
  },
};

/** @throws WorldError UNIMPLEMENTED before 1.4, where these two do not exist (facts/talos-api.md 10) */
function assertMethod({ machine }: Call, method: string): void {
  if (!since(machine.version, '1.4'))
    throw new WorldError('UNIMPLEMENTED', `unknown method ${method} for service machine.MachineService`);
}

/** How long a call waits for the machine's own member. The real one waits as long as its caller does. */
const MEMBER_WAIT_MS = 250;

/**
 * Talos's etcd client waits for its member instead of failing.
 * @throws WorldError DEADLINE_EXCEEDED when it does not come, which is what the caller's own deadline would say
 */
function untilMemberRuns({ world, machine }: Call): Promise<void> {
  const runs = (): boolean => world.etcd.member(machine.node.name)?.up === true;
  if (runs()) return Promise.resolve();
  return new Promise((resolve, reject) => {
    const stop = world.onChange(() => {
      if (!runs()) return;
      stop();
      cancel();
      resolve();
    });
    const cancel = world.clock.after(MEMBER_WAIT_MS, () => {
      stop();
      reject(new WorldError('DEADLINE_EXCEEDED', 'context deadline exceeded'));
    });
  });
}
