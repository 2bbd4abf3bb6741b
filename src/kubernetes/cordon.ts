// Cordons a node under a rollout's mark and restores it as it was found.
import type { V1Node } from '@kubernetes/client-node';
import { Fault } from '../engine/ports/fault.ts';
import type { CordonFound } from '../engine/ports/workloads.ts';
import type { KubernetesConnection } from './connection.ts';
import {
  cordonedByAnnotation,
  cordonMark,
  isUnschedulable,
  wasUnschedulableAnnotation,
} from './node-view.ts';
import { statusOf } from './status.ts';

/**
 * Kubelets and controllers write Nodes every few seconds, so a version may go stale between read and patch. Stale five times in
 * a row means that somebody fights over the node.
 */
const CONFLICT_TRIES = 5;

type Decision<T> =
  | { readonly kind: 'done'; readonly answer: T }
  | { readonly kind: 'patch'; readonly body: object; readonly answer: T };

interface NodeChange<T> {
  readonly doing: string;
  readonly node: string;
  readonly decide: (node: V1Node) => Decision<T>;
}

/** Read, decide, patch under the version that was read; a conflict reads again. */
async function change<T>(
  connection: KubernetesConnection,
  { doing, node, decide }: NodeChange<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await connection.read(doing, ({ core }) => core.readNode({ name: node }));
    const decision = decide(found);
    if (decision.kind === 'done') return decision.answer;
    try {
      await connection.write(doing, ({ patchNode }) => patchNode(node, decision.body));
      return decision.answer;
    } catch (error) {
      const conflict = error instanceof Fault && error.code === '409';
      if (!conflict || attempt >= CONFLICT_TRIES) throw error;
    }
  }
}

function patchOf(node: V1Node, unschedulable: true | null | undefined, annotations: object): object {
  return {
    metadata: { resourceVersion: node.metadata?.resourceVersion, annotations },
    ...(unschedulable === undefined ? {} : { spec: { unschedulable } }),
  };
}

function decideCordon(node: V1Node, mark: string): Decision<{ readonly found: CordonFound }> {
  const owner = cordonMark(node);
  const cordoned = isUnschedulable(node);
  if (owner === mark) {
    const was = node.metadata?.annotations?.[wasUnschedulableAnnotation] === 'true';
    const answer = { found: was ? 'cordoned' : 'schedulable' } as const;
    // Somebody uncordoned it under our mark: the node has to be out of service again, the record stays.
    return cordoned ? { kind: 'done', answer } : { kind: 'patch', answer, body: patchOf(node, true, {}) };
  }
  const answer = { found: cordoned ? 'cordoned' : 'schedulable' } as const;
  // Another rollout holds this cordon and owes its removal: taking its mark would take its debt.
  if (owner !== null && cordoned) return { kind: 'done', answer };
  const annotations = { [cordonedByAnnotation]: mark, [wasUnschedulableAnnotation]: String(cordoned) };
  return { kind: 'patch', answer, body: patchOf(node, true, annotations) };
}

function decideUncordon(
  node: V1Node,
  mark: string,
): Decision<{ readonly restored: CordonFound | 'not-ours' }> {
  if (cordonMark(node) !== mark) return { kind: 'done', answer: { restored: 'not-ours' } };
  const annotations = { [cordonedByAnnotation]: null, [wasUnschedulableAnnotation]: null };
  const was = node.metadata?.annotations?.[wasUnschedulableAnnotation] === 'true';
  // Found cordoned, so it stays as it is now; also when a person uncordoned it meanwhile.
  if (was) {
    const answer = { restored: isUnschedulable(node) ? 'cordoned' : 'schedulable' } as const;
    return { kind: 'patch', answer, body: patchOf(node, undefined, annotations) };
  }
  return { kind: 'patch', answer: { restored: 'schedulable' }, body: patchOf(node, null, annotations) };
}

/** See Workloads.cordon. Under another rollout's cordon nothing is written and the node counts as found cordoned. */
export function cordon(
  connection: KubernetesConnection,
  node: string,
  mark: string,
): Promise<{ readonly found: CordonFound }> {
  return change(connection, {
    doing: `to cordon ${node}`,
    node,
    decide: (found) => decideCordon(found, mark),
  });
}

/** See Workloads.uncordon. A node that is no more needs nothing put back. */
export async function uncordon(
  connection: KubernetesConnection,
  node: string,
  mark: string,
): Promise<{ readonly restored: CordonFound | 'not-ours' }> {
  try {
    const doing = `to uncordon ${node}`;
    return await change(connection, { doing, node, decide: (found) => decideUncordon(found, mark) });
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'missing') throw error;
    const about = statusOf(error.cause)?.about;
    if (about?.plural === 'nodes' && about.name === node) return { restored: 'not-ours' };
    // Only an answer that names this node says that it is no more: any other 404 comes from something in between, and the cordon is owed.
    throw new Fault('busy', error.message, { code: error.code, cause: error });
  }
}
