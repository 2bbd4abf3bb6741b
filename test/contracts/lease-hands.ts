// What the suite about the advisory Lease does to it beside the adapter: on a simulated API, as a person with kubectl would.
import { LEASE } from '../../playground/doubles/advisory-lease.ts';
import type { KubernetesObjects } from '../../playground/world/kubernetes/kubernetes-objects.ts';
import { isJsonObject } from '../../playground/world/kubernetes/patch.ts';
import type { LeaseUnderTest } from './advisory-lease.contract.ts';

export const WHERE = { namespace: 'kube-system', name: 'talos-chatops' } as const;

export function simulatedLeaseHands(objects: KubernetesObjects): LeaseUnderTest['hands'] {
  const { shelf } = objects;
  return {
    spec: async () => {
      const found = shelf.get(LEASE, WHERE.namespace, WHERE.name);
      if (found.kind === 'refused') return null;
      return isJsonObject(found.object['spec']) ? found.object['spec'] : {};
    },
    label: async () => {
      shelf.patch(LEASE, WHERE, { metadata: { labels: { team: 'platform' } } });
    },
    empty: async () => {
      shelf.patch(LEASE, WHERE, { spec: { holderIdentity: '' } });
    },
    remove: async () => {
      shelf.remove(LEASE, WHERE.namespace, WHERE.name);
    },
    apiServerUp: (up) => objects.apiServerUp(up),
  };
}
