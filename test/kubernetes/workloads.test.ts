// The adapter keeps the port's contract against a real HTTPS server that speaks the Kubernetes API.
import { openKubernetes } from '../../src/kubernetes/open.ts';
import { describeWorkloads } from '../contracts/workloads.contract.ts';
import { startSimulated } from './simulated.ts';

describeWorkloads('the Kubernetes adapter with a client certificate', async () => {
  const { objects, api, stop } = await startSimulated();
  const source = { kind: 'text', text: api.kubeconfig() } as const;
  return { objects, stop, workloads: openKubernetes({ source, onlyLoopback: true }).workloads };
});

describeWorkloads('the Kubernetes adapter with a token, in pages of two', async () => {
  const { objects, api, stop } = await startSimulated();
  const source = { kind: 'fetched', fetch: async () => api.tokenKubeconfig() } as const;
  return { objects, stop, workloads: openKubernetes({ source, pageSize: 2 }).workloads };
});
