// May this node go now? The one question behind every card, click and departure, always from a fresh survey.
import { nodeOf } from '../cluster/snapshot.ts';
import { type Departure, proveDeparture, shouldGoLater } from '../rollout/departure.ts';
import { type Lane, plannedNode } from '../rollout/plan.ts';
import { confirmed } from './confirm.ts';
import { survey } from './survey.ts';
import type { TaskContext } from './work.ts';

/** The proof for this lane's departure, from a fresh survey that does not go through the leaving node. */
export async function prove(
  context: TaskContext,
  lane: Lane,
): Promise<{ departure: Departure; later: boolean }> {
  const { session, parts, work, loops } = context;
  const before = session.rollout.plan;
  const address = before === null ? undefined : plannedNode(before, lane.node)?.address;
  const snapshot = await survey(work, parts.clock, {
    signal: loops,
    ...(address === undefined ? {} : { avoid: address }),
  });
  const { plan: agreed } = session.rollout;
  if (agreed === null) throw new Error(`rollout ${session.rollout.id} has no plan to prove`);
  if (nodeOf(snapshot, lane.node) === null) {
    return {
      departure: { kind: 'unproved', whys: [`${lane.node} is not seen at the moment`] },
      later: false,
    };
  }
  const departure = proveDeparture(session.rollout, agreed, lane, snapshot);
  const { witness } = work;
  return {
    departure:
      witness === undefined
        ? departure
        : await confirmed(departure, { witness, leaving: lane.node, snapshot }),
    later: shouldGoLater(session.rollout, agreed, lane, snapshot),
  };
}
