// Is the node still as its drain left it? Asked right before it restarts: somebody may have uncordoned it, and pods may have come.
import { listed } from '../cluster/listed.ts';
import { drainVerdict } from '../cluster/pod.ts';
import { drainOf, isLeft } from '../rollout/blockade.ts';
import { isRepair } from '../rollout/gate.ts';
import type { Lane } from '../rollout/plan.ts';
import { type Rollout, stepState } from '../rollout/rollout.ts';
import type { Step } from '../rollout/step.ts';
import { faultOf } from './ports/fault.ts';
import type { Trouble } from './prove.ts';
import type { Session } from './session.ts';
import type { TaskContext } from './work.ts';

/** Drained so often and never empty, somebody works against us: a person should know, and may have it tried as often again. */
const MOST_DRAINS = 3;
/** Pods named in one sentence. */
const MOST_NAMED = 3;

/**
 * Null when it may restart as far as its pods are concerned. A node that is repaired is not kept waiting by a Kubernetes API that does
 * not answer. Rejects with Fault otherwise.
 */
export async function emptyTrouble(context: TaskContext, lane: Lane): Promise<Trouble | null> {
  const { rollout } = context.session;
  const cordon = lane.steps.find(({ kind }) => kind === 'cordon');
  if (cordon === undefined || stepState(rollout, cordon.id).state !== 'ended') return null;
  const found = await seenOn(context, lane).catch((error: unknown) => {
    if (isRepair(lane.gate)) return null;
    throw faultOf(error);
  });
  if (found === null) return null;
  const whys = [
    ...(found.schedulable ? [`${lane.node} was uncordoned by somebody since it was drained`] : []),
    ...(found.pods.length > 0
      ? [`pods run on ${lane.node} since it was drained: ${listed(found.pods, MOST_NAMED)}`]
      : []),
  ];
  if (whys.length === 0) return null;
  const why = whys.join('; ');
  const most = MOST_DRAINS * (1 + timesRetried(context.session, lane));
  const again = clearingAgain(rollout, lane, { occupied: found.pods.length > 0, most });
  return again.length === 0
    ? {
        kind: 'unproved',
        why: `${why}. It was cleared ${most} times: keep others from it, then retry`,
      }
    : { kind: 'outdated', steps: again, why };
}

interface Found {
  readonly schedulable: boolean;
  readonly pods: readonly string[];
}

async function seenOn({ session, work }: TaskContext, { node, steps }: Lane): Promise<Found> {
  const drain = steps.find(({ kind }) => kind === 'drain');
  const undrained = async (): Promise<readonly string[]> => {
    if (drain === undefined) return [];
    const pods = await work.workloads.podsOn(node);
    const decided = drainOf(session.rollout, drain.id);
    const left = pods.filter((pod) => drainVerdict(pod) === 'evict' && !isLeft(decided, pod));
    return left.map(({ namespace, name }) => `${namespace}/${name}`);
  };
  const [nodes, pods] = await Promise.all([work.workloads.nodes(), undrained()]);
  return { schedulable: nodes.some(({ name, unschedulable }) => name === node && !unschedulable), pods };
}

/** What is done again: the cordon, the drain, and whatever came after it that may be repeated. Empty when it was done often enough. */
function clearingAgain(
  rollout: Rollout,
  { steps }: Lane,
  { occupied, most }: { readonly occupied: boolean; readonly most: number },
): readonly string[] {
  const clears = (step: Step): boolean =>
    step.kind === 'cordon' || (occupied && step.kind === 'drain') || step.kind === 'forfeit';
  const again = steps.filter((step) => clears(step) && stepState(rollout, step.id).state === 'ended');
  // Not how often they were begun: a drain that failed and was tried again has cleared nothing.
  const often = again.some(({ id }) => 1 + (rollout.outdated.get(id) ?? 0) >= most);
  return often ? [] : again.map(({ id }) => id);
}

function timesRetried({ entries }: Session, { steps }: Lane): number {
  const departing = steps.filter(({ presence }) => presence === 'departs').map(({ id }) => id);
  return entries.filter(({ event }) => event.kind === 'retried' && departing.includes(event.subject)).length;
}
