// Which calls change something beside the nodes, and what they are about: for whoever counts effects.
import type { PortCall } from '../../playground/doubles/mortal.ts';
import { type Neighbour, neighbourText } from '../../src/cluster/neighbour.ts';
import type { BackupRequest } from '../../src/engine/ports/backups.ts';

const BESIDE: Readonly<Record<string, (subject: unknown) => string>> = {
  suspend: (subject) => neighbourText(subject as Neighbour),
  resume: (subject) => neighbourText(subject as Neighbour),
  create: (subject) => (subject as BackupRequest).name,
  tryTake: () => 'the upgrade mutex',
  put: () => 'a copy of etcd',
  prune: () => 'old copies of etcd',
};

/** What such a call is about; null for every other call. */
export function besideCall({ method, args }: PortCall): string | null {
  return BESIDE[method]?.(args[0]) ?? null;
}
