// The advisory Lease in the simulator under the contract of its port, so that what is proved on it holds for the real one.
import { realClock } from '../../playground/cluster/real-clock.ts';
import { simulatedLeaseDesk } from '../../playground/doubles/advisory-lease.ts';
import { KubernetesObjects } from '../../playground/world/kubernetes/kubernetes-objects.ts';
import { describeAdvisoryLease } from '../contracts/advisory-lease.contract.ts';
import { simulatedLeaseHands, WHERE } from '../contracts/lease-hands.ts';

describeAdvisoryLease('the double', async () => {
  const objects = new KubernetesObjects({ clock: realClock });
  return {
    desk: simulatedLeaseDesk(objects, WHERE),
    where: WHERE,
    hands: simulatedLeaseHands(objects),
    stop: async () => undefined,
  };
});
