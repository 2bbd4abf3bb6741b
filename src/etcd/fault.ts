import { Fault } from '../engine/ports/fault.ts';
export function etcdFault(error: unknown, node: string): Fault {
  const e = error as Error;
  console.error(node, '|', e.constructor.name, '|', e.message);
  return new Fault('broken', e.message);
}
