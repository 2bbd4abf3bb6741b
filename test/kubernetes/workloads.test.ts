// The adapter keeps the port's contract against a real HTTPS server that speaks the Kubernetes API.
import { kubernetesWorkloads } from '../../src/kubernetes/workloads.ts';
import { describeWorkloads } from '../contracts/workloads.contract.ts';
import { startSimulated } from './simulated.ts';

describeWorkloads('the Kubernetes adapter with a client certificate', async () => {
  const { objects, api, stop } = await startSimulated();
  const source = { kind: 'text', text: api.kubeconfig() } as const;
  return { objects, stop, workloads: kubernetesWorkloads({ source, onlyLoopback: true }) };
});

describeWorkloads('the Kubernetes adapter with a token, in pages of two', async () => {
  const { objects, api, stop } = await startSimulated();
  const source = { kind: 'fetched', fetch: async () => api.tokenKubeconfig() } as const;
  return { objects, stop, workloads: kubernetesWorkloads({ source, pageSize: 2 }) };
});
