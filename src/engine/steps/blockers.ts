// Which of the pods that are still there stay for good, and which only take their time (kubernetes.md 2.3 and 2.5).
import type { BudgetView } from '../../cluster/estate/pods.ts';
import { selects } from '../../cluster/estate/selecting.ts';
import type { Blocker, BudgetCounts } from '../../rollout/blockade.ts';
import type { PodSeen } from '../ports/workloads.ts';
import type { Standing } from './evictions.ts';

/** What is known of the pods that a drain still waits for. */
export interface DrainView {
  readonly pods: readonly PodSeen[];
  readonly standing: (uid: string) => Standing | null;
  /** Of the namespaces of these pods; fewer when they could not be read. */
  readonly budgets: readonly BudgetView[];
  /** Whether its owner puts it on the node again and again. */
  readonly returns: (pod: PodSeen) => boolean;
  /** False when its kubelet does not report to Kubernetes; null when nobody asked. */
  readonly nodeReady: boolean | null;
  /** False when somebody uncordoned it; null when nobody asked. */
  readonly cordoned: boolean | null;
  /** Milliseconds since the grace of one that is being deleted was over, below 0 before; null for every other. */
  readonly overdueMs: (pod: PodSeen) => number | null;
  /** Milliseconds after the end of its grace from which a pod counts as stuck, and not as slow. */
  readonly marginMs: number;
  /** Nothing has moved for so long that waiting alone is not going to help. */
  readonly quiet: boolean;
  /** And for so long that even a virtual machine would have moved. */
  readonly long: boolean;
}

/** Null while it is too early to say; empty when everything that is left is on its way. */
export function blockersAmong(view: DrainView): readonly Blocker[] | null {
  const found = view.pods.flatMap((pod) => {
    const cause = causeFor(pod, view);
    return cause === null ? [] : [blockerOf(pod, cause, view)];
  });
  if (found.length > 0) return found;
  const undecided = view.pods.some(
    ({ uid, deletingAt }) => deletingAt === null && view.standing(uid) !== null,
  );
  return undecided ? null : [];
}

/** True for one that is being deleted and whose time, grace included, is over. */
export function isOverdue(
  pod: PodSeen,
  { overdueMs, marginMs }: Pick<DrainView, 'overdueMs' | 'marginMs'>,
): boolean {
  const ms = overdueMs(pod);
  return ms !== null && ms >= marginMs;
}

export function budgetsOn(
  { namespace, labels }: PodSeen,
  budgets: readonly BudgetView[],
): readonly BudgetView[] {
  return budgets.filter(
    ({ namespace: own, selector }) => own === namespace && selector !== null && selects(selector, labels),
  );
}

function causeFor(pod: PodSeen, view: DrainView): Blocker['cause'] | null {
  if (isOverdue(pod, view)) return 'stuck';
  // Also while this one goes: the next one is as good as there.
  if (view.returns(pod)) return 'comes-back';
  if (pod.deletingAt !== null) return null;
  const cause = view.standing(pod.uid)?.cause;
  switch (cause) {
    case 'budgets':
    case 'refused':
      return cause;
    case 'namespace':
      return view.quiet ? cause : null;
    case 'budget': {
      // One that was just changed is counted in a moment; one that never is (its owner has no scale) is held back for good.
      const lets = budgetsOn(pod, view.budgets).some(
        ({ disruptionsAllowed, observed }) => disruptionsAllowed > 0 || (!observed && !view.long),
      );
      return view.quiet && !lets ? cause : null;
    }
    case 'webhook':
    // Time after time, while everything else is answered: a webhook that takes longer than it may.
    case 'silent':
      return view.long ? 'refused' : null;
    case 'busy':
    case undefined:
      return null;
  }
}

function blockerOf(pod: PodSeen, cause: Blocker['cause'], view: DrainView): Blocker {
  const { namespace, name, uid, workload } = pod;
  const guarded = cause === 'budget' || cause === 'budgets';
  return {
    ...{ namespace, name, uid, workload, cause },
    why: whyOf(pod, cause, view),
    budgets: guarded ? budgetsOn(pod, view.budgets).map(countsOf) : [],
    loses: [
      ...(pod.emptyDir ? (['empty-dir'] as const) : []),
      ...(pod.ownerKind === null ? (['itself'] as const) : []),
    ],
  };
}

function whyOf(pod: PodSeen, cause: Blocker['cause'], view: DrainView): string {
  if (cause === 'stuck') return stuckClause(pod, view);
  if (cause === 'comes-back') return returnClause(pod, view);
  return view.standing(pod.uid)?.why ?? '';
}

function countsOf({ name, ...counts }: BudgetView): BudgetCounts {
  const { disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods } = counts;
  return { name, disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods };
}

/** Whoever set a finalizer takes it off again; it is never stripped here. */
function stuckClause({ finalizers, node }: PodSeen, { nodeReady }: DrainView): string {
  if (finalizers.length > 0) return `its finalizers still stand: ${finalizers.join(', ')}`;
  if (nodeReady === false)
    return `the kubelet of ${node} does not report to Kubernetes, so nobody can say that it has stopped`;
  return `the kubelet of ${node} has not removed it: a volume that cannot be unmounted, or a process that cannot be killed`;
}

/** The scheduler keeps everything else away from a cordoned node, so whoever put it there did not ask the scheduler. */
function returnClause({ node, toleratesCordon }: PodSeen, { cordoned }: DrainView): string {
  if (cordoned === false) return `${node} is not cordoned any more, so pods are placed there again`;
  return toleratesCordon
    ? `it tolerates the cordon, so its owner may put it on ${node} again`
    : `it is pinned to ${node} by name, so no cordon keeps it away`;
}
