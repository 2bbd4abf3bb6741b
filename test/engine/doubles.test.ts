// The doubles of the outside world under the contracts of their ports, so that what is proved on them holds for the real ones.
import { describe } from 'vitest';
import { realClock } from '../../playground/cluster/real-clock.ts';
import { simulatedMachines } from '../../playground/doubles/machines.ts';
import { simulatedWorkloads } from '../../playground/doubles/workloads.ts';
import type { WorldClock } from '../../playground/world/clock.ts';
import { KubernetesObjects } from '../../playground/world/kubernetes/kubernetes-objects.ts';
import { worldSettings } from '../../playground/world/settings.ts';
import { World } from '../../playground/world/world.ts';
import { machinesContract } from '../contracts/machines.contract.ts';
import type { OpenMachines } from '../contracts/machines-under-test.ts';
import { describeWorkloads, type WorkloadsUnderTest } from '../contracts/workloads.contract.ts';

const openDouble: OpenMachines = async ({ settings = {}, roles = ['os:admin'] } = {}) => {
  const kubernetes = new KubernetesObjects({ clock: realClock });
  const world = new World({ settings: worldSettings(settings), clock: realClock, kubernetes });
  const machines = simulatedMachines(world, { rights: roles.includes('os:admin') ? 'admin' : 'reader' });
  return {
    machines,
    addressOf: (node) => world.machine(node).node.address,
    inject: (fault, params) => void world.inject(fault, params),
    count: (node, what) => world.counters.of(node)[what],
    // It listens before it gives its promise.
    listenedTo: async () => undefined,
    close: () => machines.close(),
  };
};

async function openWorkloads(): Promise<WorkloadsUnderTest> {
  const timers = new Set<() => void>();
  const clock: WorldClock = {
    now: () => realClock.now(),
    after: (ms, run) => {
      const cancel = realClock.after(ms, run);
      timers.add(cancel);
      return cancel;
    },
  };
  const objects = new KubernetesObjects({ clock, timings: { terminationMs: 20, podReadyMs: 5 } });
  for (const [index, name] of ['cp-1', 'cp-2', 'cp-3', 'w-1', 'w-2', 'w-3'].entries()) {
    const role = name.startsWith('cp') ? 'control-plane' : 'worker';
    const versions = { talosVersion: 'v1.13.4', kubernetesVersion: 'v1.35.4', schematic: 'none' };
    objects.addNode({ name, role, address: `127.40.0.${index + 1}`, ...versions });
  }
  const stop = async (): Promise<void> => {
    for (const cancel of timers) cancel();
  };
  return { workloads: simulatedWorkloads(objects), objects, stop };
}

describe('machines in this process', { timeout: 40_000 }, () => machinesContract(openDouble));
describeWorkloads('in this process', openWorkloads);
