// Bots whose machines say or do something else: what several negative controls replace.
import type { Inspection } from '../../../src/cluster/inspection.ts';
import type { ClusterWork } from '../../../src/engine/work.ts';
import { type Replace, withWork } from './replaced-bot.ts';

type Machines = ClusterWork['machines'];

/** Replaces some methods of the machines of every cluster. */
export function withMachines(change: (machines: Machines) => Partial<Machines>): Replace {
  return withWork((work) => ({ ...work, machines: { ...work.machines, ...change(work.machines) } }));
}

type View = Awaited<ReturnType<Machines['look']>>;

/** Every machine is seen with some things as they are not. */
export function seenAs(lie: Partial<View>): Replace {
  return withMachines((machines) => ({
    look: async (address, options) => ({ ...(await machines.look(address, options)), ...lie }),
  }));
}

/** Every inspection tells this lie. */
export function inspectedAs(lie: Partial<Inspection>): Replace {
  return withMachines((machines) => ({
    inspect: async (address, options) => ({ ...(await machines.inspect(address, options)), ...lie }),
  }));
}
