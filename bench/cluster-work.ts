// What an engine is given of the simulated cluster in the other process: the real adapters, over mutual TLS.
import { simulatedAccess } from '../playground/doubles/access.ts';
import { systemClock } from '../src/clock.ts';
import type { ClusterWork } from '../src/engine/work.ts';
import { openKubernetes } from '../src/kubernetes/open.ts';
import { imageFactory } from '../src/releases/factory.ts';
import { talosMachines } from '../src/talos/machines.ts';
import { aPolicy } from '../test/builders/plan.ts';
import { type ClusterProcess, contextOf } from './cluster-process.ts';

export const CLUSTER = 'bench';

export function aClusterWork({ talosconfig, kubeconfig, port }: ClusterProcess): ClusterWork {
  const { endpoints, identity } = contextOf(talosconfig);
  return {
    name: CLUSTER,
    machines: talosMachines({ endpoints, identity, onlyLoopback: true, direct: (host) => ({ host, port }) }),
    ...openKubernetes({
      source: { kind: 'fetched', fetch: async () => kubeconfig },
      onlyLoopback: true,
    }),
    // Whose certificate it is changes no call that is counted here.
    access: simulatedAccess(systemClock),
    policy: aPolicy(),
    factory: 'factory.talos.dev',
    images: { factory: imageFactory({ onlyLoopback: true }), check: 'off' },
  };
}
