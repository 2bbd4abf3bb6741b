// What a cluster's configuration says of the Lease by which bots on different Redis keep out of each other's way.
import { z } from 'zod';
import type { Named } from './cluster/estate/pods.ts';

const name = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, 'expects a name of small letters, digits and dashes');

// kube-system is in every cluster, and the same for two bots that know nothing of each other.
export const lease = z
  .strictObject({
    use: z.enum(['on', 'off']).default('on'),
    namespace: name.default('kube-system'),
    name: name.default('talos-chatops'),
  })
  .prefault({});

/** Null = none is taken. */
export function leaseOf({ use, namespace, name }: z.infer<typeof lease>): Named | null {
  return use === 'off' ? null : { namespace, name };
}
