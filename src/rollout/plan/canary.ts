// The worker that goes first and alone, so that what is wrong with an image is met where it hurts least: which one, and why.
import type { Finding } from '../../checks/finding.ts';
import { isEvicted } from '../../checks/pods.ts';
import { holdsData } from '../../checks/storage.ts';
import { said } from '../../cluster/answer.ts';
import { budgetsByPod } from '../../cluster/estate/selecting.ts';
import { nodeOf, type Snapshot } from '../../cluster/snapshot.ts';
import type { PlannedNode } from '../plan.ts';
import { hasCanary, type Policy } from '../policy.ts';
import type { Manner } from './manner.ts';

export interface Canary {
  /** Null: the order has none, or there is no worker to be it. */
  readonly node: PlannedNode | null;
  /** Why it is this one, as a clause; empty without one. */
  readonly why: string;
  readonly findings: readonly Finding[];
}

const CHECK = 'canary';
const NONE: Canary = { node: null, why: '', findings: [] };

/** `workers`: those that will be touched, in order. The same cluster gives the same canary. */
export function canaryOf(
  workers: readonly PlannedNode[],
  nodes: readonly PlannedNode[],
  { policy, snapshot }: { readonly policy: Policy; readonly snapshot: Snapshot },
): Canary {
  if (!hasCanary(policy)) return NONE;
  const wished = policy.canary?.node;
  if (wished !== undefined && !nodes.some(({ name, role }) => name === wished && role === 'worker')) {
    const sentence = `The policy names ${wished} as the canary, and no worker of ${snapshot.cluster} is called so.`;
    const advice =
      'Name another one in `policy.canary.node`, or none: then the one that hurts least is chosen.';
    return { ...chosen(workers, policy, snapshot), findings: [finding('blocker', wished, sentence, advice)] };
  }
  const named = workers.find(({ name }) => name === wished);
  if (named !== undefined) return withWords(named, 'the policy names it', policy);
  return chosen(workers, policy, snapshot);
}

function chosen(workers: readonly PlannedNode[], policy: Policy, snapshot: Snapshot): Canary {
  const [first] = workers;
  if (first === undefined) {
    const sentence = 'No worker is changed, so nothing goes first as a canary.';
    return { ...NONE, findings: [finding('warning', 'workers', sentence, null)] };
  }
  const weigh = weigher(snapshot);
  if (weigh === null)
    return withWords(first, 'it is the first by name, and nobody tells what runs where', policy);
  const weights = workers.map((node) => ({ node, weight: weigh(node.name) }));
  // Sorting keeps equals in their order, which is by name.
  const [least] = weights.toSorted((a, b) => compared(a.weight, b.weight));
  if (least === undefined) return NONE;
  return withWords(least.node, reasonOf(least.weight), policy);
}

/** Worst first: each counts only where those before it are equal. */
interface Weight {
  /** Cordoned nodes prove little: next to nothing runs there. */
  readonly cordoned: number;
  readonly data: number;
  readonly guarded: number;
  readonly withVolumes: number;
  readonly pods: number;
}

/** Fewest pods behind budgets, then with volumes, then at all; no storage where it can be avoided (kubernetes.md 4.3). */
function weigher(snapshot: Snapshot): ((node: string) => Weight) | null {
  const { estate } = snapshot;
  if (estate?.pods.kind !== 'said') return null;
  const evicted = estate.pods.value.filter(isEvicted);
  const budgets = estate.budgets.kind === 'said' ? estate.budgets.value : [];
  const guarded = budgetsByPod(evicted, budgets);
  const byNode = Map.groupBy(evicted, ({ node }) => node ?? '');
  const holds = holdsData(snapshot);
  return (name) => {
    const pods = byNode.get(name) ?? [];
    const seen = nodeOf(snapshot, name);
    return {
      cordoned: said(seen?.workload ?? null)?.unschedulable === true ? 1 : 0,
      data: holds(name) ? 1 : 0,
      guarded: pods.filter((pod) => guarded.has(pod)).length,
      withVolumes: pods.filter(({ claims }) => claims.length > 0).length,
      pods: pods.length,
    };
  };
}

function compared(a: Weight, b: Weight): number {
  return (
    a.cordoned - b.cordoned ||
    a.data - b.data ||
    a.guarded - b.guarded ||
    a.withVolumes - b.withVolumes ||
    a.pods - b.pods
  );
}

function reasonOf({ data, guarded, withVolumes, pods }: Weight): string {
  const count = (number: number, what: string): string => `${number} pod${number === 1 ? '' : 's'} ${what}`;
  const figures = [
    data === 0 ? 'no copies of data' : 'copies of data, as all have',
    count(guarded, 'behind disruption budgets'),
    count(withVolumes, 'with volumes'),
    count(pods, 'to move'),
  ];
  return `its departure hurts least (${figures.join(', ')})`;
}

function withWords(node: PlannedNode, because: string, policy: Policy): Canary {
  const soakMs = policy.soak?.canaryMs ?? 0;
  const watched =
    soakMs === 0 ? '' : `; then nothing is touched for ${lasting(soakMs)}, and its checks must hold`;
  const sentence = `${node.name} goes first and alone, as the canary: ${because}${watched}.`;
  return { node, why: because, findings: [finding('ok', node.name, sentence, null)] };
}

function lasting(ms: number): string {
  return ms < 60_000 ? `${Math.ceil(ms / 1_000)} s` : `${Math.round(ms / 60_000)} min`;
}

/** A cold boot is proved by the canary alone: the others restart as they were asked to, and quicker. */
export function canaryManner(
  manner: Manner,
  policy: Policy,
  asked: Manner['rebootMode'] | undefined,
): Manner {
  const own = policy.canary?.rebootMode;
  return own === undefined || asked !== undefined ? manner : { ...manner, rebootMode: own };
}

function finding(level: Finding['level'], subject: string, sentence: string, advice: string | null): Finding {
  return { check: CHECK, level, subject, sentence, advice };
}
