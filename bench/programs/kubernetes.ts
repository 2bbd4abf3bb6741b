// A simulated Kubernetes API with many nodes and pods as a process of its own, so that its work and memory are not the bot's.

import { startKubeApi } from '../../playground/cluster/kube-api.ts';
import { realClock } from '../../playground/cluster/real-clock.ts';
import { KubernetesObjects } from '../../playground/world/kubernetes/kubernetes-objects.ts';
import type { StrayPod } from '../../playground/world/kubernetes/strays.ts';

export interface Populated {
  readonly nodes: number;
  readonly pods: number;
}

/** What the program answers when it serves; later, to any message, how often each path was asked. */
export type Told =
  | { readonly kind: 'serves'; readonly kubeconfig: string }
  | { readonly kind: 'asked'; readonly paths: Readonly<Record<string, number>> }
  | { readonly kind: 'failed'; readonly why: string };

const CONTROL_PLANES = 3;
/** Replicas of one workload, each behind a budget. */
const REPLICAS = 20;
/** A pod of a real cluster, managed fields and all, is some kilobytes of JSON. */
const WEIGHT = 'x'.repeat(4_096);
const VERSIONS = { talosVersion: 'v1.13.4', kubernetesVersion: 'v1.35.4', schematic: 'none' };

async function serve({
  nodes,
  pods,
}: Populated): Promise<{ kubeconfig: string; asked: Map<string, number> }> {
  const objects = new KubernetesObjects({
    clock: realClock,
    workloads: { deployments: [], daemons: [], budgets: [] },
  });
  const names = Array.from({ length: nodes }, (_, index) =>
    index < CONTROL_PLANES ? `cp-${index + 1}` : `w-${index - CONTROL_PLANES + 1}`,
  );
  for (const [index, name] of names.entries()) {
    const role = index < CONTROL_PLANES ? 'control-plane' : 'worker';
    const address = `10.0.${Math.floor(index / 250)}.${(index % 250) + 1}`;
    objects.addNode({ name, role, address, ...VERSIONS });
  }
  for (let app = 0; app * REPLICAS < pods; app += 1)
    objects.addBudget({
      ...{ namespace: 'shop', name: `app-${app}`, app: `app-${app}` },
      limits: { minAvailable: 1 },
    });
  objects.strays.crowd(
    Array.from({ length: pods }, (_, index): StrayPod => {
      const app = `app-${Math.floor(index / REPLICAS)}`;
      return {
        ...{ namespace: 'shop', name: `${app}-${index}`, app, owner: 'ReplicaSet' },
        node: names[CONTROL_PLANES + (index % (nodes - CONTROL_PLANES))] ?? '',
        requests: { cpu: '50m', memory: '64Mi' },
        annotations: { 'example.org/weight': WEIGHT },
      };
    }),
  );
  const api = await startKubeApi({ objects, host: '127.0.0.1' });
  const asked = new Map<string, number>();
  api.inject(({ path }) => {
    asked.set(path, (asked.get(path) ?? 0) + 1);
    return null;
  });
  return { kubeconfig: api.kubeconfig(), asked };
}

let asked = new Map<string, number>();

async function answer(message: Populated | 'tell'): Promise<Told> {
  if (message === 'tell') return { kind: 'asked', paths: Object.fromEntries(asked) };
  const serving = await serve(message);
  asked = serving.asked;
  return { kind: 'serves', kubeconfig: serving.kubeconfig };
}

process.on('message', (message: Populated | 'tell') => {
  answer(message)
    .catch((error: unknown): Told => ({ kind: 'failed', why: String(error) }))
    .then((told) => process.send?.(told))
    .catch(() => process.exit(1));
});
process.on('disconnect', () => process.exit(0));
