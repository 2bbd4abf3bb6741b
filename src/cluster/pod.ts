// Which pods a drain evicts: kubectl's rules with its usual flags (kubernetes.md 2.2).

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
