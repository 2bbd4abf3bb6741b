import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from '../../../playground/cluster/cluster.ts';
import { MachineService } from '../../../src/talos/gen/machine/machine_pb.ts';
import { connect, type TestClient } from './a-client.ts';

const { etcdAlarmList, etcdMemberList, etcdStatus } = MachineService.method;

let cluster: Cluster;
let client: TestClient;

beforeAll(async () => {
  cluster = await startCluster({ settings: { workers: 0 } });
  client = connect(cluster.talosconfig);
});

afterAll(async () => {
  client.close();
  await cluster.stop();
});

describe('a machine whose own etcd is down', () => {
  const questions = [
    ['for its status', () => client.unary(etcdStatus, {}, cluster.addresses['cp-3'])],
    ['for its members', () => client.unary(etcdMemberList, { queryLocal: true }, cluster.addresses['cp-3'])],
    ['for alarms', () => client.unary(etcdAlarmList, {}, cluster.addresses['cp-3'])],
  ] as const;

  it.each(questions)('says nothing for as long as it is asked %s', async (_what, ask) => {
    cluster.world.etcd.stop('cp-3');
    await expect(ask()).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
    cluster.world.etcd.start('cp-3');
  });

  it('answers what it was asked meanwhile once its etcd is back', async () => {
    cluster.world.etcd.stop('cp-3');
    const asked = client.unary(etcdStatus, {}, cluster.addresses['cp-3']);
    await client.unary(etcdStatus, {}, cluster.addresses['cp-1']);
    cluster.world.etcd.start('cp-3');
    expect((await asked).messages).toHaveLength(1);
  });
});

it('the status names the etcd that comes with the release', async () => {
  const { messages } = await client.unary(etcdStatus, {}, cluster.addresses['cp-1']);
  expect(messages[0]?.memberStatus).toMatchObject({ protocolVersion: '3.6.12', storageVersion: '3.6.0' });
});
