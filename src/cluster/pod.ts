// Which pods a drain evicts (kubectl's rules with its usual flags, kubernetes.md 2.2), and what a control plane's own pods lack.
import type { StaticPodView } from './snapshot.ts';

export interface DrainablePod {
  readonly phase: string;
  readonly ownerKind: string | null;
  readonly mirror: boolean;
}

/** leave: it belongs to the node (static pods, DaemonSets); evict: everything else, finished pods included. */
export function drainVerdict(pod: DrainablePod): 'leave' | 'evict' {
  if (pod.mirror) return 'leave';
  const finished = pod.phase === 'Succeeded' || pod.phase === 'Failed';
  return pod.ownerKind === 'DaemonSet' && !finished ? 'leave' : 'evict';
}

/**
 * What is wrong with a control-plane node's static pods; each completes "<node> …". kube-apiserver must be there; a scheduler
 * or controller manager that is not listed may be switched off in the machine config.
 */
export function staticPodAilments(pods: readonly StaticPodView[]): readonly string[] {
  if (pods.length === 0) return ['shows no static pods'];
  const whys = pods.some((pod) => pod.component === 'kube-apiserver') ? [] : ['shows no kube-apiserver'];
  const sick = pods.filter((pod) => !pod.ready).map((pod) => pod.component);
  return sick.length === 0 ? whys : [...whys, `waits for ${sick.join(', ')}`];
}
