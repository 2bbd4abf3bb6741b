// The boot a machine is in, where it must be known: without it no restart can be proved, and none may be asked for.
import type { MachineView } from '../../cluster/snapshot.ts';
import { Fault } from '../ports/fault.ts';

/** Throws Fault `refused` for a machine that tells our role no boot id (talos-api.md 1.5): two unknown boots would look like one. */
export function requireBootId({ bootId }: MachineView, node: string): string {
  if (bootId !== '') return bootId;
  throw new Fault(
    'refused',
    `${node} does not tell our Talos role which boot it is in, so nobody could say whether it restarted: the bot needs os:admin`,
    { code: 'NO_BOOT_ID' },
  );
}
