// What a drain waits for, in a sentence for the card: budgets first, then what Kubernetes keeps, then pods that take their time.
import { listed } from '../../cluster/listed.ts';
import type { PodSeen } from '../ports/workloads.ts';
import type { Comebacks } from './comebacks.ts';
import type { Deletions } from './deletions.ts';
import type { Evictions } from './evictions.ts';

/** Pods and volumes named in one sentence. */
const MOST_NAMED = 3;

export function some(names: readonly string[]): string {
  return listed(names, MOST_NAMED);
}

export interface Waited {
  readonly leaving: readonly PodSeen[];
  /** Gone, and likely to come back. */
  readonly absent: readonly PodSeen[];
}

export interface Told {
  readonly evictions: Evictions;
  readonly comebacks: Comebacks;
  readonly deletions: Deletions;
}

/** Completes "waiting for …". */
export function waitingFor(
  { leaving: pods, absent }: Waited,
  { evictions, comebacks, deletions }: Told,
): string {
  if (pods.length === 0) return `${some(absent.map(named))} to stay away`;
  const held = pods.flatMap((pod) => {
    const standing = pod.deletingAt === null ? evictions.standing(pod.uid) : null;
    return standing === null ? [] : [{ standing, text: `${named(pod)} (${standing.why})` }];
  });
  const budgets = held.filter(({ standing }) => standing.cause === 'budget');
  if (budgets.length > 0) return `a disruption budget to let go of ${some(budgets.map(({ text }) => text))}`;
  if (held.length > 0) return `Kubernetes to let go of ${some(held.map(({ text }) => text))}`;
  const count = `${pods.length} pod${pods.length === 1 ? '' : 's'} to stop`;
  return `${count}: ${some(pods.map((pod) => `${named(pod)}${graceClause(pod, deletions)}${returnClause(comebacks.returns(pod))}`))}`;
}

function named({ namespace, name }: PodSeen): string {
  return `${namespace}/${name}`;
}

/** One that is slow has time until its grace is over; after that it is stuck. */
function graceClause(pod: PodSeen, deletions: Deletions): string {
  const { finalizers } = pod;
  const overdueMs = deletions.overdueMs(pod);
  if (overdueMs === null) return '';
  if (overdueMs < 0) return ` (it may take another ${Math.ceil(-overdueMs / 1_000)} s)`;
  const held = finalizers.length === 0 ? '' : `, held by its finalizers ${finalizers.join(', ')}`;
  return ` (its time is over since ${Math.floor(overdueMs / 1_000)} s${held})`;
}

function returnClause(times: number): string {
  return times === 0 ? '' : ` (it came back ${times === 1 ? 'once' : `${times} times`})`;
}
