import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from '../../../playground/cluster/cluster.ts';
import { ContainerDriver, ContainerdNamespace } from '../../../src/talos/gen/common/common_pb.ts';
import { ImageService } from '../../../src/talos/gen/machine/image_pb.ts';
import { LifecycleService } from '../../../src/talos/gen/machine/lifecycle_pb.ts';
import { MachineService } from '../../../src/talos/gen/machine/machine_pb.ts';
import { connect, type TestClient } from './a-client.ts';

const IMAGE =
  'factory.talos.dev/metal-installer/376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba:v1.14.1';
const CONTAINERD = { driver: ContainerDriver.CRI, namespace: ContainerdNamespace.NS_SYSTEM };
const FIRST_LINE = 'running Talos installer v1.14.1\n';

const rows = [
  { version: 'v1.13.9', wholeLines: false },
  { version: 'v1.14.0-beta.1', wholeLines: false },
  { version: 'v1.14.0-rc.1', wholeLines: true },
  { version: 'v1.14.0', wholeLines: true },
];

describe.each(rows)('the output of an installer on $version', ({ version, wholeLines }) => {
  let cluster: Cluster;
  let client: TestClient;
  let messages: readonly string[];

  beforeAll(async () => {
    const small = { controlPlanes: 1, workers: 0, pullMs: 10, installMs: 20 };
    cluster = await startCluster({ settings: { ...small, talosVersion: version } });
    client = connect(cluster.talosconfig);
    await client.all(ImageService.method.pull, { containerd: CONTAINERD, imageRef: IMAGE });
    const request = { containerd: CONTAINERD, source: { imageName: IMAGE } };
    const replies = await client.all(LifecycleService.method.upgrade, request);
    messages = replies.flatMap(({ progress }) =>
      progress?.response.case === 'message' ? [progress.response.value] : [],
    );
  });

  afterAll(async () => {
    client.close();
    await cluster.stop();
  });

  it(`comes in ${wholeLines ? 'lines with their ends' : 'pieces that do not respect lines'}`, () => {
    expect(messages.every((message) => /^[^\n]*\n$/.test(message))).toBe(wholeLines);
    const text = messages.join('');
    expect([text.startsWith(FIRST_LINE), text.endsWith('complete\n')]).toEqual([true, true]);
  });

  it("stands in machined's log, each entry with the log's stamp and the logger's own", async () => {
    const request = { namespace: 'system', id: 'machined', tailLines: -1 };
    const chunks = await client.all(MachineService.method.logs, request);
    const log = Buffer.concat(chunks.map(({ bytes }) => bytes)).toString();
    const progress = log.split('\n').find((line) => line.includes('upgrade progress'));
    expect(progress).toMatch(
      /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d\.\d{6} \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z \S+INFO\S+ upgrade progress \{"component": "machined", "service": "lifecycle", "message": "running Talos installer v1\.14\.1\\n"\}$/,
    );
  });
});
