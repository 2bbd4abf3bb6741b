import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';
import { fromBinary } from '@bufbuild/protobuf';
import { durationFromMs } from '@bufbuild/protobuf/wkt';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Cluster, startCluster } from '../../../playground/cluster/cluster.ts';
import { ClusterService } from '../../../src/talos/gen/cluster/cluster_pb.ts';
import { MachineService, SequenceEventSchema } from '../../../src/talos/gen/machine/machine_pb.ts';
import { connect, eventually, type TestClient } from './a-client.ts';

const { events, logs, dmesg, kubeconfig, etcdSnapshot, read } = MachineService.method;
const { healthCheck } = ClusterService.method;

let cluster: Cluster;
let client: TestClient;

beforeAll(async () => {
  cluster = await startCluster({ settings: { rebootMs: 300, jitter: 0 } });
  client = connect(cluster.talosconfig);
});

afterAll(async () => {
  client.close();
  await cluster.stop();
});

function joined(parts: readonly { readonly bytes: Uint8Array }[]): Buffer {
  return Buffer.concat(parts.map((part) => part.bytes));
}

describe('the events of a machine', () => {
  it('begin with an empty hello and then tell what happens, in the names of Talos', async () => {
    const seen: { typeUrl: string; value: Uint8Array; actorId: string }[] = [];
    const node = cluster.addresses['w-1'];
    const listening = (async () => {
      for await (const { data, actorId } of client.stream(events, {}, node)) {
        seen.push({ typeUrl: data?.typeUrl ?? '', value: data?.value ?? new Uint8Array(), actorId });
      }
    })();
    const lost = expect(listening).rejects.toMatchObject({ code: status.UNAVAILABLE });
    await eventually(
      () => seen.length,
      (length) => length === 1,
    );
    const { actorId } = cluster.world.machine('w-1').reboot();
    await lost;
    expect(seen[0]?.typeUrl).toBe('');
    const sequence = seen.find((one) => one.typeUrl === 'talos/runtime/machine.SequenceEvent');
    expect(sequence?.actorId).toBe(actorId);
    expect(fromBinary(SequenceEventSchema, sequence?.value ?? new Uint8Array())).toMatchObject({
      sequence: 'reboot',
      action: 1,
    });
    expect(new Set(seen.map((one) => one.typeUrl))).toContain('talos/runtime/machine.MachineStatusEvent');
  });

  it('are told from the beginning of the boot when all are wanted', async () => {
    await eventually(
      () => cluster.world.counters.awayNow(),
      (away) => away.length === 0,
    );
    let count = 0;
    for await (const { id } of client.stream(events, { tailEvents: -1 }, cluster.addresses['w-1'])) {
      if (id !== '') expect(id).toMatch(/^[0-9a-v]{20}$/);
      count += 1;
      if (count === 4) break;
    }
    expect(count).toBe(4);
  });

  it('of a machine that has been running for days begin with its boot', async () => {
    const names: string[] = [];
    for await (const { data } of client.stream(events, { tailEvents: -1 }, cluster.addresses['w-2'])) {
      names.push((data?.typeUrl ?? '').replace('talos/runtime/machine.', ''));
      if (names.length === 4) break;
    }
    expect(names).toEqual(['', 'SequenceEvent', 'MachineStatusEvent', 'PhaseEvent']);
  });

  it('are refused with two kinds of tail at once, behind the hello', async () => {
    let count = 0;
    const asked = (async () => {
      for await (const _event of client.stream(events, { tailEvents: 3, tailSeconds: 3 })) count += 1;
    })();
    await expect(asked).rejects.toMatchObject({ code: status.UNKNOWN });
    expect(count).toBe(1);
  });
});

describe('the texts of a machine', () => {
  it('come from machined, and dmesg repeats them with facility and time', async () => {
    cluster.world.machine('cp-2').parts.log.info('something happened');
    const node = cluster.addresses['cp-2'];
    const machined = await client.all(logs, { namespace: 'system', id: 'machined', tailLines: -1 }, node);
    expect(joined(machined).toString()).toMatch(
      /\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{6} \[talos\] something happened\n$/,
    );
    const kernel = await client.all(dmesg, {}, node);
    expect(joined(kernel).toString()).toMatch(
      /^user: warning: \[.*Z\]: Linux version .*\n(.*\n)+user: warning: \[.*Z\]: \[talos\] something happened\n$/,
    );
  });

  it('are refused without a namespace', async () => {
    await expect(client.all(logs, { id: 'machined' })).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
    });
  });

  it('are refused of a file that is not there', async () => {
    await expect(client.all(read, { path: '/nowhere' })).rejects.toMatchObject({ code: status.NOT_FOUND });
  });
});

describe('the files of a control-plane node', () => {
  it('hold a kubeconfig in a tar that is never closed', async () => {
    const replies = await client.all(kubeconfig, {}, cluster.addresses['cp-2']);
    const tar = gunzipSync(joined(replies));
    const size = Number.parseInt(tar.toString('latin1', 124, 135), 8);
    expect([replies.length, tar.toString('latin1', 0, 10), tar.length]).toEqual([
      1,
      'kubeconfig',
      512 + size,
    ]);
    const config = parse(tar.subarray(512, 512 + size).toString());
    expect(config.clusters[0].cluster.server).toBe(cluster.kubeApi.url);
  });

  it('hold a snapshot of etcd with its own digest behind it', async () => {
    const bytes = joined(await client.all(etcdSnapshot, {}, cluster.addresses['cp-2']));
    expect(bytes.length % 512).toBe(32);
    // bbolt's mark, without which etcd's own tools do not open it.
    expect(bytes.readUInt32LE(16)).toBe(0xed0cdaed);
    const digest = createHash('sha256').update(bytes.subarray(0, -32)).digest('hex');
    expect(bytes.subarray(-32).toString('hex')).toBe(digest);
    expect(cluster.world.counters.of('cp-2').snapshots).toBe(1);
  });
});

describe('the health check', () => {
  it('says of each check that it holds', async () => {
    const lines = await client.all(healthCheck, { waitTimeout: durationFromMs(3_000) });
    expect(lines[0]?.message).toMatch(/^discovered nodes: \[127\./);
    expect(lines.at(-1)?.message).toBe('waiting for all k8s nodes to report schedulable: OK');
  });

  it('ends at its limit with the reason in its last line', async () => {
    cluster.world.inject('etcd-disagrees', { node: 'cp-2', missing: 'cp-3' });
    const messages: string[] = [];
    const checking = (async () => {
      const asked = client.stream(healthCheck, { waitTimeout: durationFromMs(250) });
      for await (const { message } of asked) messages.push(message);
    })();
    await expect(checking).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
    expect(messages.at(-1)).toMatch(/etcd member ids are inconsistent$/);
    cluster.world.heal();
  });

  it('has no time at all without a limit', async () => {
    await expect(client.all(healthCheck, {})).rejects.toMatchObject({ code: status.DEADLINE_EXCEEDED });
  });
});
