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
  const found = new Map([...byNamespace].map(([namespace, mine]) => [namespace, finderOf(mine)]));
  const covered = new Map<PodView, readonly BudgetView[]>();
  for (const pod of pods) {
    const mine = found.get(pod.namespace)?.(pod) ?? [];
    if (mine.length > 0) covered.set(pod, mine);
  }
  return covered;
}

/**
 * Finds the budgets of a pod among those of its namespace. Most choose by a label that must have one value: those are looked up,
 * and only the few that come into question are asked, however many there are.
 */
function finderOf(budgets: readonly BudgetView[]): (pod: PodView) => readonly BudgetView[] {
  const byLabel = new Map<string, BudgetView[]>();
  const others: BudgetView[] = [];
  for (const budget of budgets) {
    const [first] = Object.entries(budget.selector?.matchLabels ?? {});
    const bucket = first === undefined ? others : (byLabel.get(labelKey(...first)) ?? []);
    bucket.push(budget);
    if (first !== undefined) byLabel.set(labelKey(...first), bucket);
  }
  return ({ labels }) => {
    const near = Object.entries(labels).flatMap((label) => byLabel.get(labelKey(...label)) ?? []);
    return [...near, ...others].filter(({ selector }) => selector !== null && selects(selector, labels));
  };
}

function labelKey(key: string, value: string): string {
  return `${key}=${value}`;
}
