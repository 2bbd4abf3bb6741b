// May this node be changed now? The one question behind every card, click, installation and departure, always from a fresh survey.
import type { Snapshot } from '../cluster/snapshot.ts';
import {
  crowdTrouble,
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

/**
 * How old an answer of a machine may be when a departure counts as proved, in milliseconds. A healthy machine answers all
 * questions of a look in a few round trips, also over a slow link; who goes away meanwhile is not seen.
 */
const ANSWERS_STAND_MS = 3_000;

type Looking = Pick<TaskContext, 'session' | 'work' | 'parts' | 'loops'>;

interface Around {
  readonly plan: Plan;
  readonly snapshot: Snapshot;
}

export type Trouble =
  | { readonly kind: 'unproved'; readonly why: string }
  /** These earlier steps of the lane must be done again first. */
  | { readonly kind: 'outdated'; readonly steps: readonly string[]; readonly why: string };

/** Why this node may not be changed now; null when it may. Every act that is sent only once is asked about, on any role. */
export async function touchTrouble(context: TaskContext, step: Step): Promise<Trouble | null> {
  const { plan } = context.session.rollout;
  const lane = laneOfStep(plan, step.id);
  if (step.repeat === 'freely' || lane === null) return null;
  if (step.presence !== 'departs') return troubled(step, (await identify(context, lane)).departure);
  // What Kubernetes lists may take long: the proof comes last, so that it is young when the act is sent.
  const full = await emptyTrouble(context, lane);
  if (full !== null) return named(step, full);
  return troubled(step, (await prove(context, lane)).departure);
}

function troubled(step: Step, departure: Departure): Trouble | null {
  return departure.kind === 'proved' ? null : named(step, troubleOf(departure));
}

function named(step: Step, trouble: Trouble): Trouble {
  if (trouble.kind !== 'unproved') return trouble;
  return { ...trouble, why: `${step.node} may not be touched now: ${trouble.why}` };
}

function troubleOf(departure: Exclude<Departure, { kind: 'proved' }>): Trouble {
  const why = departure.whys.join('; ');
  return departure.kind === 'outdated'
    ? { kind: 'outdated', steps: [departure.step], why }
    : { kind: 'unproved', why };
}

/**
 * The proof for this lane's departure, from a fresh survey that does not go through the leaving node while there is another way.
 * Where one of them took its time to answer, what the others said is old by then, and they are asked a last time.
 */
export async function prove(context: TaskContext, lane: Lane): Promise<Proved> {
  const { clock } = context.parts;
  const around = await lookAround(context, lane, concerned(context, lane));
  const lookedAt = clock.monotonic();
  const proved = await judged(context, lane, around);
  const { heardMs = 0 } = around.snapshot;
  if (proved.departure.kind !== 'proved' || heardMs + clock.monotonic() - lookedAt <= ANSWERS_STAND_MS)
    return proved;
  const again = await othersAgain(context, lane, around);
  const last = judgedByTalos(context, lane, again);
  if (last.departure.kind !== 'proved') return last;
  return (again.snapshot.heardMs ?? 0) <= ANSWERS_STAND_MS ? proved : unproved([tooSlow(again)]);
}

/** By what Talos says, and where etcd may be asked directly, by that as well. */
async function judged(context: TaskContext, lane: Lane, around: Around): Promise<Proved> {
  const { departure, later } = judgedByTalos(context, lane, around);
  const { witness } = context.work;
  if (witness === undefined || lane.role === 'worker') return { departure, later };
  const { snapshot } = around;
  return { departure: await confirmed(departure, { witness, leaving: lane.node, snapshot }), later };
}

function judgedByTalos(
  { session: { rollout } }: TaskContext,
  lane: Lane,
  { plan, snapshot }: Around,
): Proved {
  const strangers = identityTrouble(plan, lane, snapshot);
  if (strangers.length > 0) return unproved(strangers);
  if (lane.role === 'worker') {
    const whys = workerTrouble(rollout, plan, lane, snapshot);
    return unproved(whys, `${lane.node} is a worker: etcd does not need it, and nobody else is away.`);
  }
  return {
    departure: proveDeparture(rollout, plan, lane, snapshot),
    later: shouldGoLater(rollout, plan, lane, snapshot),
  };
}

/**
 * Whoever answered is asked again, except the node that is to go: it may be slow because it is ill. Who was silent a moment ago stays
 * so, which is the careful reading; also whose etcd was: Talos waits for a member that does not run as long as we do.
 */
async function othersAgain(context: TaskContext, lane: Lane, before: Around): Promise<Around> {
  const known = new Map(before.snapshot.nodes.map((node) => [node.name, node]));
  const answered = (name: string): boolean => {
    const { machine, etcd } = known.get(name) ?? {};
    return machine?.kind === 'said' && etcd?.kind !== 'silent';
  };
  const others = concerned(context, lane).filter((name) => name !== lane.node && answered(name));
  const { plan, snapshot } = await lookAround(context, lane, others);
  const nodes = snapshot.nodes.map((node) =>
    others.includes(node.name) ? node : (known.get(node.name) ?? node),
  );
  return { plan, snapshot: { ...snapshot, nodes } };
}

function tooSlow({ snapshot: { heardMs = 0 } }: Around): string {
  const tookS = (heardMs / 1_000).toFixed(1);
  return `the nodes that stay took ${tookS} s to answer, and what the first of them said is too old by then (at most ${ANSWERS_STAND_MS / 1_000} s)`;
}

/**
 * Whether there is still a place for a worker that goes beside others; empty when there is. Asked before it is touched, so that it does not
 * stand there drained and installed until they are back.
 */
export async function crowding(
  context: Looking,
  lane: Lane,
  company: readonly string[],
): Promise<readonly string[]> {
  const { rollout } = context.session;
  const others = nodesDeparted(rollout).filter((name) => name !== lane.node && !company.includes(name));
  if (company.length === 0 || others.length === 0) return [];
  const away = nodesAway(rollout).filter((name) => others.includes(name));
  return crowdTrouble(rollout, lane, { ...(await lookAround(context, lane, away)), company });
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
function concerned({ session: { rollout } }: TaskContext, lane: Lane): readonly string[] {
  const away = nodesAway(rollout);
  const departed = nodesDeparted(rollout);
  return (rollout.plan?.nodes ?? [])
    .filter(
      ({ name, role }) =>
        name === lane.node ||
        away.includes(name) ||
        (role === 'control-plane' && (lane.role === 'control-plane' || departed.includes(name))),
    )
    .map(({ name }) => name);
}

async function lookAround(
  { session, parts, work, loops }: Looking,
  lane: Lane,
  only: readonly string[],
): Promise<Around> {
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
