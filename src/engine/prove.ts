// May this node be changed now? The one question behind every card, click, installation and departure, always from a fresh survey.
import type { Snapshot } from '../cluster/snapshot.ts';
import {
  type Departure,
  identityTrouble,
  proveDeparture,
  shouldGoLater,
  workerTrouble,
} from '../rollout/departure.ts';
import { type Lane, laneOfStep, type Plan, plannedNode } from '../rollout/plan.ts';
import { nodesAway, nodesDeparted } from '../rollout/rollout.ts';
import type { Step } from '../rollout/step.ts';
import { confirmed } from './confirm.ts';
import { emptyTrouble } from './emptied.ts';
import { survey } from './survey.ts';
import type { TaskContext } from './work.ts';

export interface Proved {
  readonly departure: Departure;
  /** The node leads etcd and others of its stage could go first. */
  readonly later: boolean;
}

export type Trouble =
  | { readonly kind: 'unproved'; readonly why: string }
  /** These earlier steps of the lane must be done again first. */
  | { readonly kind: 'outdated'; readonly steps: readonly string[]; readonly why: string };

/** Why this node may not be changed now; null when it may. Every act that is sent only once is asked about, on any role. */
export async function touchTrouble(context: TaskContext, step: Step): Promise<Trouble | null> {
  const { plan } = context.session.rollout;
  const lane = plan === null ? null : laneOfStep(plan, step.id);
  if (step.repeat === 'freely' || lane === null) return null;
  const { departure } =
    step.presence === 'departs' ? await prove(context, lane) : await identify(context, lane);
  const trouble = departure.kind === 'proved' ? await emptied(context, lane, step) : troubleOf(departure);
  if (trouble?.kind !== 'unproved') return trouble;
  return { ...trouble, why: `${step.node} may not be touched now: ${trouble.why}` };
}

function troubleOf(departure: Exclude<Departure, { kind: 'proved' }>): Trouble {
  const why = departure.whys.join('; ');
  return departure.kind === 'outdated'
    ? { kind: 'outdated', steps: [departure.step], why }
    : { kind: 'unproved', why };
}

/** Only a restart takes away what runs on it. */
async function emptied(context: TaskContext, lane: Lane, step: Step): Promise<Trouble | null> {
  return step.presence === 'departs' ? await emptyTrouble(context, lane) : null;
}

/** The proof for this lane's departure, from a fresh survey that does not go through the leaving node while there is another way. */
export async function prove(context: TaskContext, lane: Lane): Promise<Proved> {
  const { session, work } = context;
  const { plan, snapshot } = await lookAround(context, lane, concerned(context, lane));
  const strangers = identityTrouble(plan, lane, snapshot);
  if (strangers.length > 0) return unproved(strangers);
  if (lane.role === 'worker') {
    const whys = workerTrouble(session.rollout, plan, lane, snapshot);
    return unproved(whys, `${lane.node} is a worker: etcd does not need it, and nobody else is away.`);
  }
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

/** Without a reason it is proved; no figures of etcd belong to it. */
function unproved(whys: readonly string[], sentence = 'It is the node the plan means.'): Proved {
  const nothing = { voters: 0, quorum: 0, votersLeft: 0, leader: null, maxLag: 0 };
  const departure: Departure =
    whys.length > 0
      ? { kind: 'unproved', whys }
      : {
          kind: 'proved',
          proof: { kind: 'healthy', sentence, ...nothing },
        };
  return { departure, later: false };
}

/**
 * Itself, who is away, and for a control-plane node the whole control plane; for a worker those of it that were away. Other workers are
 * looked at through Kubernetes, which is asked about all of them at once: one that is silent would only make the proof older by as long as
 * it is waited for.
 */
function concerned({ session }: TaskContext, lane: Lane): readonly string[] {
  const { rollout } = session;
  const peers =
    lane.role === 'control-plane'
      ? (rollout.plan?.nodes.map(({ name }) => name) ?? [])
      : nodesDeparted(rollout);
  const controlPlane = peers.filter((name) => isControlPlane(rollout.plan, name));
  return [...new Set([lane.node, ...nodesAway(rollout), ...controlPlane])];
}

function isControlPlane(plan: Plan | null, name: string): boolean {
  return plan !== null && plannedNode(plan, name)?.role === 'control-plane';
}

async function lookAround(
  { session, parts, work, loops }: TaskContext,
  lane: Lane,
  only: readonly string[],
): Promise<{ readonly plan: Plan; readonly snapshot: Snapshot }> {
  const { plan, id } = session.rollout;
  if (plan === null) throw new Error(`rollout ${id} has no plan to prove`);
  const address = plannedNode(plan, lane.node)?.address;
  // The only control-plane node is the only way to the others as well.
  const others = plan.nodes.some(({ name, role }) => role === 'control-plane' && name !== lane.node);
  const avoid = address === undefined || !others ? {} : { avoid: address };
  return {
    plan,
    snapshot: await survey(work, parts.clock, {
      signal: loops,
      ...avoid,
      only,
    }),
  };
}
