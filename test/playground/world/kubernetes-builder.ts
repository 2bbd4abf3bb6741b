// A small Kubernetes world with a hand-turned clock, for the tests of the simulator's Kubernetes half.
import { ManualClock } from '../../../playground/world/clock.ts';
import {
  KubernetesObjects,
  type KubernetesOptions,
} from '../../../playground/world/kubernetes/kubernetes-objects.ts';
import type { NodeObject, PodObject, Resource } from '../../../playground/world/kubernetes/objects.ts';
import type { StatusBody } from '../../../playground/world/kubernetes/statuses.ts';

export interface SmallWorld {
  readonly clock: ManualClock;
  readonly objects: KubernetesObjects;
  node(name: string): NodeObject;
  pods(namespace?: string): readonly PodObject[];
  podsOf(app: string): readonly PodObject[];
  /** The only pod of an app on a node. */
  podOn(node: string, app: string): PodObject;
}

/** Three control-plane nodes cp-1 to cp-3 and three workers w-1 to w-3, unless other names are given. */
export function aKubernetes(
  options: Omit<Partial<KubernetesOptions>, 'clock'> = {},
  names = ['cp-1', 'cp-2', 'cp-3', 'w-1', 'w-2', 'w-3'],
): SmallWorld {
  const clock = new ManualClock();
  const objects = new KubernetesObjects({ clock, ...options });
  names.forEach((name, index) => {
    objects.addNode({
      name,
      role: name.startsWith('cp') ? 'control-plane' : 'worker',
      address: `127.40.0.${index + 1}`,
      talosVersion: 'v1.13.4',
      kubernetesVersion: 'v1.35.4',
      schematic: `schematic-of-${name}`,
    });
  });
  const all = (resource: Resource, namespace?: string): readonly unknown[] => {
    const answer = objects.api.list(resource, namespace === undefined ? {} : { namespace });
    if (answer.kind === 'refused') throw new Error(answer.status.message);
    return answer.object.items;
  };
  const pods = (namespace?: string): readonly PodObject[] => all('pods', namespace) as readonly PodObject[];
  const podsOf = (app: string): readonly PodObject[] =>
    pods().filter((pod) => pod.metadata.labels?.['app'] === app);
  return {
    clock,
    objects,
    pods,
    podsOf,
    node: (name) => {
      const answer = objects.api.get('nodes', undefined, name);
      if (answer.kind === 'refused') throw new Error(answer.status.message);
      return answer.object;
    },
    podOn: (node, app) => {
      const [pod, second] = podsOf(app).filter((one) => one.spec.nodeName === node);
      if (pod === undefined || second !== undefined) throw new Error(`not one ${app} pod on ${node}`);
      return pod;
    },
  };
}

/** The Status of a refused answer, or null when it was not refused. */
export function statusOf(
  answer: { readonly kind: 'object' } | { readonly kind: 'refused'; readonly status: StatusBody },
): StatusBody | null {
  return answer.kind === 'refused' ? answer.status : null;
}
