// Which pods a label selector chooses, by the rules of Kubernetes.
import type { BudgetView, LabelSelector, PodView } from './pods.ts';

/** An operator that Kubernetes does not know selects nothing: its API would have refused it. */
export function selects(selector: LabelSelector, labels: Readonly<Record<string, string>>): boolean {
  const equal = Object.entries(selector.matchLabels).every(([key, value]) => labels[key] === value);
  return (
    equal &&
    selector.matchExpressions.every(({ key, operator, values }) => {
      const label = labels[key];
      switch (operator) {
        case 'In':
          return label !== undefined && values.includes(label);
        case 'NotIn':
          return label === undefined || !values.includes(label);
        case 'Exists':
          return label !== undefined;
        case 'DoesNotExist':
          return label === undefined;
        default:
          return false;
      }
    })
  );
}

/** The budgets of each pod, asked one namespace at a time: budgets never reach beyond their own. */
export function budgetsByPod(
  pods: readonly PodView[],
  budgets: readonly BudgetView[],
): ReadonlyMap<PodView, readonly BudgetView[]> {
  const byNamespace = Map.groupBy(budgets, (budget) => budget.namespace);
  const covered = new Map<PodView, readonly BudgetView[]>();
  for (const pod of pods) {
    const mine = (byNamespace.get(pod.namespace) ?? []).filter(
      ({ selector }) => selector !== null && selects(selector, pod.labels),
    );
    if (mine.length > 0) covered.set(pod, mine);
  }
  return covered;
}
