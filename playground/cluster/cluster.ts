/** A simulated Talos cluster with its real faces: gRPC over mutual TLS per machine, and the Kubernetes API. */
import { randomInt } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { ClusterService } from '../../src/talos/gen/cluster/cluster_pb.ts';
import { State } from '../../src/talos/gen/cosi/state_pb.ts';
import { ImageService } from '../../src/talos/gen/machine/image_pb.ts';
import { LifecycleService } from '../../src/talos/gen/machine/lifecycle_pb.ts';
import { MachineService } from '../../src/talos/gen/machine/machine_pb.ts';
import type { WorldClock } from '../world/clock.ts';
import { workloadsOf } from '../world/kubernetes/default-workloads.ts';
import { KubernetesObjects } from '../world/kubernetes/kubernetes-objects.ts';
import { type WorldSettings, worldSettings } from '../world/settings.ts';
import { World } from '../world/world.ts';
import { Apid, type OnCall } from './apid.ts';
import { cosiActs } from './cosi-acts.ts';
import { etcdActs } from './etcd-acts.ts';
import { eventActs } from './event-acts.ts';
import { freePort } from './free-port.ts';
import { healthActs } from './health-acts.ts';
import { imageActs, lifecycleActs } from './image-acts.ts';
import { type KubeApi, startKubeApi } from './kube-api.ts';
import { legacyImageActs } from './legacy-image-acts.ts';
import { logActs } from './log-acts.ts';
import { machineActs } from './machine-acts.ts';
import { realClock } from './real-clock.ts';
import type { TalosRole } from './role.ts';
import { isTalosAct } from './talos-asks.ts';
import { createTalosPki, type TalosPki } from './talos-pki.ts';

export interface ClusterOptions {
  readonly settings?: Partial<WorldSettings>;
  readonly clock?: WorldClock;
  /** A folder to write `talosconfig` and `kubeconfig` into; made when absent. */
  readonly out?: string;
  /** Hears, counts and delays the calls of all machines. */
  readonly onCall?: OnCall;
}

export interface TalosconfigWish {
  readonly endpoints?: readonly string[];
  /** Milliseconds until its certificate expires. */
  readonly lifetimeMs?: number | undefined;
}

export interface Cluster {
  readonly world: World;
  readonly objects: KubernetesObjects;
  readonly kubeApi: KubeApi;
  /** YAML texts of an administrator. */
  readonly talosconfig: string;
  readonly kubeconfig: string;
  /** Where they were written, when `out` was given. */
  readonly files: { readonly talosconfig: string; readonly kubeconfig: string } | null;
  readonly addresses: Readonly<Record<string, string>>;
  /** Every call so far that may change something, of machines (`Reboot w-1`) and of Kubernetes (`PATCH /api/v1/nodes/w-1`). */
  readonly acts: () => readonly string[];
  /** The port of every machine's apid. */
  readonly port: number;
  /** A talosconfig with a fresh certificate of these roles, and another lifetime or other endpoints if given. */
  talosconfigFor(roles: readonly TalosRole[], wish?: TalosconfigWish): Promise<string>;
  stop(): Promise<void>;
}

/** Other processes may take the port between the look and the use; more than this is no accident. */
const START_TRIES = 10;

/** Starts a simulated cluster on loopback addresses and a port of its own. Rejects when none can be had. */
export async function startCluster(options: ClusterOptions = {}): Promise<Cluster> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await start(options);
    } catch (error) {
      const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
      if (!taken || tries === START_TRIES) throw error;
    }
  }
}

async function start(options: ClusterOptions): Promise<Cluster> {
  const clock = options.clock ?? realClock;
  // Each run has its own /16 of the loopback network, so that two runs never meet.
  const addressPrefix = options.settings?.addressPrefix ?? `127.${randomInt(40, 250)}.${randomInt(0, 256)}`;
  const host = `${addressPrefix}.1`;
  const port = options.settings?.apidPort ?? (await freePort(host));
  const drawn = worldSettings({ ...options.settings, addressPrefix, apidPort: port });
  const objects = new KubernetesObjects({
    clock,
    timings: { terminationMs: drawn.drainMs },
    controlPlaneSchedulable: drawn.workers === 0,
    workloads: workloadsOf(drawn.kubernetesVersion),
  });
  const kubeApi = await startKubeApi({ objects, host });
  const pki = await createTalosPki();
  const settings = { ...drawn, clusterEndpoint: kubeApi.url };
  const world = new World({ settings, clock, kubernetes: objects });
  const apids: Apid[] = [];
  const talosActs: string[] = [];
  const onCall: OnCall = async (call) => {
    if (isTalosAct(call.method)) talosActs.push(`${call.method} ${call.node}`);
    await options.onCall?.(call);
  };
  const stop = async (): Promise<void> => {
    for (const apid of apids) apid.stop();
    await kubeApi.stop();
  };
  try {
    for (const machine of world.machines()) {
      const keys = await pki.machine(machine.node.address, machine.node.name);
      const kubeconfig = (): string => kubeApi.kubeconfig();
      const strangeKeys = await pki.stranger(machine.node.address);
      const apid = new Apid({
        world,
        machine,
        port,
        caPem: pki.caPem,
        keys,
        strangeKeys,
        kubeconfig,
        onCall,
      });
      serveAll(apid);
      apids.push(apid);
      await apid.start();
    }
    const acts = () => [...talosActs, ...kubeApi.acts];
    return await described({ world, objects, kubeApi, pki, port, acts, stop, out: options.out });
  } catch (error) {
    await stop();
    throw error;
  }
}

function serveAll(apid: Apid): void {
  apid.serve(MachineService, {
    ...machineActs,
    ...etcdActs,
    ...eventActs,
    ...logActs,
    ...legacyImageActs,
  });
  apid.serve(ImageService, imageActs);
  apid.serve(LifecycleService, lifecycleActs);
  apid.serve(ClusterService, healthActs);
  apid.serve(State, cosiActs);
}

interface Started {
  readonly world: World;
  readonly objects: KubernetesObjects;
  readonly kubeApi: KubeApi;
  readonly pki: TalosPki;
  readonly port: number;
  readonly acts: () => readonly string[];
  readonly out: string | undefined;
  readonly stop: () => Promise<void>;
}

async function described({ world, objects, kubeApi, pki, port, acts, stop, out }: Started): Promise<Cluster> {
  const controlPlane = world.nodes.filter((node) => node.role === 'control-plane');
  const usual = controlPlane.map((node) => `${node.address}:${port}`);
  const talosconfigFor = async (
    roles: readonly TalosRole[],
    { endpoints = usual, lifetimeMs }: TalosconfigWish = {},
  ): Promise<string> => {
    const { certificatePem, keyPem } = await pki.client(roles, lifetimeMs);
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const { clusterName } = world.settings;
    return stringify({
      context: clusterName,
      contexts: {
        [clusterName]: {
          endpoints: [...endpoints],
          ca: base64(pki.caPem),
          crt: base64(certificatePem),
          // The label real Talos writes, which OpenSSL does not know (facts/talos-api.md 1.1).
          key: base64(keyPem.replaceAll('PRIVATE KEY', 'ED25519 PRIVATE KEY')),
        },
      },
    });
  };
  const talosconfig = await talosconfigFor(['os:admin']);
  const kubeconfig = kubeApi.kubeconfig();
  return {
    world,
    objects,
    kubeApi,
    talosconfig,
    kubeconfig,
    files: out === undefined ? null : await written(out, { talosconfig, kubeconfig }),
    addresses: Object.fromEntries(world.nodes.map((node) => [node.name, node.address])),
    port,
    acts,
    talosconfigFor,
    stop,
  };
}

async function written(
  folder: string,
  texts: { talosconfig: string; kubeconfig: string },
): Promise<{ talosconfig: string; kubeconfig: string }> {
  await mkdir(folder, { recursive: true });
  const files = { talosconfig: join(folder, 'talosconfig'), kubeconfig: join(folder, 'kubeconfig') };
  // Both hold a key.
  await writeFile(files.talosconfig, texts.talosconfig, { mode: 0o600 });
  await writeFile(files.kubeconfig, texts.kubeconfig, { mode: 0o600 });
  return files;
}
