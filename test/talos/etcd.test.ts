// etcd over real connections, through the eyes of one member.
import { describe, expect, test } from 'vitest';
import { type Behaviour, machinesAt, running } from './machine.ts';

const node = '10.0.0.3';

describe('etcd', () => {
  const MEMBER = 0xf123_4567_89ab_cdefn;
  const etcd = {
    etcdStatus: (_call, callback) =>
      callback(null, {
        messages: [
          {
            memberStatus: {
              memberId: MEMBER,
              leader: 0x12n,
              raftIndex: 900n,
              raftAppliedIndex: 899n,
              raftTerm: 3n,
              errors: ['NOSPACE'],
              dbSize: 21_000_000n,
              dbSizeInUse: 8_400_000n,
              protocolVersion: '3.6.12',
              storageVersion: '3.6.0',
            },
          },
        ],
      }),
    etcdMemberList: (call, callback) =>
      callback(null, {
        messages: [
          {
            members: [
              { id: MEMBER, hostname: call.request.queryLocal ? 'cp-1' : 'another' },
              { id: 0x12n, hostname: '', isLearner: true },
            ],
          },
        ],
      }),
    etcdAlarmList: (_call, callback) =>
      callback(null, {
        messages: [
          {
            memberAlarms: [
              { memberId: MEMBER, alarm: 1 },
              { memberId: 0x12n, alarm: 0 },
            ],
          },
        ],
      }),
  } satisfies Behaviour['machine'];

  test('is seen with the eyes of the machine asked', async () => {
    const machine = await running({ machine: etcd });
    expect(await machinesAt([machine.port]).etcd(node)).toEqual({
      memberId: 'f123456789abcdef',
      leaderId: '0000000000000012',
      members: [
        { id: 'f123456789abcdef', name: 'cp-1', learner: false },
        { id: '0000000000000012', name: '', learner: true },
      ],
      learner: false,
      raftTerm: 3,
      dbBytes: 21_000_000,
      dbInUseBytes: 8_400_000,
      version: '3.6.12',
      storageVersion: '3.6.0',
      raftIndex: 900,
      raftAppliedIndex: 899,
      errors: ['NOSPACE'],
      alarms: [{ memberId: 'f123456789abcdef', alarm: 'nospace' }],
    });
  });

  test('without a leader says so', async () => {
    const leaderless = {
      ...etcd,
      etcdStatus: (_call, callback) => callback(null, { messages: [{ memberStatus: { memberId: MEMBER } }] }),
    } satisfies Behaviour['machine'];
    const machine = await running({ machine: leaderless });
    expect((await machinesAt([machine.port]).etcd(node)).leaderId).toBeNull();
  });

  test.each([
    ['several messages', { messages: [{}, {}] }],
    ['an error inside the reply', { messages: [{ metadata: { error: 'rpc error' } }] }],
    ['nothing about the member', { messages: [{}] }],
  ])('answered with %s is broken', async (_name, reply) => {
    const machine = await running({
      machine: { ...etcd, etcdStatus: (_call, callback) => callback(null, reply) },
    });
    await expect(machinesAt([machine.port]).etcd(node)).rejects.toMatchObject({ kind: 'broken' });
  });
});
