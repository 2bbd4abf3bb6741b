// Which steps need Talos's upgrade mutex, what is said while it is not to be had, and what must hold right before a call is sent.
import { isRepair } from '../rollout/gate.ts';
import { type Lane, laneOfStep, type Plan } from '../rollout/plan.ts';
import { changesNode, type Step, type StepFacts } from '../rollout/step.ts';
import { CLEAR, earlierHolders, type Guarded } from './guard.ts';
import type { Wanted } from './mutex.ts';
import { Fault } from './ports/fault.ts';
import { MUTEX_TTL_MS } from './ports/upgrade-mutex.ts';
import type { Session } from './session.ts';
import type { TaskContext } from './work.ts';

/** Milliseconds to wait however short the limits are: the lease of a holder that died has ended by then; some for a slow etcd. */
const HOLDER_GONE_MS = MUTEX_TTL_MS + 15_000;

/**
 * needed: up to the departure, because nobody else may send a node away meanwhile; wanted: while the node is away, where waiting
 * would help nobody; none: workers, and what only puts back. Talos takes it on control-plane nodes alone (talos-api.md 3.4).
 */
export function mutexNeed(lane: Lane, step: Step): 'needed' | 'wanted' | 'none' {
  const departs = lane.steps.findIndex(({ presence }) => presence === 'departs');
  if (lane.role !== 'control-plane' || departs < 0 || !changesNode(step)) return 'none';
  if (lane.steps.findIndex(({ id }) => id === step.id) <= departs) return 'needed';
  return step.kind === 'return' ? 'wanted' : 'none';
}

/** Takes the mutex for a step that is about to begin. Throws Fault `refused` when only a person can help. */
export async function guarded(context: TaskContext, step: Step): Promise<Guarded> {
  const { keeper, session, parts } = context;
  const about = wantedFor(context, step);
  if (keeper === null || about === null) return CLEAR;
  if (about.need === 'wanted') {
    keeper.pursue(about);
    return keeper.holder === null ? CLEAR : { kind: 'clear', facts: { mutex: keeper.holder } };
  }
  const grip = await keeper.grasp(about);
  switch (grip.kind) {
    case 'held':
      return { kind: 'clear', facts: { mutex: grip.holder } };
    case 'elsewhere':
      return {
        kind: 'waiting',
        why: elsewhere(grip.holder, session, about.lane),
        patienceMs: HOLDER_GONE_MS,
      };
    case 'unanswered': {
      const why = `Talos's upgrade mutex cannot be taken: ${grip.fault.message}`;
      if (isRepair(about.lane.gate)) {
        parts.log.warn('a node is repaired without the upgrade mutex', {
          rollout: session.rollout.id,
          node: step.node,
          error: grip.fault.message,
        });
        return { kind: 'clear', facts: { mutex: null, mutexTrouble: grip.fault.message } };
      }
      if (grip.fault.kind === 'refused') throw new Fault('refused', why, { cause: grip.fault });
      return { kind: 'waiting', why, patienceMs: 0 };
    }
  }
}

/** Tries to have it again while a node is away. A legacy call that was not acknowledged may still want it for itself. */
export function pursued(context: TaskContext, step: Step, acknowledged: boolean): void {
  const about = wantedFor(context, step);
  if (about === null || (takesItself(step) && !acknowledged)) return;
  context.keeper?.pursue(about);
}

/**
 * Why a call that is sent only once must not leave now; null when it may. What was begun with the mutex is sent only while it is
 * surely ours; the node of a legacy upgrade takes it itself, so there it is given back at this very moment, and nowhere sooner.
 */
export async function unguarded(
  { keeper, session }: TaskContext,
  step: Step,
  evidence: StepFacts,
): Promise<string | null> {
  if (keeper !== null && typeof evidence['mutex'] === 'string') {
    if (keeper.holder === null) return "Talos's upgrade mutex was lost before the call was sent";
    const release = takesItself(step) ? await keeper.release() : null;
    if (release?.kind === 'expires')
      return `Talos's upgrade mutex could not be given back, and ${step.node} would be refused it: ${release.why}`;
  }
  return session.holds() ? null : 'the lease ran out before the call was sent';
}

/** Of the calls we send only `MachineService.Upgrade` takes the mutex on the node (talos-api.md 3.4). */
function takesItself({ kind }: Step): boolean {
  return kind === 'upgrade-legacy';
}

function wantedFor(
  { session }: TaskContext,
  step: Step,
): (Wanted & { readonly need: 'needed' | 'wanted' }) | null {
  const { plan } = session.rollout;
  const lane = laneOfStep(plan, step.id);
  if (plan === null || lane === null) return null;
  const need = mutexNeed(lane, step);
  return need === 'none' ? null : { need, lane, seats: seatsOf(plan, lane) };
}

/** Every control-plane node, the leaving one last: it is the one that will not answer. */
function seatsOf(plan: Plan, { node: leaving }: Lane): Wanted['seats'] {
  return plan.nodes
    .filter(({ role }) => role === 'control-plane')
    .map(({ name, address }) => ({ node: name, address }))
    .toSorted((a, b) => Number(a.node === leaving) - Number(b.node === leaving));
}

function elsewhere(holder: string, session: Session, lane: Lane): string {
  const seconds = MUTEX_TTL_MS / 1_000;
  if (earlierHolders(session, 'mutex').has(holder))
    return `Talos's upgrade mutex is still held by lease ${holder} of an earlier worker of this rollout: it is free at the latest ${seconds} s after that worker ended`;
  const why = `Talos's upgrade mutex is held by lease ${holder}: another upgrade runs (talosctl or a second bot), or a worker died with it less than ${seconds} s ago`;
  return isRepair(lane.gate) ? `${why}${wayOut(holder, lane.node)}` : why;
}

/**
 * Up to Talos 1.6 a node keeps the mutex from its own upgrade until it restarts, and the lease names nobody: only a person can know
 * that it is the sick node itself that stands in its own way.
 */
function wayOut(holder: string, node: string): string {
  return `, or ${node} itself keeps it from its own upgrade (Talos 1.6 and older, until it restarts). When you know that no other upgrade runs, free it with "etcdctl lease revoke ${holder}" and retry`;
}
