// etcd as one control-plane machine sees it, and the hand-over of its leadership.
import type { EtcdView } from '../cluster/snapshot.ts';
import { Fault } from '../engine/ports/fault.ts';
import type { May, ReadOptions } from '../engine/ports/machines.ts';
import type { Acts } from './acts.ts';
import { EtcdMemberAlarm_AlarmType as AlarmType, MachineService } from './gen/machine/machine_pb.ts';
import type { Question, Reads } from './reads.ts';
import { onlyMessage } from './reply.ts';

/** Milliseconds for handing leadership over: the machine may wait 3 minutes to learn its own member id (talos-api.md 2.2). */
const FORFEIT_LIMIT_MS = 190_000;

/**
 * Milliseconds for a question about etcd, on all ways together: Talos waits for a member that does not run as long as we do, so
 * a dead one would hold a survey up. A member that needs longer to answer is not one that a departure should count on.
 */
export const ETCD_LIMIT_MS = 3_000;

/** 16 hex digits, as Talos and etcd print member ids. */
function memberId(id: bigint): string {
  return id.toString(16).padStart(16, '0');
}

/**
 * Asks the machine's own etcd, never another member through it: agreement is only worth something between members. A member's
 * status names every alarm of the cluster among its errors, so the list of alarms is only asked for where there are errors.
 * Throws Fault.
 */
export async function etcdOf(reads: Reads, address: string, options: ReadOptions = {}): Promise<EtcdView> {
  const question: Question = {
    ...options,
    node: address,
    limitMs: ETCD_LIMIT_MS,
    withinMs: ETCD_LIMIT_MS,
  };
  const [statusReply, listReply] = await Promise.all([
    reads.unary(MachineService.method.etcdStatus, {}, question),
    reads.unary(MachineService.method.etcdMemberList, { queryLocal: true }, question),
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
    // Databases stay below 8 GiB (etcd's own advice).
    dbBytes: Number(status.dbSize),
    dbInUseBytes: Number(status.dbSizeInUse),
    version: status.protocolVersion,
    storageVersion: status.storageVersion,
    errors: status.errors,
    alarms: status.errors.length === 0 ? [] : await alarmsOf(reads, question),
  };
}

async function alarmsOf(reads: Reads, question: Question): Promise<EtcdView['alarms']> {
  const reply = await reads.unary(MachineService.method.etcdAlarmList, {}, question);
  return onlyMessage('EtcdAlarmList', reply).memberAlarms.flatMap((alarm) => {
    const name = ALARMS.get(alarm.alarm);
    return name === undefined ? [] : [{ memberId: memberId(alarm.memberId), alarm: name }];
  });
}

const ALARMS: ReadonlyMap<AlarmType, 'nospace' | 'corrupt'> = new Map([
  [AlarmType.NOSPACE, 'nospace'],
  [AlarmType.CORRUPT, 'corrupt'],
]);

/**
 * Sent once, as every act: a second call that arrives late would move the leadership once more. Whether it is repeated is the
 * caller's choice. Throws Fault.
 */
export async function forfeitLeadership(acts: Acts, address: string, may?: May): Promise<string> {
  const limit = { limitMs: FORFEIT_LIMIT_MS, may };
  const reply = await acts.unary(address, MachineService.method.etcdForfeitLeadership, {}, limit);
  if (reply.kind !== 'done') throw reply.fault;
  return onlyMessage('EtcdForfeitLeadership', reply.value).member;
}
