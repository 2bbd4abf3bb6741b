// What the eviction sub-resource answers, in the order in which the real server decides (kubernetes.md 2.3).
import { budgetsOf, isHealthy } from './budget.ts';
import { type BudgetObject, isTrue, type PodObject } from './objects.ts';
import { conflict, failure, type StatusBody } from './statuses.ts';

export interface EvictionRequest {
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly graceSeconds?: number;
  readonly dryRun: boolean;
}

/** The 409 for a precondition that names another pod than the stored one, or null. */
export function preconditionFailure(pod: PodObject, request: EvictionRequest): StatusBody | null {
  const { uid, resourceVersion } = pod.metadata;
  if (request.uid !== undefined && request.uid !== uid) {
    const why = `Precondition failed: UID in precondition: ${request.uid}, UID in object meta: ${uid}`;
    return conflict('pods', pod.metadata.name, why);
  }
  if (request.resourceVersion !== undefined && request.resourceVersion !== resourceVersion) {
    const why = `Precondition failed: ResourceVersion in precondition: ${request.resourceVersion}, ResourceVersion in object meta: ${resourceVersion}`;
    return conflict('pods', pod.metadata.name, why);
  }
  return null;
}

/** The 403 of a namespace that is being deleted. */
export function namespaceTerminating(pod: string, namespace: string): StatusBody {
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const cause = {
    reason: 'NamespaceTerminating',
    message: `namespace ${namespace} is being terminated`,
    field: 'metadata.namespace',
  };
  return failure(403, 'Forbidden', `pods "${pod}" is forbidden: ${why}`, {
    name: pod,
    kind: 'pods',
    causes: [cause],
  });
}

/** Seconds that the real server asks for while its controller has not counted yet. */
const UNCOUNTED_SECONDS = 10;

function budgetRefusal(budget: BudgetObject): StatusBody {
  const { name } = budget.metadata;
  if (budget.status.observedGeneration < (budget.metadata.generation ?? 1)) {
    const message = `The disruption budget ${name} is still being processed by the server.`;
    const causes = [{ reason: 'DisruptionBudget', message }];
    return failure(
      429,
      'TooManyRequests',
      "Cannot evict pod as it would violate the pod's disruption budget.",
      { causes, retryAfterSeconds: UNCOUNTED_SECONDS },
    );
  }
  const { desiredHealthy, currentHealthy } = budget.status;
  const message = `The disruption budget ${name} needs ${desiredHealthy} healthy pods and has ${currentHealthy} currently`;
  return failure(
    429,
    'TooManyRequests',
    "Cannot evict pod as it would violate the pod's disruption budget.",
    {
      causes: [{ reason: 'DisruptionBudget', message }],
    },
  );
}

/** Finished, pending and terminating pods are nobody's disruption. */
function budgetsDoNotCount(pod: PodObject): boolean {
  return pod.metadata.deletionTimestamp !== undefined || pod.status.phase !== 'Running';
}

function unhealthyMayGo(pod: PodObject, budget: BudgetObject): boolean {
  if (isHealthy(pod) || isTrue(pod.status.conditions, 'Ready')) return false;
  if (budget.spec.unhealthyPodEvictionPolicy === 'AlwaysAllow') return true;
  const { currentHealthy, desiredHealthy } = budget.status;
  return desiredHealthy > 0 && currentHealthy >= desiredHealthy;
}

/** The Status that the budgets answer with, or null when the pod may go. */
export function budgetVerdict(pod: PodObject, budgets: readonly BudgetObject[]): StatusBody | null {
  if (budgetsDoNotCount(pod)) return null;
  const [budget, second] = budgetsOf(pod, budgets);
  if (budget === undefined) return null;
  if (second !== undefined) {
    // The real server names no reason here.
    const why =
      'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.';
    return failure(500, '', why);
  }
  if (unhealthyMayGo(pod, budget) || budget.status.disruptionsAllowed > 0) return null;
  return budgetRefusal(budget);
}
