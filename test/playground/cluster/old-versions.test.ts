// What machines of old releases do not have: methods, resources, reboot modes.
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from '../../../playground/cluster/cluster.ts';
import { State } from '../../../src/talos/gen/cosi/state_pb.ts';
import { ImageService } from '../../../src/talos/gen/machine/image_pb.ts';
import { MachineService, RebootRequest_Mode } from '../../../src/talos/gen/machine/machine_pb.ts';
import { connect, eventually, type TestClient } from './a-client.ts';

const { etcdAlarmList, etcdMemberList, etcdStatus, reboot } = MachineService.method;

let cluster: Cluster;
let client: TestClient;

beforeAll(async () => {
  cluster = await startCluster({ settings: { workers: 1, talosVersion: 'v1.3.7', rebootMs: 250 } });
  client = connect(cluster.talosconfig);
});

afterAll(async () => {
  client.close();
  await cluster.stop();
});

describe('a machine with Talos 1.3', () => {
  const asked = [
    ['EtcdStatus', () => client.unary(etcdStatus, {}, cluster.addresses['cp-2'])],
    ['EtcdAlarmList', () => client.unary(etcdAlarmList, {}, cluster.addresses['cp-2'])],
    ['ImageService', () => client.all(ImageService.method.list, {}, cluster.addresses['cp-2'])],
  ] as const;
  it.each(asked)('has no %s, and counts who asks for it', async (_what, ask) => {
    const { counters } = cluster.world;
    const before = counters.of('cp-2').unimplemented;
    await expect(ask()).rejects.toMatchObject({ code: status.UNIMPLEMENTED });
    expect(counters.of('cp-2').unimplemented).toBe(before + 1);
  });

  it('lists its etcd members', async () => {
    const { messages } = await client.unary(etcdMemberList, {}, cluster.addresses['cp-2']);
    expect(messages[0]?.members).toHaveLength(3);
  });

  it.each(['MetaKeys.runtime.talos.dev', 'SecurityStates.talos.dev', 'Versions.runtime.talos.dev'])(
    'does not know %s yet',
    async (type) => {
      await expect(client.all(State.method.list, { namespace: 'runtime', type })).rejects.toMatchObject({
        code: status.PERMISSION_DENIED,
        details: `resource type "${type}" is not supported`,
      });
    },
  );

  it('takes a forced reboot for an ordinary one', async () => {
    const machine = cluster.world.machine('w-1');
    const stages: string[] = [];
    machine.parts.events.subscribe(({ event }) => {
      if (event.kind === 'task') stages.push(event.task);
    });
    await client.unary(reboot, { mode: RebootRequest_Mode.FORCE }, cluster.addresses['w-1']);
    await eventually(
      () => stages,
      (seen) => seen.includes('stopAllPods'),
    );
  });
});
