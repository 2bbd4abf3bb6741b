// Reads one object of any group as the plain JSON it is.
import { Fault } from '../engine/ports/fault.ts';
import type { KubernetesConnection, PlainAddress } from './connection.ts';
import { isPlain, type Plain } from './estate/plain.ts';

/** Throws Fault; `missing` when the kind is not served or the object is not there. */
export async function readPlain(
  connection: KubernetesConnection,
  { group, version, plural, namespace, name }: PlainAddress,
  doing: string,
): Promise<Plain> {
  const [where, what] = [encodeURIComponent(namespace), encodeURIComponent(name)];
  const path = `/apis/${group}/${version}/namespaces/${where}/${plural}/${what}`;
  const answer = await connection.read(doing, ({ json }) => json(path));
  if (isPlain(answer)) return answer;
  throw new Fault('broken', `Something that is not the Kubernetes API answered when asked ${doing}.`);
}
