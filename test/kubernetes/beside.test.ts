// The adapters for backups and neighbours keep their contracts against a real HTTPS server that speaks the Kubernetes API.
import { openKubernetes } from '../../src/kubernetes/open.ts';
import { describeBackups } from '../contracts/backups.contract.ts';
import { simulatedHands } from '../contracts/beside-hands.ts';
import { describeNeighbours } from '../contracts/neighbours.contract.ts';
import { startSimulated } from './simulated.ts';

async function opened(pageSize: number) {
  const { objects, api, stop } = await startSimulated();
  const source = { kind: 'text', text: api.kubeconfig() } as const;
  const { backups, neighbours, workloads } = openKubernetes({ source, onlyLoopback: true, pageSize });
  return {
    hands: simulatedHands(objects),
    backups,
    neighbours,
    stop: async () => {
      await workloads.close();
      await stop();
    },
  };
}

describeNeighbours('the Kubernetes adapter', () => opened(500));
describeNeighbours('the Kubernetes adapter, in pages of one', () => opened(1));
describeBackups('the Kubernetes adapter', () => opened(500));
