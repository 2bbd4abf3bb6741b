// Whether what was asked before a node was first touched is too old to count: people took their time since, hours perhaps.
import type { Entry, RolloutEvent } from '../rollout/event.ts';
import type { Lane } from '../rollout/plan.ts';
import { changesNode, type Step } from '../rollout/step.ts';

/** The first step that changes the node, what evicts from it, and what makes it leave: each is a turn at which it may still stay. */
export function isTurn({ steps }: Lane, step: Step): boolean {
  return step.kind === 'drain' || step.presence === 'departs' || steps.find(changesNode)?.id === step.id;
}

/**
 * True when the rollout stood still, or the lane's own drain was blocked, since a turn of this lane was begun last. By the order of the
 * journal and by no clock: right before each turn it is asked whenever this is true.
 */
export function isInterrupted(entries: readonly Entry[], lane: Lane): boolean {
  const turns = lane.steps.filter((step) => isTurn(lane, step)).map(({ id }) => id);
  const looked = entries.findLastIndex(
    ({ event }) => event.kind === 'step-begun' && turns.includes(event.step),
  );
  return looked !== -1 && entries.slice(looked + 1).some(({ event }) => interrupts(event, turns));
}

/** A rollout that was paused or held goes on with one of these. */
function interrupts(event: RolloutEvent, turns: readonly string[]): boolean {
  switch (event.kind) {
    case 'resumed':
    case 'retried':
    case 'skipped':
      return true;
    case 'drain-blocked':
    case 'drain-decided':
      return turns.includes(event.step);
    default:
      return false;
  }
}
