// The real adapter against the simulated cluster: what the contract of `Machines` needs besides the port.
import { expect, vi } from 'vitest';
import { type Cluster, startCluster } from '../../playground/cluster/cluster.ts';
import type { TalosRole } from '../../playground/cluster/role.ts';
import type { RawParams } from '../../playground/world/fault.ts';
import type { WorldSettings } from '../../playground/world/settings.ts';
import type { Machines } from '../../src/engine/ports/machines.ts';
import { talosMachines } from '../../src/talos/machines.ts';
import { readTalosconfig } from '../../src/talos/talosconfig.ts';

export interface MachinesUnderTest {
  readonly machines: Machines;
  /** The address of a node by its name: cp-1 to cp-3, w-1 to w-3. */
  addressOf(node: string): string;
  /** Something goes wrong in the cluster behind it (playground/world/faults.ts). */
  inject(fault: string, params: RawParams): void;
  /** How often the machine did something. */
  count(node: string, what: 'installs' | 'reboots' | 'rollbacks'): number;
  /** Resolves when somebody listens to the machine: what it said before that, nobody is told. */
  listenedTo(node: string): Promise<void>;
  close(): Promise<void>;
}

export interface MachinesOptions {
  readonly settings?: Partial<WorldSettings>;
  readonly roles?: readonly TalosRole[];
}

const patience = { timeout: 15_000, interval: 10 };

export type OpenMachines = (options?: MachinesOptions) => Promise<MachinesUnderTest>;

/** The adapter with its own gRPC connections, over mutual TLS on loopback. */
export const openTalos: OpenMachines = async (options = {}) => {
  const { settings = {}, roles = ['os:admin'] } = options;
  const heard = new Set<string>();
  const onCall = ({ node, method }: { readonly node: string; readonly method: string }): void => {
    if (method === 'Events') heard.add(node);
  };
  const cluster = await startCluster({ settings, onCall });
  const machines = await adapterFor(cluster, roles);
  return {
    machines,
    addressOf: (node) => {
      const address = cluster.addresses[node];
      if (address === undefined) throw new Error(`the cluster has no ${node}`);
      return address;
    },
    inject: (fault, params) => void cluster.world.inject(fault, params),
    count: (node, what) => cluster.world.counters.of(node)[what],
    listenedTo: (node) => vi.waitFor(() => expect([...heard]).toContain(node), patience),
    close: async () => {
      await machines.close();
      await cluster.stop();
    },
  };
};

async function adapterFor(cluster: Cluster, roles: readonly TalosRole[]): Promise<Machines> {
  const reading = readTalosconfig(await cluster.talosconfigFor(roles), { nowMs: Date.now() });
  if (reading.kind === 'mistaken') throw new Error(reading.sentences.join(' '));
  const { endpoints, identity } = reading.context;
  const direct = (address: string): { host: string; port: number } => ({ host: address, port: cluster.port });
  return talosMachines({ endpoints, identity, direct, onlyLoopback: true });
}
