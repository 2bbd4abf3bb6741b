// Who of the nodes that this rollout made leave is not back or not whole now, and what is said of them.
import { said } from '../cluster/answer.ts';
import { type NodeSnapshot, nodeOf, type Snapshot } from '../cluster/snapshot.ts';
import { ailmentsInKubernetes, ailmentsOf } from './ailments.ts';
import { type Lane, lanesOf } from './plan.ts';
import { nodesAway, nodesDeparted, type Rollout, restartsUnseen } from './rollout.ts';

/** Nodes away by our hand that have not been seen to be back: never a second one, and never both roles at once. */
export function stillAway(rollout: Rollout, lane: Lane, snapshot: Snapshot): readonly string[] {
  return awayNow(rollout, lane, snapshot).flatMap((name) => awayClauses(rollout, name, snapshot));
}

/** One that was seen to be back failed afterwards, or cannot be asked about now: then that is said. Never empty. */
export function awayClauses(rollout: Rollout, name: string, snapshot: Snapshot): readonly string[] {
  const node = nodeOf(snapshot, name);
  const ailments = node === null ? [] : ailmentsNow(node);
  if (ailments.length === 0 || nodesAway(rollout).includes(name) || restartsUnseen(rollout).includes(name))
    return [`${name} is still away from its own upgrade`];
  return ailments.map((ailment) => `${name} ${ailment}`);
}

/** The machine of a worker that is back is not asked, and who was not asked is not silent. */
function ailmentsNow(node: NodeSnapshot): readonly string[] {
  return node.role === 'worker' ? ailmentsInKubernetes(node) : ailmentsOf(node);
}

/**
 * Every node that this rollout made leave is looked at again, back or not (a worker that is back, as Kubernetes sees it): one
 * that failed afterwards is as much away. One that a person left behind and that no API lists any more is gone for good.
 */
export function awayNow(rollout: Rollout, lane: Lane, snapshot: Snapshot): readonly string[] {
  const away = nodesAway(rollout);
  const unseen = restartsUnseen(rollout);
  return nodesDeparted(rollout).filter((name) => {
    if (name === lane.node) return false;
    // Sent and not seen to leave: it still looks well.
    if (unseen.includes(name)) return true;
    const node = nodeOf(snapshot, name);
    if (node === null) return ![...rollout.skipped.keys()].some((id) => laneNode(rollout, id) === name);
    const back = node.role === 'worker' && !away.includes(name);
    return back ? said(node.workload)?.ready === false : ailmentsOf(node).length > 0;
  });
}

function laneNode(rollout: Rollout, laneId: string): string | null {
  if (rollout.plan === null) return null;
  return lanesOf(rollout.plan).find((lane) => lane.id === laneId)?.node ?? null;
}
