// Who is away, or about to go, at the same time as a worker: the lanes of its batch that go before it.
import type { Lane, Stage } from './plan.ts';
import { currentStage, laneDone, laneTouched, orderedLanes, type Rollout } from './rollout.ts';

/**
 * Nodes with which the lane's own is judged together: those of its stage that were touched and are not through, and those of its
 * batch that come before it. Of two that ask at the same moment only the later one counts the other, so the first always may go.
 */
export function companyOf(rollout: Rollout, lane: Lane): readonly string[] {
  const stage = currentStage(rollout);
  if (stage === null || stage.width === 1 || !stage.lanes.some(({ id }) => id === lane.id)) return [];
  const open = orderedLanes(rollout, stage).filter((other) => !laneDone(rollout, other));
  const earlier = open
    .slice(
      0,
      open.findIndex(({ id }) => id === lane.id),
    )
    .filter((other) => sameBatch(stage, lane, other));
  const touched = open.filter((other) => other.id !== lane.id && laneTouched(rollout, other));
  return [...new Set([...touched, ...earlier].map(({ node }) => node))];
}

function sameBatch({ batches }: Stage, lane: Lane, other: Lane): boolean {
  return (
    batches === undefined || batches.some(({ lanes }) => lanes.includes(lane.id) && lanes.includes(other.id))
  );
}
