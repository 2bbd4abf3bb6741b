// Who is away, or about to go, at the same time as a worker: the lanes of its stage that are ahead of it.
import type { Lane, Stage } from './plan.ts';
import {
  currentStage,
  laneDone,
  laneTouched,
  nodesAway,
  nodesDeparted,
  orderedLanes,
  type Rollout,
} from './rollout.ts';

/** How far a lane is: who is further goes first, because what was drained already costs most while it waits. */
const FAR = { untouched: 0, touched: 1, drained: 2, departed: 3 } as const;

/**
 * Nodes with which the lane's own is judged together: those of its stage that are further and not through, and of those that are as far
 * the ones that come before it. Of two that ask at the same moment only one counts the other, so one of them always may go. `asks` is
 * false for a lane that goes on without being asked again, which waits for nobody: whoever asks counts it.
 */
export function companyOf(
  rollout: Rollout,
  lane: Lane,
  asks: (other: Lane) => boolean = () => true,
): readonly string[] {
  const stage = sharedStage(rollout, lane);
  if (stage === null) return [];
  const departed = nodesDeparted(rollout);
  const open = orderedLanes(rollout, stage).filter((other) => !laneDone(rollout, other));
  const place = open.findIndex(({ id }) => id === lane.id);
  const own = howFar(rollout, lane, departed);
  const company = open.filter((other, at) => {
    if (at === place) return false;
    const far = howFar(rollout, other, departed);
    if (far > own || (far > FAR.untouched && !asks(other))) return true;
    return far === own && at < place && sameBatch(stage, lane, other);
  });
  return company.map(({ node }) => node);
}

/** Nodes beside the lane's own that are on their way now: what it waits for may be them. */
export function companionsAway(rollout: Rollout, lane: Lane): readonly string[] {
  const stage = sharedStage(rollout, lane);
  if (stage === null) return [];
  const away = nodesAway(rollout);
  return stage.lanes
    .filter((other) => other.id !== lane.id && !laneDone(rollout, other) && away.includes(other.node))
    .map(({ node }) => node);
}

/** The present stage, where the lane is in it and others may go beside it. */
function sharedStage(rollout: Rollout, lane: Lane): Stage | null {
  const stage = currentStage(rollout);
  return stage !== null && stage.width !== 1 && stage.lanes.some(({ id }) => id === lane.id) ? stage : null;
}

/** Its drain was begun, now or before. */
export function drainBegun(rollout: Rollout, { steps }: Lane): boolean {
  return steps.some(({ id, kind }) => kind === 'drain' && (rollout.begins.get(id) ?? 0) > 0);
}

function howFar(rollout: Rollout, lane: Lane, departed: readonly string[]): number {
  if (departed.includes(lane.node)) return FAR.departed;
  if (drainBegun(rollout, lane)) return FAR.drained;
  return laneTouched(rollout, lane) ? FAR.touched : FAR.untouched;
}

function sameBatch({ batches }: Stage, lane: Lane, other: Lane): boolean {
  return (
    batches === undefined || batches.some(({ lanes }) => lanes.includes(lane.id) && lanes.includes(other.id))
  );
}
