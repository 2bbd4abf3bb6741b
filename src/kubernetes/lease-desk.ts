// Where one Lease lies: read, created and replaced under the version that was read.
import type { Named } from '../cluster/estate/pods.ts';
import { Fault } from '../engine/ports/fault.ts';
import type { KubernetesConnection } from './connection.ts';
import { isPlain, type Plain } from './estate/plain.ts';
import { nullWhenMissing } from './fault.ts';
import { LEASES } from './lease-object.ts';
import { readPlain } from './read-plain.ts';

/** Everything throws Fault. */
export interface LeaseDesk {
  /** Null when there is none. */
  read(): Promise<Plain | null>;
  /** As it stands afterwards; null when somebody was quicker. */
  create(lease: Plain): Promise<Plain | null>;
  /** As it stands afterwards; null when it is another version by now, or no more. */
  replace(lease: Plain): Promise<Plain | null>;
}

export function leaseDesk(connection: KubernetesConnection, { namespace, name }: Named): LeaseDesk {
  const address = { ...LEASES, namespace, name };
  const lease = `the Lease ${namespace}/${name}`;
  const lostRace = (error: unknown): null => {
    if (error instanceof Fault && error.code === '409') return null;
    throw error;
  };
  return {
    read: () => readPlain(connection, address, `for ${lease}`).catch(nullWhenMissing),
    create: (object) =>
      connection
        .write(`to create ${lease}`, async ({ createPlain }) => plain(await createPlain(address, object)))
        .catch(lostRace),
    replace: (object) =>
      connection
        .write(`to update ${lease}`, async ({ replacePlain }) => plain(await replacePlain(address, object)))
        .catch(lostRace)
        .catch(nullWhenMissing),
  };
}

function plain(answer: unknown): Plain {
  if (isPlain(answer)) return answer;
  throw new Fault('broken', 'Something that is not the Kubernetes API answered when asked for a Lease.');
}
