// Disruption budgets: their computed status, and which of them speak about a pod.
import { type BudgetObject, isTrue, type PodObject, timeText, withCondition } from './objects.ts';
import { hasLabels } from './selectors.ts';

/** A number, or a percentage of the expected pods rounded up, as the disruption controller does. */
function countOf(value: number | string, expectedPods: number): number {
  if (typeof value === 'number') return value;
  return Math.ceil((Number.parseFloat(value) / 100) * expectedPods);
}

function desiredHealthy(spec: BudgetObject['spec'], expectedPods: number): number {
  if (spec.minAvailable !== undefined) return countOf(spec.minAvailable, expectedPods);
  return Math.max(0, expectedPods - countOf(spec.maxUnavailable ?? 1, expectedPods));
}

/** The budgets whose selector matches the pod. */
export function budgetsOf(pod: PodObject, budgets: readonly BudgetObject[]): readonly BudgetObject[] {
  return budgets.filter(
    (budget) =>
      budget.metadata.namespace === pod.metadata.namespace &&
      hasLabels(pod.metadata.labels, budget.spec.selector.matchLabels),
  );
}

/** A pod counts as healthy when it is Ready and nobody is deleting it. */
export function isHealthy(pod: PodObject): boolean {
  return pod.metadata.deletionTimestamp === undefined && isTrue(pod.status.conditions, 'Ready');
}

export interface BudgetFigures {
  readonly pods: readonly PodObject[];
  /** The sum of the replicas of the workloads behind the matching pods. */
  readonly expectedPods: number;
  readonly nowMs: number;
}

/** The budget with its status computed anew. */
export function withStatus(budget: BudgetObject, { pods, expectedPods, nowMs }: BudgetFigures): BudgetObject {
  const matching = pods.filter((pod) => budgetsOf(pod, [budget]).length > 0);
  const currentHealthy = matching.filter(isHealthy).length;
  const desired = desiredHealthy(budget.spec, expectedPods);
  const disruptionsAllowed = expectedPods === 0 ? 0 : Math.max(0, currentHealthy - desired);
  const observedGeneration = budget.metadata.generation ?? 1;
  const conditions = withCondition(budget.status.conditions, {
    type: 'DisruptionAllowed',
    status: disruptionsAllowed > 0 ? 'True' : 'False',
    reason: disruptionsAllowed > 0 ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    lastTransitionTime: timeText(nowMs),
    observedGeneration,
  });
  return {
    ...budget,
    status: {
      observedGeneration,
      disruptionsAllowed,
      currentHealthy,
      desiredHealthy: desired,
      expectedPods,
      conditions,
    },
  };
}

/** True when the two statuses say the same, so that writing the second would only make noise. */
export function sameStatus(left: BudgetObject, right: BudgetObject): boolean {
  const figures = ({ status }: BudgetObject): string =>
    [
      status.disruptionsAllowed,
      status.currentHealthy,
      status.desiredHealthy,
      status.expectedPods,
      status.observedGeneration,
    ].join();
  return figures(left) === figures(right);
}
