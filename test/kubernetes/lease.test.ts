// The advisory Lease keeps its contract against a real HTTPS server that speaks the Kubernetes API.
import { KubernetesConnection } from '../../src/kubernetes/connection.ts';
import { leaseDesk } from '../../src/kubernetes/lease-desk.ts';
import { describeAdvisoryLease } from '../contracts/advisory-lease.contract.ts';
import { simulatedLeaseHands, WHERE } from '../contracts/lease-hands.ts';
import { startSimulated } from './simulated.ts';

describeAdvisoryLease('the Kubernetes adapter', async () => {
  const { objects, api, stop } = await startSimulated();
  const source = { kind: 'text', text: api.kubeconfig() } as const;
  const connection = new KubernetesConnection({ source, onlyLoopback: true, timeoutMs: 10_000 });
  return {
    desk: leaseDesk(connection, WHERE),
    where: WHERE,
    hands: simulatedLeaseHands(objects),
    stop: async () => {
      await connection.close();
      await stop();
    },
  };
});
