import { once } from 'node:events';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { status } from '@grpc/grpc-js';
import { CoreV1Api, KubeConfig, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from '../../../playground/cluster/cluster.ts';
import { MachineService } from '../../../src/talos/gen/machine/machine_pb.ts';
import { connect, eventually, type TestClient } from './a-client.ts';

const { version } = MachineService.method;
const FAST = { rebootMs: 250, jitter: 0, workers: 1 };
/** How much longer a node is away where a test has to see it so: a busy machine may miss the 250 ms. */
const AWHILE = { node: 'w-1', ms: 2_000 };

let cluster: Cluster;
let client: TestClient;
const cleanups: (() => Promise<void> | void)[] = [];

beforeAll(async () => {
  cluster = await startCluster({ settings: FAST });
  client = connect(cluster.talosconfig);
});

afterEach(async () => {
  cluster.world.heal();
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
  await eventually(
    () => cluster.world.counters.awayNow(),
    (away) => away.length === 0,
  );
});

afterAll(async () => {
  client.close();
  await cluster.stop();
});

function direct(name: string): TestClient {
  const other = connect(cluster.talosconfig, `${cluster.addresses[name]}:${cluster.port}`);
  cleanups.push(() => other.close());
  return other;
}

function kubernetes(): CoreV1Api {
  const config = new KubeConfig();
  config.loadFromString(cluster.kubeconfig);
  return config.makeApiClient(CoreV1Api);
}

describe('a node that left', () => {
  it('breaks connections on which nothing is said, before it is back', async () => {
    const { host, port } = { host: cluster.addresses['w-1'] ?? '', port: cluster.port };
    const socket = createConnection({ host, port });
    cleanups.push(() => void socket.destroy());
    await once(socket, 'connect');
    const broken = once(socket, 'close').then(() => cluster.world.machine('w-1').listening);
    cluster.world.inject('slow-boot', AWHILE);
    cluster.world.machine('w-1').reboot();
    expect(await broken).toBe(false);
  });

  it('half open stays silent on its connections, and drops them when it is back', async () => {
    const other = direct('w-1');
    await other.unary(version, {});
    cluster.world.inject('half-open', { node: 'w-1' });
    cluster.world.inject('slow-boot', AWHILE);
    const events = (async () => {
      for await (const _event of other.stream(MachineService.method.events, {}));
    })();
    let ended = false;
    const lost = events.catch(() => {
      ended = true;
    });
    cluster.world.machine('w-1').reboot();
    await eventually(
      () => cluster.world.machine('w-1').listening,
      (listening) => !listening,
    );
    const asked = other.unary(version, {}).then(
      () => 'answered',
      (error: { code: number }) => error.code,
    );
    expect(ended).toBe(false);
    await lost;
    expect([cluster.world.machine('w-1').listening, await asked]).toEqual([true, status.UNAVAILABLE]);
  });

  it('into maintenance mode is trusted by nobody, directly or through an endpoint', async () => {
    cluster.world.inject('maintenance', { node: 'w-1' });
    cluster.world.machine('w-1').reboot();
    await eventually(
      () => cluster.world.machine('w-1').status().stage,
      (stage) => stage === 'maintenance',
    );
    await expect(direct('w-1').unary(version, {})).rejects.toThrow(/self-signed certificate|certificate/);
    await eventually(
      () =>
        client.unary(version, {}, cluster.addresses['w-1']).then(
          () => 'answered',
          (error: Error) => error.message,
        ),
      (answer) => answer.includes('x509: certificate signed by unknown authority'),
    );
  });

  it('is refused by its endpoint for a moment after it is back', async () => {
    const slow = await startCluster({ settings: { ...FAST, proxyBackoffMs: 60_000 } });
    const own = connect(slow.talosconfig);
    cleanups.push(
      () => slow.stop(),
      () => own.close(),
    );
    const ask = (): Promise<unknown> => own.unary(version, {}, slow.addresses['w-1']);
    slow.world.inject('node-down', { node: 'w-1' });
    await expect(ask()).rejects.toMatchObject({ code: status.UNAVAILABLE });
    slow.world.heal();
    await eventually(
      () => slow.world.machine('w-1').status().ready && slow.world.machine('w-1').listening,
      (ready) => ready,
    );
    await expect(ask()).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });

  it('unreachable, lets calls hang instead of refusing them', async () => {
    cluster.world.inject('unreachable', { node: 'w-1' });
    const first = await Promise.race([
      client.unary(version, {}, cluster.addresses['w-1']).catch(() => 'ended'),
      client.unary(version, {}).then(() => 'the other node answered'),
    ]);
    expect(first).toBe('the other node answered');
  });
});

describe('Kubernetes of the cluster', () => {
  it('sees nodes leave and come back with their version and boot id', async () => {
    const api = kubernetes();
    const ready = async (): Promise<string | undefined> => {
      const node = await api.readNode({ name: 'w-1' });
      return node.status?.conditions?.find((one) => one.type === 'Ready')?.status;
    };
    expect(await ready()).toBe('True');
    cluster.world.inject('slow-boot', AWHILE);
    cluster.world.machine('w-1').reboot();
    await eventually(ready, (answer) => answer !== 'True');
    await eventually(ready, (answer) => answer === 'True');
    const node = await api.readNode({ name: 'w-1' });
    expect(node.status?.nodeInfo?.bootID).toBe(cluster.world.machine('w-1').bootId);
    expect(node.status?.nodeInfo?.osImage).toBe('Talos (v1.13.4)');
  });

  it('is counted: who was cordoned, and how often', async () => {
    await kubernetes().patchNode(
      { name: 'w-1', body: { spec: { unschedulable: true } } },
      setHeaderOptions('Content-Type', PatchStrategy.MergePatch),
    );
    const { nodes } = cluster.world.snapshot();
    expect(nodes.map((node) => [node.cordoned, node.counters.cordons])).toEqual([
      [false, 0],
      [false, 0],
      [false, 0],
      [true, 1],
    ]);
  });
});

describe('a cluster', () => {
  it('writes its files for their owner only, and two of them never share an address', async () => {
    const out = await mkdtemp(join(tmpdir(), 'cluster-'));
    const other = await startCluster({ settings: FAST, out });
    cleanups.push(
      () => other.stop(),
      () => rm(out, { recursive: true }),
    );
    expect(await readFile(join(out, 'talosconfig'), 'utf8')).toBe(other.talosconfig);
    expect((await stat(join(out, 'kubeconfig'))).mode & 0o777).toBe(0o600);
    expect(Object.values(other.addresses)).not.toContain(cluster.addresses['cp-1']);
    expect(other.talosconfig).not.toContain('BEGIN');
  });
});
