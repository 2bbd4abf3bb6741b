import { status } from '@grpc/grpc-js';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type Cluster, startCluster } from '../../../playground/cluster/cluster.ts';
import { ContainerDriver, ContainerdNamespace } from '../../../src/talos/gen/common/common_pb.ts';
import { State } from '../../../src/talos/gen/cosi/state_pb.ts';
import { ImageService } from '../../../src/talos/gen/machine/image_pb.ts';
import { LifecycleService } from '../../../src/talos/gen/machine/lifecycle_pb.ts';
import { MachineService } from '../../../src/talos/gen/machine/machine_pb.ts';
import { connect, eventually, type TestClient } from './a-client.ts';

const { version, hostname, reboot, rollback, upgrade, read, mounts, etcdStatus, etcdMemberList } =
  MachineService.method;
const FAST = { pullMs: 20, installMs: 20, rebootMs: 250, jitter: 0 };
const CONTAINERD = { driver: ContainerDriver.CRI, namespace: ContainerdNamespace.NS_SYSTEM };
const NEXT = 'ghcr.io/siderolabs/installer:v1.13.9';

let cluster: Cluster;
let client: TestClient;
const others: TestClient[] = [];

beforeAll(async () => {
  cluster = await startCluster({ settings: FAST });
  client = connect(cluster.talosconfig);
});

afterEach(async () => {
  for (const other of others.splice(0)) other.close();
  cluster.world.heal();
  await eventually(
    () => cluster.world.counters.awayNow(),
    (away) => away.length === 0,
  );
});

afterAll(async () => {
  client.close();
  await cluster.stop();
});

const address = (name: string): string => cluster.world.machine(name).node.address;

async function nameOf(from: TestClient, node?: string): Promise<string | undefined> {
  return (await from.unary(hostname, {}, node)).messages[0]?.hostname;
}

async function bootId(node: string): Promise<string> {
  const parts = await client.all(read, { path: '/proc/sys/kernel/random/boot_id' }, node);
  return Buffer.concat(parts.map((part) => part.bytes)).toString();
}

async function install(node: string, ref: string): Promise<{ code: number | undefined; text: string }> {
  await client.all(ImageService.method.pull, { containerd: CONTAINERD, imageRef: ref }, node);
  const request = { containerd: CONTAINERD, source: { imageName: ref } };
  const replies = await client.all(LifecycleService.method.upgrade, request, node);
  const responses = replies.map((reply) => reply.progress?.response);
  return {
    code: responses.flatMap((one) => (one?.case === 'exitCode' ? [one.value] : []))[0],
    text: responses.flatMap((one) => (one?.case === 'message' ? [one.value] : [])).join(''),
  };
}

describe('routing', () => {
  it('answers for the endpoint itself without a header', async () => {
    expect(await nameOf(client)).toBe('cp-1');
  });

  it('forwards to the machine the header names, by address and by name', async () => {
    expect([await nameOf(client, address('w-2')), await nameOf(client, 'cp-3')]).toEqual(['w-2', 'cp-3']);
  });

  it('refuses to forward from a worker, which answers for itself', async () => {
    const worker = connect(cluster.talosconfig, `${address('w-1')}:${cluster.port}`);
    others.push(worker);
    expect([await nameOf(worker), await nameOf(worker, address('w-1'))]).toEqual(['w-1', 'w-1']);
    await expect(nameOf(worker, address('w-2'))).rejects.toMatchObject({
      code: status.PERMISSION_DENIED,
      details: 'no request forwarding',
    });
  });

  it('answers UNAVAILABLE with the text of a refused connection for a machine that is down', async () => {
    cluster.world.inject('node-down', { node: 'w-1' });
    await expect(nameOf(client, address('w-1'))).rejects.toMatchObject({
      code: status.UNAVAILABLE,
      details: `connection error: desc = "transport: Error while dialing: dial tcp ${address('w-1')}:${cluster.port}: connect: connection refused"`,
    });
  });

  it('merges answers for the deprecated header, a failure being one of the elements', async () => {
    cluster.world.inject('node-down', { node: 'w-1' });
    const many = client.withHeaders({ nodes: [address('cp-2'), address('w-1')] });
    const { messages } = await many.unary(version, {});
    expect(
      messages.map((one) => [one.metadata?.hostname, one.version?.tag, one.metadata?.status?.code]),
    ).toEqual([
      [address('cp-2'), 'v1.13.4', undefined],
      [address('w-1'), undefined, status.UNAVAILABLE],
    ]);
    expect(messages[1]?.metadata?.error).toMatch(/^rpc error: code = Unavailable desc = connection error: /);
  });

  it.each([
    [
      'two nodes in the single header',
      { node: ['10.0.0.1', '10.0.0.2'] },
      'node metadata must be single-valued',
    ],
    ['a port in the target', { node: ['10.0.0.1:50000'] }, 'invalid target'],
  ])('refuses %s', async (_name, headers, text) => {
    await expect(client.withHeaders(headers).unary(version, {})).rejects.toThrow(text);
  });

  it('refuses several nodes for COSI', async () => {
    const many = client.withHeaders({ nodes: [address('cp-2')] });
    const asked = { namespace: 'runtime', type: 'MachineStatuses.runtime.talos.dev', id: 'machine' };
    await expect(many.unary(State.method.get, asked)).rejects.toMatchObject({
      code: status.INVALID_ARGUMENT,
    });
  });
});

describe('rights', () => {
  const rows = [
    ['os:reader', 'read its version', () => version, undefined],
    ['os:reader', 'ask etcd for its status', () => etcdStatus, undefined],
    ['os:reader', 'ask for its file systems', () => mounts, undefined],
    ['os:reader', 'reboot', () => reboot, status.PERMISSION_DENIED],
    ['os:operator', 'roll back', () => rollback, status.PERMISSION_DENIED],
    ['os:etcd:backup', 'list etcd members', () => etcdMemberList, undefined],
    ['os:etcd:backup', 'read its version', () => version, status.PERMISSION_DENIED],
  ] as const;
  it.each(rows)('of %s decide whether it may %s, on the target', async (role, _what, method, code) => {
    const other = connect(await cluster.talosconfigFor([role]));
    others.push(other);
    const called = other.unary(method() as typeof version, {}, address('cp-2'));
    if (code === undefined) expect((await called).messages).toHaveLength(1);
    else await expect(called).rejects.toMatchObject({ code, details: 'not authorized' });
  });

  it('are not given to a client of another authority', async () => {
    const stranger = await startCluster({ settings: { ...FAST, controlPlanes: 1, workers: 0 } });
    const other = connect(stranger.talosconfig, `${address('cp-1')}:${cluster.port}`);
    others.push(other);
    await expect(other.unary(version, {})).rejects.toMatchObject({ code: status.UNAVAILABLE });
    await stranger.stop();
  });

  it('do not make a worker answer for etcd', async () => {
    await expect(client.unary(etcdMemberList, {}, address('w-1'))).rejects.toMatchObject({
      code: status.UNIMPLEMENTED,
      details: 'member list is only available on control plane nodes',
    });
  });
});

describe('a reboot', () => {
  it('drops connections, refuses new ones for a while, and comes back with a new boot id', async () => {
    const direct = connect(cluster.talosconfig, `${address('cp-2')}:${cluster.port}`);
    others.push(direct);
    const before = await bootId(address('cp-2'));
    // Long enough to be refused by it on a busy machine.
    cluster.world.inject('slow-boot', { node: 'cp-2', ms: 2_000 });
    const broken = (async () => {
      for await (const _event of direct.stream(MachineService.method.events, {}));
    })();
    const lost = expect(broken).rejects.toMatchObject({ code: status.UNAVAILABLE });
    const { messages } = await direct.unary(reboot, {});
    expect(messages[0]?.actorId).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    await lost;
    await expect(direct.unary(version, {})).rejects.toMatchObject({ code: status.UNAVAILABLE });
    const after = await eventually(
      () => bootId(address('cp-2')).catch(() => before),
      (id) => id !== before,
    );
    expect(after).toMatch(/^[0-9a-f-]{36}\n$/);
    await eventually(
      () => nameOf(direct).catch(() => ''),
      (name) => name === 'cp-2',
    );
  });

  it('breaks a forwarded stream while the endpoint lives', async () => {
    const broken = (async () => {
      for await (const _event of client.stream(MachineService.method.events, {}, address('w-3')));
    })();
    const lost = expect(broken).rejects.toMatchObject({ code: status.UNAVAILABLE });
    await client.unary(reboot, {}, address('w-3'));
    await lost;
    expect(await nameOf(client)).toBe('cp-1');
  });

  it('is carried out although its reply is lost', async () => {
    const before = await bootId(address('w-3'));
    cluster.world.inject('lost-reply', { node: 'w-3', method: 'Reboot' });
    await expect(client.unary(reboot, {}, address('w-3'))).rejects.toMatchObject({
      code: status.UNAVAILABLE,
    });
    await eventually(
      () => bootId(address('w-3')).catch(() => before),
      (id) => id !== before,
    );
  });
});

describe('an upgrade', () => {
  it('gives the exit code in band, arms the machine, and a rollback toggles', async () => {
    const node = address('w-2');
    const { code, text } = await install(node, NEXT);
    expect([code, text.split('\n')[0], cluster.world.machine('w-2').armed]).toEqual([
      0,
      'running Talos installer v1.13.9',
      true,
    ]);
    const tag = async (): Promise<string | undefined> =>
      (await client.unary(version, {}, node).catch(() => undefined))?.messages[0]?.version?.tag;
    await client.unary(reboot, {}, node);
    await eventually(tag, (one) => one === 'v1.13.9');
    await eventually(
      () => cluster.world.counters.awayNow().length,
      (away) => away === 0,
    );
    await client.unary(rollback, {}, node);
    await eventually(tag, (one) => one === 'v1.13.4');
  });

  it('ends well on the wire although its installer failed', async () => {
    cluster.world.inject('installer-exits-nonzero', { node: 'w-1', code: 7 });
    expect((await install(address('w-1'), NEXT)).code).toBe(7);
    expect((await install(address('w-1'), NEXT)).code).toBe(0);
    expect(cluster.world.counters.of('w-1').installs).toBe(2);
  });

  it('refuses an image that does not exist', async () => {
    cluster.world.inject('image-missing', { node: 'w-3' });
    const pulled = client.all(
      ImageService.method.pull,
      { containerd: CONTAINERD, imageRef: 'ghcr.io/siderolabs/installer:v1.13.8' },
      address('w-3'),
    );
    await expect(pulled).rejects.toMatchObject({ code: status.NOT_FOUND });
  });

  it('refuses calls without containerd, each service in its own words', async () => {
    const pulled = client.all(ImageService.method.pull, { imageRef: NEXT }, address('w-3'));
    await expect(pulled).rejects.toMatchObject({ code: status.INVALID_ARGUMENT });
    const installed = client.all(
      LifecycleService.method.upgrade,
      { source: { imageName: NEXT } },
      address('w-3'),
    );
    await expect(installed).rejects.toMatchObject({ code: status.INTERNAL });
  });
});

describe('an older Talos', () => {
  let old: Cluster;
  let oldClient: TestClient;
  beforeAll(async () => {
    old = await startCluster({ settings: { ...FAST, talosVersion: 'v1.12.4', workers: 1 } });
    oldClient = connect(old.talosconfig);
  });
  afterAll(async () => {
    oldClient.close();
    await old.stop();
  });

  it('does not know the lifecycle services', async () => {
    const called = oldClient.all(LifecycleService.method.upgrade, {}, old.addresses['w-1']);
    await expect(called).rejects.toMatchObject({
      code: status.UNIMPLEMENTED,
      details: 'unknown service machine.LifecycleService',
    });
  });

  it('acknowledges the one-call upgrade and does the rest by itself', async () => {
    const request = { image: 'ghcr.io/siderolabs/installer:v1.12.9' };
    const { messages } = await oldClient.unary(upgrade, request, old.addresses['cp-2']);
    expect(messages[0]).toMatchObject({ ack: 'Upgrade request received' });
    await eventually(
      () => old.world.machine('cp-2').status(),
      ({ stage, ready }) => stage === 'running' && ready,
    );
    expect(old.world.machine('cp-2').version).toBe('v1.12.9');
  });
});
