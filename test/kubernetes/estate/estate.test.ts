// The reader keeps the port's contract against a real HTTPS server that speaks the Kubernetes API.
import type { KubernetesSettings } from '../../../src/kubernetes/open.ts';
import { openKubernetes } from '../../../src/kubernetes/open.ts';
import { describeEstate } from '../../contracts/estate.contract.ts';
import { startSimulated } from '../simulated.ts';

describeEstate('the Kubernetes adapter on the simulated API', async () => {
  const { objects, api, stop } = await startSimulated();
  const source = { kind: 'text', text: api.kubeconfig() } as const;
  return {
    open: (settings: Partial<KubernetesSettings> = {}) =>
      openKubernetes({ source, onlyLoopback: true, ...settings }),
    objects: Object.assign(objects, {
      install: objects.shelf.install.bind(objects.shelf),
      put: objects.shelf.put.bind(objects.shelf),
    }),
    stop,
  };
});
