// A machine whose version says that it has the lifecycle API and whose answer says that it has not: told once, and sent nothing again.
import type { PlannedNode } from '../../rollout/plan.ts';
import { Fault } from '../ports/fault.ts';

/** The code of a call that the server does not know; a missing image has the same kind and another code. */
const UNKNOWN_CALL = 'UNIMPLEMENTED';

/** The fault a person should hear of: `refused`, so that nobody asks again and again for what is not there; others as they are. */
export function generationFault(fault: Fault, node: PlannedNode): Fault {
  if (fault.kind !== 'missing' || fault.code !== UNKNOWN_CALL) return fault;
  return new Fault(
    'refused',
    `${node.name} said that it runs ${node.from}, which has the lifecycle API, but answers that it has not: nothing was installed. Look at what runs there, then ask for a new plan. (${fault.message})`,
    { code: UNKNOWN_CALL, cause: fault },
  );
}

/** Awaits a call of the lifecycle API; rejects as `generationFault` says. */
export async function ofThisGeneration<T>(node: PlannedNode, called: Promise<T>): Promise<T> {
  try {
    return await called;
  } catch (error) {
    throw error instanceof Fault ? generationFault(error, node) : error;
  }
}
