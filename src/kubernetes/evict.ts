// Asks for an eviction and reads the answer as kubernetes.md 2.3 does.
import { Fault } from '../engine/ports/fault.ts';
import type { EvictAnswer, PodSeen } from '../engine/ports/workloads.ts';
import { FIELD_MANAGER, type KubernetesConnection } from './connection.ts';
import { type KubernetesStatus, statusOf } from './status.ts';

function causeOf(status: KubernetesStatus, reason: string): string | null {
  const cause = status.causes.find((one) => one.reason === reason);
  if (cause === undefined) return null;
  return cause.message === '' ? status.message : cause.message;
}

type Blocked = Extract<EvictAnswer, { kind: 'blocked' }>;

function blocked(cause: Blocked['cause'], why: string, status: KubernetesStatus): EvictAnswer {
  return { kind: 'blocked', cause, why, retryAfterMs: status.retryAfterMs ?? 0 };
}

function refused(why: string): EvictAnswer {
  return { kind: 'refused', cause: 'refused', why };
}

/** A webhook chooses the code of its refusal itself, and a policy of the cluster does; these words stand before its own whichever it is. */
const WEBHOOK_SAID_NO =
  /admission webhook ".*" denied the request|ValidatingAdmissionPolicy '.*' denied request/;
/** One that does not answer, and lets nothing through then. */
const WEBHOOK_IS_AWAY = /failed calling webhook/;

/** What a refusing Status means, `look` when only the pod itself can tell, or null when it is a failure of the API. */
function meaningOf(status: KubernetesStatus): EvictAnswer | 'look' | null {
  if (WEBHOOK_SAID_NO.test(status.message) || WEBHOOK_IS_AWAY.test(status.message))
    // With the code of "not now" it took notice: KubeVirt moves the machine of a pod so, and to evict it would stop the machine.
    return status.code === 429 ? blocked('webhook', status.message, status) : refused(status.message);
  switch (status.code) {
    case 429: {
      const budget = causeOf(status, 'DisruptionBudget');
      // Without the budget as its cause it is the API server that protects itself.
      if (budget === null) return blocked('busy', 'the Kubernetes API asks us to slow down', status);
      return blocked('budget', budget, status);
    }
    case 500:
      return /more than one PodDisruptionBudget/i.test(status.message)
        ? { kind: 'refused', cause: 'budgets', why: status.message }
        : null;
    case 403: {
      const terminating = causeOf(status, 'NamespaceTerminating');
      // The namespace's own deletion takes the pod away; there is nothing to put right.
      return terminating === null ? refused(status.message) : blocked('namespace', terminating, status);
    }
    case 404:
    case 409:
      return 'look';
    case 400:
    case 405:
    case 422:
      return refused(status.message);
    default:
      return null;
  }
}

/** True when the pod with this uid is no more. Throws Fault. */
export async function isGone(connection: KubernetesConnection, pod: PodSeen): Promise<boolean> {
  const { namespace, name } = pod;
  try {
    const found = await connection.read(`to show pod ${namespace}/${name}`, ({ core }) =>
      core.readNamespacedPod({ namespace, name }),
    );
    return found.metadata?.uid !== pod.uid;
  } catch (error) {
    if (error instanceof Fault && error.kind === 'missing') return true;
    throw error;
  }
}

/** Evicts exactly this pod (by uid) with its own grace; in a dry run it is only asked about. Throws Fault when the API itself fails. */
export function evict(
  connection: KubernetesConnection,
  pod: PodSeen,
  { dryRun }: { readonly dryRun: boolean } = { dryRun: false },
): Promise<EvictAnswer> {
  const { namespace, name, uid } = pod;
  const body = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { namespace, name },
    deleteOptions: { preconditions: { uid }, ...(dryRun ? { dryRun: ['All'] } : {}) },
  };
  return answered(connection, pod, () =>
    connection.write(`to evict ${namespace}/${name}`, ({ core }) =>
      core.createNamespacedPodEviction({
        ...{ namespace, name, body, fieldManager: FIELD_MANAGER },
        // Webhooks are told by this one alone, and not by the body, that nothing is to happen (seen in 1.34).
        ...(dryRun ? { dryRun: 'All' } : {}),
      }),
    ),
  );
}

/** Deletes exactly this pod (by uid) with its own grace; no budget is asked. Throws Fault when the API itself fails. */
export function remove(connection: KubernetesConnection, pod: PodSeen): Promise<EvictAnswer> {
  const { namespace, name, uid } = pod;
  return answered(connection, pod, () =>
    connection.write(`to delete ${namespace}/${name}`, ({ core }) =>
      core.deleteNamespacedPod({ namespace, name, body: { preconditions: { uid } } }),
    ),
  );
}

async function answered(
  connection: KubernetesConnection,
  pod: PodSeen,
  ask: () => Promise<unknown>,
): Promise<EvictAnswer> {
  try {
    await ask();
    return { kind: 'accepted' };
  } catch (error) {
    const status = error instanceof Fault ? statusOf(error.cause) : null;
    const meaning = status === null ? null : meaningOf(status);
    if (status === null || meaning === null) throw error;
    if (meaning !== 'look') return meaning;
    if (await isGone(connection, pod)) return { kind: 'gone' };
    // 409: written in between, asking again is right. 404 with the pod there: this API knows no evictions.
    return status.code === 409 ? blocked('busy', status.message, status) : refused(status.message);
  }
}
