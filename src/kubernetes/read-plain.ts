// Reads one object of any group as the plain JSON it is.
import { Fault } from '../engine/ports/fault.ts';
import type { KubernetesConnection, PlainAddress } from './connection.ts';
import { isPlain, type Plain, pathOf } from './estate/plain.ts';

/** Throws Fault; `missing` when the kind is not served or the object is not there. */
export async function readPlain(
  connection: KubernetesConnection,
  address: PlainAddress,
  doing: string,
): Promise<Plain> {
  const path = `${pathOf(address)}/${encodeURIComponent(address.name)}`;
  const answer = await connection.read(doing, ({ json }) => json(path));
  if (isPlain(answer)) return answer;
  throw new Fault('broken', `Something that is not the Kubernetes API answered when asked ${doing}.`);
}
