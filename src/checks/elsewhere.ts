// Which nodes are not drained because their pods have no other place, however well the cluster is.
import type { Snapshot } from '../cluster/snapshot.ts';

/** The taints that Kubernetes itself gives a control-plane node; any other one is somebody's wish for some pods only. */
const CONTROL_PLANE_TAINTS: readonly string[] = [
  'node-role.kubernetes.io/control-plane',
  'node-role.kubernetes.io/master',
];

/**
 * Names of nodes whose pods cannot go anywhere: there is no other node, or only control-plane nodes that keep them away. A drain
 * would only wait there (kubernetes.md 2.8). A node that is cordoned or ill is a place all the same, and so is one whose taints
 * are not known: then it is drained.
 */
export function nodesWithoutElsewhere({ nodes, estate }: Snapshot): ReadonlySet<string> {
  const details = estate?.nodes.kind === 'said' ? estate.nodes.value : [];
  const closed = new Set(
    details
      .filter(
        ({ controlPlane, taints }) =>
          controlPlane && taints.some((key) => CONTROL_PLANE_TAINTS.includes(key)),
      )
      .map(({ name }) => name),
  );
  const names = nodes.map(({ name }) => name);
  // Whatever runs on a node that is closed itself may run on the others that are.
  const takes = (other: string, from: string): boolean =>
    other !== from && (!closed.has(other) || closed.has(from));
  return new Set(names.filter((name) => !names.some((other) => takes(other, name))));
}
