// Where the advisory Lease lies in the simulator, without HTTP: held to the real one by test/contracts.
import type { Named } from '../../src/cluster/estate/pods.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { LeaseDesk } from '../../src/kubernetes/lease-desk.ts';
import type { KubernetesObjects } from '../world/kubernetes/kubernetes-objects.ts';
import type { ShelvedKind } from '../world/kubernetes/shelf.ts';
import { asJson, mustBeUp } from './shelved.ts';

export const LEASE: ShelvedKind = {
  group: 'coordination.k8s.io',
  version: 'v1',
  plural: 'leases',
  kind: 'Lease',
  namespaced: true,
};

/** Every write has its whole effect before its promise is returned: whoever crashes then crashes after it. */
export function simulatedLeaseDesk(objects: KubernetesObjects, where: Named): LeaseDesk {
  const { shelf } = objects;
  const lease = `the Lease ${where.namespace}/${where.name}`;
  const served = (): boolean => shelf.kindOf(LEASE.group, LEASE.version, LEASE.plural) !== null;
  return {
    read: async () => {
      mustBeUp(objects, `for ${lease}`);
      if (!served()) return null;
      const found = shelf.get(LEASE, where.namespace, where.name);
      return found.kind === 'refused' ? null : found.object;
    },
    create: async (object) => {
      mustBeUp(objects, `to create ${lease}`);
      if (!served())
        throw new Fault('missing', `Kubernetes refused to create ${lease}: 404 page not found.`, {
          code: '404',
        });
      const created = shelf.create(LEASE, asJson(object));
      return created.kind === 'refused' ? null : created.object;
    },
    replace: async (object) => {
      mustBeUp(objects, `to update ${lease}`);
      const replaced = shelf.replace(LEASE, where, asJson(object));
      return replaced.kind === 'refused' ? null : replaced.object;
    },
  };
}
