// The Kubernetes adapter against a real kube-apiserver, when TALOS_CHATOPS_TEST_KUBECONFIG names one that agreed.
import { describe, it } from 'vitest';
import { type KubernetesSettings, openKubernetes } from '../../src/kubernetes/open.ts';
import { describeEstate } from '../contracts/estate.contract.ts';
import { openRealApi, realKubeconfigPath } from '../contracts/real-api.ts';
import { RealCluster } from '../contracts/real-cluster.ts';
import { describeWorkloads } from '../contracts/workloads.contract.ts';

const path = realKubeconfigPath();

if (path === null) {
  describe('the Kubernetes adapter on a real API', () => {
    it.skip('keeps its contracts (skipped: TALOS_CHATOPS_TEST_KUBECONFIG names no kubeconfig)', () =>
      undefined);
  });
} else {
  const start = async () => {
    const api = await openRealApi(path);
    const cluster = new RealCluster(api);
    await cluster.build();
    const source = { kind: 'text', text: api.kubeconfig } as const;
    return {
      open: (settings: Partial<KubernetesSettings> = {}) => openKubernetes({ source, ...settings }),
      objects: cluster,
      called: (name: string) => cluster.called(name),
      stop: async () => {
        await cluster.takeAway();
        api.close();
      },
    };
  };
  describeWorkloads('the Kubernetes adapter on a real API, in pages of two', async () => {
    const started = await start();
    return { ...started, workloads: started.open({ pageSize: 2 }).workloads };
  });
  describeEstate('the Kubernetes adapter on a real API', start);
}
