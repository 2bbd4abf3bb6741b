// etcd as one control-plane machine sees it, and the hand-over of its leadership.
import type { EtcdView } from '../cluster/snapshot.ts';
import { Fault } from '../engine/ports/fault.ts';
import type { ReadOptions } from '../engine/ports/machines.ts';
import { EtcdMemberAlarm_AlarmType as AlarmType, MachineService } from './gen/machine/machine_pb.ts';
import type { Question, Reads } from './reads.ts';
import { onlyMessage } from './reply.ts';

/** Milliseconds for handing leadership over: the machine may wait 3 minutes to learn its own member id (talos-api.md 2.2). */
const FORFEIT_LIMIT_MS = 190_000;

/** 16 hex digits, as Talos and etcd print member ids. */
function memberId(id: bigint): string {
  return id.toString(16).padStart(16, '0');
}

/** Asks the machine's own etcd, never another member through it: agreement is only worth something between members. Throws Fault. */
export async function etcdOf(reads: Reads, address: string, options: ReadOptions = {}): Promise<EtcdView> {
  const question: Question = { ...options, node: address };
  const [statusReply, listReply, alarmReply] = await Promise.all([
    reads.unary(MachineService.method.etcdStatus, {}, question),
    reads.unary(MachineService.method.etcdMemberList, { queryLocal: true }, question),
    reads.unary(MachineService.method.etcdAlarmList, {}, question),
  ]);
  const status = onlyMessage('EtcdStatus', statusReply).memberStatus;
  if (status === undefined || status.memberId === 0n)
    throw new Fault('broken', `${address} gave no etcd status.`);
  return {
    memberId: memberId(status.memberId),
    leaderId: status.leader === 0n ? null : memberId(status.leader),
    members: onlyMessage('EtcdMemberList', listReply).members.map((member) => ({
      id: memberId(member.id),
      name: member.hostname,
      learner: member.isLearner,
    })),
    learner: status.isLearner,
    // Counters of a cluster's life: they stay far below 2^53.
    raftTerm: Number(status.raftTerm),
    raftIndex: Number(status.raftIndex),
    raftAppliedIndex: Number(status.raftAppliedIndex),
    errors: status.errors,
    alarms: onlyMessage('EtcdAlarmList', alarmReply).memberAlarms.flatMap((alarm) => {
      const name = ALARMS.get(alarm.alarm);
      return name === undefined ? [] : [{ memberId: memberId(alarm.memberId), alarm: name }];
    }),
  };
}

const ALARMS: ReadonlyMap<AlarmType, 'nospace' | 'corrupt'> = new Map([
  [AlarmType.NOSPACE, 'nospace'],
  [AlarmType.CORRUPT, 'corrupt'],
]);

/** Repeating it is harmless: it acts only while the machine leads. Throws Fault. */
export async function forfeitLeadership(reads: Reads, address: string): Promise<string> {
  const question: Question = { node: address, limitMs: FORFEIT_LIMIT_MS };
  const reply = await reads.unary(MachineService.method.etcdForfeitLeadership, {}, question);
  return onlyMessage('EtcdForfeitLeadership', reply).member;
}
