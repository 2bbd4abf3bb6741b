// Which node a pod lands on: the Ready, schedulable one with the fewest of its siblings.
import { isTrue, type NodeObject, type PodObject } from './objects.ts';

/** Why no node fits, in the scheduler's own words. */
export type Placement =
  | { readonly kind: 'node'; readonly node: NodeObject }
  | { readonly kind: 'none'; readonly why: string };

function takes(node: NodeObject, pod: PodObject): boolean {
  if (!isTrue(node.status.conditions, 'Ready') || node.spec.unschedulable) return false;
  const toleratesAll = pod.spec.tolerations?.some((toleration) => toleration.key === undefined) ?? false;
  return toleratesAll || (node.spec.taints ?? []).every((taint) => taint.effect === 'PreferNoSchedule');
}

function siblingsOn(node: NodeObject, pod: PodObject, pods: readonly PodObject[]): number {
  const app = pod.metadata.labels?.['app'];
  return pods.filter(
    (other) =>
      other.spec.nodeName === node.metadata.name &&
      other.metadata.deletionTimestamp === undefined &&
      other.metadata.namespace === pod.metadata.namespace &&
      other.metadata.labels?.['app'] === app,
  ).length;
}

function podsOn(node: NodeObject, pods: readonly PodObject[]): number {
  return pods.filter((pod) => pod.spec.nodeName === node.metadata.name).length;
}

/** Spreads by siblings first, by load second, by name last, so that a run can be repeated. */
export function place(pod: PodObject, nodes: readonly NodeObject[], pods: readonly PodObject[]): Placement {
  const ranked = nodes
    .filter((node) => takes(node, pod))
    .map((node) => ({ node, siblings: siblingsOn(node, pod, pods), load: podsOn(node, pods) }))
    .toSorted((left, right) => left.siblings - right.siblings || left.load - right.load);
  const [best] = ranked;
  if (best !== undefined) return { kind: 'node', node: best.node };
  return {
    kind: 'none',
    why: `0/${nodes.length} nodes are available: none is Ready, schedulable and tolerated.`,
  };
}
