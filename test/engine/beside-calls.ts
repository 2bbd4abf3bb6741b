// Which calls change something beside the nodes, and what they are about: for whoever counts effects.
import type { PortCall } from '../../playground/doubles/mortal.ts';
import { isJsonObject } from '../../playground/world/kubernetes/patch.ts';
import { type Neighbour, neighbourText } from '../../src/cluster/neighbour.ts';
import type { BackupRequest } from '../../src/engine/ports/backups.ts';

const BESIDE: Readonly<Record<string, (subject: unknown) => string>> = {
  suspend: (subject) => neighbourText(subject as Neighbour),
  resume: (subject) => neighbourText(subject as Neighbour),
  create: (subject) => leaseWrite(subject) ?? (subject as BackupRequest).name,
  replace: (subject) => leaseWrite(subject) ?? 'something',
  tryTake: () => 'the upgrade mutex',
  release: () => 'the upgrade mutex',
  put: () => 'a copy of etcd',
  prune: () => 'old copies of etcd',
};
/** What is in a hand may be kept and given back by whoever has it, although another process drives by now. */
const KEPT = /^(?:release|replace the Lease \((?:renewed|given back)\))/;

/** What such a call does, as `release the upgrade mutex`; null for every other call. */
export function besideCall({ method, args }: PortCall): string | null {
  const about = BESIDE[method]?.(args[0]);
  return about === undefined ? null : `${method} ${about}`;
}

/** Whether only the process that drives may make it. */
export function isDriversOwn(call: string): boolean {
  return !KEPT.test(call);
}

/** A write of the advisory Lease says by its own times whether it takes, renews or gives back; null for everything else. */
function leaseWrite(object: unknown): string | null {
  if (!isJsonObject(object) || object['kind'] !== 'Lease' || !isJsonObject(object['spec'])) return null;
  const { holderIdentity, acquireTime, renewTime } = object['spec'];
  const what = holderIdentity === '' ? 'given back' : acquireTime === renewTime ? 'taken' : 'renewed';
  return `the Lease (${what})`;
}
