// A machine looked at directly after it left: itself, or whatever answers in its place.
import type { MachineView } from '../../cluster/snapshot.ts';
import { Fault, FOREIGN_SERVER, UNTRUSTED_SERVER } from '../ports/fault.ts';
import type { StepContext } from './doer.ts';

const STRANGE: readonly string[] = [UNTRUSTED_SERVER, FOREIGN_SERVER];

/** `stranger`: its certificate is not of this cluster, as in maintenance mode (talos-api.md 1.6). Throws every other Fault. */
export async function seen({ machines, node, signal }: StepContext): Promise<MachineView | 'stranger'> {
  try {
    return await machines.look(node.address, { route: 'direct', signal });
  } catch (error) {
    if (error instanceof Fault && STRANGE.includes(error.code)) return 'stranger';
    throw error;
  }
}
