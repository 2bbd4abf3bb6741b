// May this node be changed now? The one question behind every card, click, installation and departure, always from a fresh survey.
import type { Snapshot } from '../cluster/snapshot.ts';
import {
  type Departure,
  identityTrouble,
  proveDeparture,
  shouldGoLater,
  workerTrouble,
} from '../rollout/departure.ts';
import { type Lane, type Plan, plannedNode } from '../rollout/plan.ts';
import { nodesAway } from '../rollout/rollout.ts';
import { confirmed } from './confirm.ts';
import { survey } from './survey.ts';
import type { TaskContext } from './work.ts';

export interface Proved {
  readonly departure: Departure;
  /** The node leads etcd and others of its stage could go first. */
  readonly later: boolean;
}

/** The proof for this lane's departure, from a fresh survey that does not go through the leaving node. */
export async function prove(context: TaskContext, lane: Lane): Promise<Proved> {
  const { session, work } = context;
  const { plan, snapshot } = await lookAround(context, lane, concerned(context, lane));
  const strangers = identityTrouble(plan, lane, snapshot);
  if (strangers.length > 0) return unproved(strangers);
  if (lane.role === 'worker') return unproved(workerTrouble(session.rollout, plan, lane, snapshot));
  const departure = proveDeparture(session.rollout, plan, lane, snapshot);
  const { witness } = work;
  return {
    departure:
      witness === undefined
        ? departure
        : await confirmed(departure, { witness, leaving: lane.node, snapshot }),
    later: shouldGoLater(session.rollout, plan, lane, snapshot),
  };
}

/** Only whether the machine is still the one the plan means: what is asked before it is installed. */
export async function identify(context: TaskContext, lane: Lane): Promise<Proved> {
  const { plan, snapshot } = await lookAround(context, lane, [lane.node]);
  return unproved(identityTrouble(plan, lane, snapshot));
}

/** Without a reason it is proved; no figures belong to it, because no card shows it. */
function unproved(whys: readonly string[]): Proved {
  const nothing = { voters: 0, quorum: 0, votersLeft: 0, leader: null, maxLag: 0 };
  const departure: Departure =
    whys.length > 0
      ? { kind: 'unproved', whys }
      : {
          kind: 'proved',
          proof: { kind: 'healthy', sentence: 'It is the node the plan means.', ...nothing },
        };
  return { departure, later: false };
}

/** A control-plane node's departure concerns everybody; a worker's only itself and who is away already. */
function concerned({ session }: TaskContext, lane: Lane): readonly string[] | null {
  return lane.role === 'control-plane' ? null : [lane.node, ...nodesAway(session.rollout)];
}

async function lookAround(
  { session, parts, work, loops }: TaskContext,
  lane: Lane,
  only: readonly string[] | null,
): Promise<{ readonly plan: Plan; readonly snapshot: Snapshot }> {
  const { plan, id } = session.rollout;
  if (plan === null) throw new Error(`rollout ${id} has no plan to prove`);
  const address = plannedNode(plan, lane.node)?.address;
  const avoid = address === undefined ? {} : { avoid: address };
  return {
    plan,
    snapshot: await survey(work, parts.clock, {
      signal: loops,
      ...avoid,
      ...(only === null ? {} : { only }),
    }),
  };
}
