// Checks on PodDisruptionBudgets: which will stop a drain, judged by their status before anything is evicted.
import type { BudgetView } from '../cluster/estate/pods.ts';
import { budgetsByPod } from '../cluster/estate/selecting.ts';
import { listed } from '../cluster/listed.ts';
import type { Snapshot } from '../cluster/snapshot.ts';
import { counted, fullName, judged, LET_READ, orWell, type Trouble } from './asked-of-kubernetes.ts';
import { nodesWithoutElsewhere } from './elsewhere.ts';
import type { Finding } from './finding.ts';
import { isDrained, isEvicted } from './pods.ts';
import type { Companion } from './together.ts';

/** Expects every budget to let at least one of its pods go. */
export function budgetsAllow(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'disruption-budgets', subject: 'budgets', what: 'disruption budgets' } as const;
  return judged(about, snapshot, (budgets) => {
    const drained = guardingDrained(snapshot, budgets);
    // Before Kubernetes has counted, the number of pods is 0 and says nothing.
    const guarding = budgets.filter(
      (budget) => (budget.expectedPods > 0 || !budget.observed) && drained(budget),
    );
    const troubles = guarding.flatMap((budget): Trouble[] => {
      const trouble = troubleOf(budget);
      return trouble === null ? [] : [trouble];
    });
    return orWell(troubles, `${counted(guarding.length, 'disruption budget')} let a pod go.`);
  });
}

/** A budget all of whose pods are on nodes that are not drained stops nobody. */
function guardingDrained(
  snapshot: Snapshot,
  budgets: readonly BudgetView[],
): (budget: BudgetView) => boolean {
  const pods = snapshot.estate?.pods;
  const staying = nodesWithoutElsewhere(snapshot);
  if (pods?.kind !== 'said' || staying.size === 0) return () => true;
  const guards = new Set([...budgetsByPod(pods.value.filter(isDrained(snapshot)), budgets).values()].flat());
  return (budget) => guards.has(budget);
}

function troubleOf(budget: BudgetView): Trouble | null {
  const { currentHealthy, desiredHealthy, expectedPods, disruptionsAllowed } = budget;
  const counts = `${currentHealthy} of ${expectedPods} healthy, ${desiredHealthy} wanted`;
  if (!budget.observed) {
    const sentence = `${fullName(budget)} was changed and Kubernetes has not counted its pods yet.`;
    const { namespace, name } = budget;
    const advice = `Ask again in a minute; if it stays so, \`kubectl -n ${namespace} describe pdb ${name}\` shows why they cannot be counted.`;
    return { level: 'unknown', sentence, advice };
  }
  if (disruptionsAllowed > 0) return null;
  if (currentHealthy >= expectedPods) {
    const sentence = `${fullName(budget)} never lets a pod go (${counts}): a drain would wait for ever.`;
    return { level: 'blocker', sentence, advice: 'Allow one unavailable pod, or run one more replica.' };
  }
  const advice = 'Repair its pods first, or the drain will wait for them.';
  if (budget.unhealthyPods === 'always-allow') {
    // A pod that is not ready goes at once then, whatever the figures (kubernetes.md 2.3).
    if (currentHealthy === 0) return null;
    const sentence = `${fullName(budget)} lets no healthy pod go now (${counts}): only its healthy pods would wait.`;
    return { level: 'warning', sentence, advice };
  }
  const stuck = currentHealthy < desiredHealthy;
  const sentence = `${fullName(budget)} lets no pod go now (${counts})${stuck ? ', its unhealthy pods neither' : ''}.`;
  return { level: 'warning', sentence, advice };
}

/**
 * What each budget would lose by several drains at once (kubernetes.md 4.3): the pods of a node are added to those of the others, and
 * more than the budget lets go are too many. One node that has too many by itself only waits for itself.
 */
export const budgetsTogether: Companion = ({ estate }) => {
  const pods = estate?.pods;
  const budgets = estate?.budgets;
  if (pods?.kind !== 'said' || budgets?.kind !== 'said')
    return () => 'nobody tells what disruption budgets allow';
  const losses = new Map<string, Map<BudgetView, number>>();
  // A pod that is only starting may always be evicted, and is in no budget's count.
  const evicted = pods.value.filter((pod) => isEvicted(pod) && pod.phase === 'Running');
  for (const [{ node }, mine] of budgetsByPod(evicted, budgets.value)) {
    const losing = losses.get(node ?? '') ?? new Map<BudgetView, number>();
    for (const budget of mine) losing.set(budget, (losing.get(budget) ?? 0) + 1);
    losses.set(node ?? '', losing);
  }
  return (others, next) => {
    for (const [budget, own] of losses.get(next) ?? []) {
      const theirs = others.reduce((sum, node) => sum + (losses.get(node)?.get(budget) ?? 0), 0);
      if (theirs === 0) continue;
      if (!budget.observed) return `the pods of ${fullName(budget)} were not counted yet`;
      if (own + theirs > budget.disruptionsAllowed)
        return `${fullName(budget)} lets ${counted(budget.disruptionsAllowed, 'pod')} go, and together they have ${own + theirs}`;
    }
    return null;
  };
};

/** Expects at most one budget per pod: with two, Kubernetes refuses every eviction (kubernetes.md 2.3). */
export function budgetsAreSingle(snapshot: Snapshot): readonly Finding[] {
  const about = { check: 'double-budgets', subject: 'budgets', what: 'disruption budgets' } as const;
  const pods = snapshot.estate?.pods;
  return judged(about, snapshot, (budgets) => {
    if (pods?.kind !== 'said') {
      const sentence = 'Nothing is known about the pods of the budgets.';
      return [{ level: 'unknown', sentence, advice: LET_READ }];
    }
    const double = [...budgetsByPod(pods.value.filter(isDrained(snapshot)), budgets)].filter(
      ([, mine]) => mine.length > 1,
    );
    const groups = Map.groupBy(double, ([, mine]) => mine.map(fullName).sort().join(' and '));
    const troubles = [...groups].map(([names, group]): Trouble => {
      const covered = listed(group.map(([pod]) => fullName(pod)));
      const sentence = `${counted(group.length, 'pod')} under two disruption budgets (${names}) cannot be evicted at all: ${covered}.`;
      return { level: 'blocker', sentence, advice: 'Delete one of the budgets, or narrow its selector.' };
    });
    return orWell(troubles, 'No pod is under two disruption budgets.');
  });
}
