import { fromBinary } from '@bufbuild/protobuf';
import { status } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Cluster, startCluster } from '../../../playground/cluster/cluster.ts';
import { EventType, State } from '../../../src/talos/gen/cosi/state_pb.ts';
import { MachineConfigSpecSchema } from '../../../src/talos/gen/resource/config/config_pb.ts';
import { RuntimeMachineStage } from '../../../src/talos/gen/resource/definitions/enums/enums_pb.ts';
import { MachineStatusSpecSchema } from '../../../src/talos/gen/resource/definitions/runtime/runtime_pb.ts';
import { configIn } from '../../../src/talos/machine-config.ts';
import { connect, eventually, type TestClient } from './a-client.ts';

const { get, list, watch } = State.method;
const STATUS = { namespace: 'runtime', type: 'MachineStatuses.runtime.talos.dev', id: 'machine' };

let cluster: Cluster;
let client: TestClient;

beforeAll(async () => {
  cluster = await startCluster({ settings: { rebootMs: 250, jitter: 0 } });
  client = connect(cluster.talosconfig);
});

afterAll(async () => {
  client.close();
  await cluster.stop();
});

describe('a resource', () => {
  it('carries both encodings of the same content', async () => {
    const { resource } = await client.unary(get, STATUS, cluster.addresses['cp-2']);
    expect(parse(resource?.spec?.yamlSpec ?? '')).toEqual({
      stage: 'running',
      status: { ready: true, unmetConditions: [] },
    });
    const spec = fromBinary(MachineStatusSpecSchema, resource?.spec?.protoSpec ?? new Uint8Array());
    expect([spec.stage, spec.status?.ready]).toEqual([RuntimeMachineStage.MACHINE_STAGE_RUNNING, true]);
    expect(resource?.metadata).toMatchObject({ id: 'machine', version: '1', phase: 'running' });
  });

  it('holds the machine config, in YAML as a string from 1.12 on', async () => {
    const asked = { namespace: 'config', type: 'MachineConfigs.config.talos.dev', id: 'v1alpha1' };
    const { resource } = await client.unary(get, asked);
    const text = Buffer.from(
      fromBinary(MachineConfigSpecSchema, resource?.spec?.protoSpec ?? new Uint8Array()).yamlMarshalled,
    ).toString();
    expect(parse(text)).toMatchObject({ machine: { type: 'controlplane' } });
    expect(parse(resource?.spec?.yamlSpec ?? '')).toBe(text);
  });

  it('holds the machine config as documents where the cluster was made with 1.14, and the bot reads the same of it', async () => {
    const young = await startCluster({
      settings: { talosVersion: 'v1.14.1', kubernetesVersion: 'v1.36.1', controlPlanes: 1, workers: 1 },
    });
    const its = connect(young.talosconfig);
    const told = async (node: string) => {
      const asked = { namespace: 'config', type: 'MachineConfigs.config.talos.dev', id: 'v1alpha1' };
      const { resource } = await its.unary(get, asked, young.addresses[node]);
      // As Go writes it: not folded, whatever it holds.
      expect(resource?.spec?.yamlSpec).toMatch(/^\|/);
      return configIn(
        fromBinary(MachineConfigSpecSchema, resource?.spec?.protoSpec ?? new Uint8Array()).yamlMarshalled,
      );
    };
    const [own, other] = [await told('cp-1'), await told('w-1')];
    expect(own.endpoint).toBe(young.kubeApi.url);
    expect(own.installImage).toMatch(/^factory\.talos\.dev\/metal-installer\/[0-9a-f]{64}:v1\.14\.1$/);
    expect(own.images.map(({ component }) => component)).toEqual([
      'kubelet',
      'kube-apiserver',
      'kube-controller-manager',
      'kube-scheduler',
    ]);
    expect(other.images).toEqual([{ component: 'kubelet', image: 'ghcr.io/siderolabs/kubelet:v1.36.1' }]);
    its.close();
    await young.stop();
  });

  const refusals: [string, Partial<typeof STATUS>, string, number, string][] = [
    ['that does not exist', { id: 'other' }, 'os:admin', status.NOT_FOUND, "doesn't exist"],
    [
      'of an unknown type',
      { type: 'Nothings.runtime.talos.dev' },
      'os:admin',
      status.PERMISSION_DENIED,
      'resource type "Nothings.runtime.talos.dev" is not supported',
    ],
    [
      'of a later Talos',
      { type: 'BootIDs.runtime.talos.dev', id: 'boot-id' },
      'os:admin',
      status.PERMISSION_DENIED,
      'is not supported',
    ],
    [
      'in another namespace',
      { namespace: 'k8s' },
      'os:admin',
      status.PERMISSION_DENIED,
      'namespace "k8s" is not supported',
    ],
    [
      'that is sensitive',
      { namespace: 'config', type: 'MachineConfigs.config.talos.dev', id: 'v1alpha1' },
      'os:reader',
      status.PERMISSION_DENIED,
      'not authorized',
    ],
  ];
  it.each(refusals)('%s is refused', async (_name, change, role, code, text) => {
    const other = connect(await cluster.talosconfigFor([role as 'os:admin']));
    const asked = other.unary(get, { ...STATUS, ...change });
    await expect(asked).rejects.toMatchObject({ code, details: expect.stringContaining(text) });
    other.close();
  });
});

describe('a list', () => {
  it('names all members and their versions on every machine', async () => {
    const asked = { namespace: 'cluster', type: 'Members.cluster.talos.dev' };
    const members = await client.all(list, asked, cluster.addresses['cp-3']);
    expect(members.map((one) => one.resource?.metadata?.id)).toEqual([
      'cp-1',
      'cp-2',
      'cp-3',
      'w-1',
      'w-2',
      'w-3',
    ]);
    expect(parse(members[3]?.resource?.spec?.yamlSpec ?? '')).toMatchObject({
      operatingSystem: 'Talos (v1.13.4)',
    });
  });

  it('of definitions tells talosctl which name means which type', async () => {
    const asked = { namespace: 'meta', type: 'ResourceDefinitions.meta.cosi.dev' };
    const definitions = await client.all(list, asked);
    const own = definitions.find((one) => one.resource?.metadata?.id === 'machinestatuses.runtime.talos.dev');
    expect(parse(own?.resource?.spec?.yamlSpec ?? '')).toMatchObject({
      type: 'MachineStatuses.runtime.talos.dev',
      displayType: 'MachineStatus',
      defaultNamespace: 'runtime',
      aliases: ['machinestatus', 'ms'],
      allAliases: [
        'machinestatuses',
        'machinestatuses.runtime',
        'machinestatuses.runtime.talos',
        'machinestatus',
        'ms',
      ],
    });
    const extensions = definitions.find(
      (one) => one.resource?.metadata?.id === 'extensionstatuses.runtime.talos.dev',
    );
    expect(parse(extensions?.resource?.spec?.yamlSpec ?? '')).toMatchObject({
      aliases: ['extensions', 'extensionstatus', 'es'],
    });
    const proto = Buffer.from(own?.resource?.spec?.protoSpec ?? new Uint8Array()).toString('latin1');
    expect(proto).toContain('MachineStatuses.runtime.talos.dev');
  });
});

describe('a watch', () => {
  it('begins empty, then tells what is and what becomes', async () => {
    const seen: [EventType, string][] = [];
    const node = cluster.addresses['w-1'];
    const watching = (async () => {
      for await (const reply of client.stream(watch, STATUS, node)) {
        if (reply.event.length === 0) seen.push([EventType.NOOP, 'empty']);
        for (const { eventType, resource } of reply.event) {
          seen.push([eventType, parse(resource?.spec?.yamlSpec ?? '').stage]);
        }
      }
    })();
    const lost = expect(watching).rejects.toMatchObject({ code: status.UNAVAILABLE });
    await eventually(
      () => seen.length,
      (length) => length >= 2,
    );
    cluster.world.machine('w-1').reboot();
    await lost;
    expect(seen).toEqual([
      [EventType.NOOP, 'empty'],
      [EventType.CREATED, 'running'],
      [EventType.UPDATED, 'rebooting'],
    ]);
  });

  it('of a resource that does not exist begins with a tombstone', async () => {
    const asked = { namespace: 'runtime', type: 'MetaKeys.runtime.talos.dev', id: '0x06' };
    for await (const reply of client.stream(watch, asked, cluster.addresses['w-2'])) {
      if (reply.event.length === 0) continue;
      expect(reply.event.map((one) => one.eventType)).toEqual([EventType.DESTROYED]);
      break;
    }
  });
});
