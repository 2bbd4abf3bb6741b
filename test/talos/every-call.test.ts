// What every call to a machine carries, whatever it asks: one machine's name, a time after which it is over, and where images lie.
import type { Metadata } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import type { Machines } from '../../src/engine/ports/machines.ts';
import { State } from '../../src/talos/gen/cosi/state_pb.ts';
import { ImageService } from '../../src/talos/gen/machine/image_pb.ts';
import { LifecycleService } from '../../src/talos/gen/machine/lifecycle_pb.ts';
import { MachineService } from '../../src/talos/gen/machine/machine_pb.ts';
import type { Service } from '../../src/talos/grpc.ts';
import { type Behaviour, machinesAt, running } from './machine.ts';

const NODE = '10.0.0.3';
/** Milliseconds no call may take: the longest one follows a departing machine, which has two hours. */
const LONGEST_MS = 2 * 60 * 60_000 + 60_000;
const LEGACY_UPGRADE_MS = 25 * 60_000;

interface Call {
  readonly metadata: Metadata;
  readonly request: unknown;
  getDeadline(): Date | number;
  write?(message: object): void;
  end?(): void;
}

interface Heard {
  readonly method: string;
  readonly node: readonly unknown[];
  readonly nodes: readonly unknown[];
  readonly withinMs: number;
  readonly request: unknown;
}

/** Handlers for all methods of a service: each notes what came, and answers with nothing in it. */
function noting(service: Service, heard: Heard[]): object {
  const handlers = Object.values(service.method).map((method) => [
    method.localName,
    (call: Call, callback?: (error: null, reply: object) => void) => {
      const { metadata, request } = call;
      const withinMs = Number(call.getDeadline()) - Date.now();
      const [node, nodes] = [metadata.get('node'), metadata.get('nodes')];
      heard.push({ method: method.name, node, nodes, withinMs, request });
      if (callback !== undefined) callback(null, { messages: [{}] });
      else call.end?.();
    },
  ]);
  return Object.fromEntries(handlers) as object;
}

type Ask = (machines: Machines) => Promise<unknown>;

const unheard = (): void => undefined;
const signal = new AbortController().signal;

/** Every question and every act there is; the compiler asks for those to come. */
const ASKS = {
  members: (machines) => machines.members(),
  look: (machines) => machines.look(NODE),
  inspect: (machines) => machines.inspect(NODE),
  etcd: (machines) => machines.etcd(NODE),
  etcdCredentials: (machines) => machines.etcdCredentials(NODE),
  etcdSnapshot: (machines) => machines.etcdSnapshot(NODE, signal)[Symbol.asyncIterator]().next(),
  kubeconfig: (machines) => machines.kubeconfig(),
  pull: (machines) => machines.pull(NODE, 'installer:v1', { onProgress: unheard, signal }),
  install: (machines) => machines.install(NODE, 'installer:v1', unheard),
  installOutcome: (machines) => machines.installOutcome(NODE, 0),
  upgradeLegacy: (machines) => machines.upgradeLegacy(NODE, { image: 'installer:v1', preserve: false }),
  reboot: (machines) => machines.reboot(NODE),
  rollback: (machines) => machines.rollback(NODE),
  rollbackArrived: (machines) => machines.rollbackArrived(NODE, 0),
  forfeitLeadership: (machines) => machines.forfeitLeadership(NODE),
  watch: (machines) => machines.watch(NODE, unheard, signal),
  tail: (machines) => machines.tail(NODE, { lines: 10 }),
} satisfies Record<Exclude<keyof Machines, 'close'>, Ask>;

/** Answered by any machine of the cluster alike, so they name none. */
const OF_ANY_MACHINE: readonly string[] = ['members', 'kubeconfig'];

async function heardOf(ask: Ask): Promise<readonly Heard[]> {
  const heard: Heard[] = [];
  const machine = await running({
    machine: noting(MachineService, heard),
    lifecycle: noting(LifecycleService, heard),
    image: noting(ImageService, heard),
    state: noting(State, heard),
  } satisfies Behaviour);
  // An empty answer is no good one; what counts is how it was asked for.
  await ask(machinesAt([machine.port])).catch(() => undefined);
  expect(heard.length).toBeGreaterThan(0);
  return heard;
}

describe('every call', () => {
  it.each(Object.entries<Ask>(ASKS))(
    'of %s names one machine by `node`, and never several',
    async (name, ask) => {
      for (const call of await heardOf(ask)) {
        const one = OF_ANY_MACHINE.includes(name) ? [] : [NODE];
        expect(call).toMatchObject({ node: one, nodes: [] });
      }
    },
  );

  it.each(Object.entries<Ask>(ASKS))('of %s has an end', async (_name, ask) => {
    for (const { method, withinMs } of await heardOf(ask)) {
      expect(withinMs, method).toBeGreaterThan(0);
      expect(withinMs, method).toBeLessThanOrEqual(LONGEST_MS);
    }
  });

  it('of the legacy upgrade is over after 25 minutes, however long etcd keeps the machine waiting', async () => {
    const heard = await heardOf(ASKS.upgradeLegacy);
    const upgrade = heard.find(({ method }) => method === 'Upgrade');
    expect(upgrade?.withinMs).toBeLessThanOrEqual(LEGACY_UPGRADE_MS);
  });

  it.each(['pull', 'install', 'installOutcome'] as const)(
    'of %s says in which store the image is',
    async (name) => {
      const stores = (await heardOf(ASKS[name])).filter(({ method }) => ['Pull', 'Upgrade'].includes(method));
      expect(stores.length).toBeGreaterThan(0);
      for (const { request } of stores) {
        expect(request).toMatchObject({ containerd: { driver: 1, namespace: 1 } });
      }
    },
  );
});
