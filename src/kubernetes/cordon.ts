// Cordons a node under a rollout's mark and restores it as it was found.
import type { V1Node } from '@kubernetes/client-node';
import { Fault } from '../engine/ports/fault.ts';
import type { May } from '../engine/ports/machines.ts';
import type { Cordoned, CordonFound, CordonOptions, RestoreOptions } from '../engine/ports/workloads.ts';
import type { KubernetesConnection } from './connection.ts';
import { nullWhenAnsweredNo } from './fault.ts';
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

/** Which node, and under whose mark. */
interface Marked {
  readonly node: string;
  readonly mark: string;
}

type Decision<T> =
  | { readonly kind: 'done'; readonly answer: T }
  | { readonly kind: 'patch'; readonly body: object; readonly answer: T };

interface NodeAct {
  readonly doing: string;
  readonly node: string;
  readonly may: May | undefined;
}

interface NodeChange<T> extends NodeAct {
  readonly decide: (node: V1Node) => Decision<T>;
}

/** Read, decide, patch under the version that was read; a conflict reads again. Who may not act any more patches nothing. */
async function change<T>(
  connection: KubernetesConnection,
  { doing, node, may, decide }: NodeChange<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const found = await connection.read(doing, ({ core }) => core.readNode({ name: node }));
    const decision = decide(found);
    if (decision.kind === 'done') return decision.answer;
    try {
      await connection.write(doing, ({ patchNode }) => patchNode(node, decision.body), may);
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

function asFound(cordoned: boolean): CordonFound {
  return cordoned ? 'cordoned' : 'schedulable';
}

/** What our mark says of how the node was found. */
function recordOn(node: V1Node): CordonFound {
  return asFound(node.metadata?.annotations?.[wasUnschedulableAnnotation] === 'true');
}

/** `first` is what the journal knows: a Node that was made anew, or lost its annotations, shows only what became of it since. */
function decideCordon(node: V1Node, mark: string, first: CordonFound | undefined): Decision<Cordoned> {
  const owner = cordonMark(node);
  const cordoned = isUnschedulable(node);
  const found = first ?? (owner === mark ? recordOn(node) : asFound(cordoned));
  // Another rollout holds this cordon and owes its removal: taking its mark would take its debt.
  if (owner !== null && owner !== mark && cordoned) return { kind: 'done', answer: { found, by: owner } };
  const answer = { found };
  const recorded = owner === mark && recordOn(node) === found;
  if (recorded && cordoned) return { kind: 'done', answer };
  const record = { [cordonedByAnnotation]: mark, [wasUnschedulableAnnotation]: String(found === 'cordoned') };
  // Somebody uncordoned it under our mark: the node has to be out of service again, the record stays.
  return { kind: 'patch', answer, body: patchOf(node, true, recorded ? {} : record) };
}

function decideUncordon(
  node: V1Node,
  mark: string,
): Decision<{ readonly restored: CordonFound | 'not-ours' }> {
  if (cordonMark(node) !== mark) return { kind: 'done', answer: { restored: 'not-ours' } };
  const annotations = { [cordonedByAnnotation]: null, [wasUnschedulableAnnotation]: null };
  // Found cordoned, so it stays as it is now; also when a person uncordoned it meanwhile.
  if (recordOn(node) === 'cordoned') {
    const answer = { restored: asFound(isUnschedulable(node)) };
    return { kind: 'patch', answer, body: patchOf(node, undefined, annotations) };
  }
  return { kind: 'patch', answer: { restored: 'schedulable' }, body: patchOf(node, null, annotations) };
}

/** See Workloads.cordon. Under another rollout's cordon nothing is written and the node counts as found cordoned. */
export function cordon(
  connection: KubernetesConnection,
  { node, mark, may, first }: CordonOptions & Marked,
): Promise<Cordoned> {
  return change(connection, {
    doing: `to cordon ${node}`,
    node,
    may,
    decide: (found) => decideCordon(found, mark, first),
  });
}

/**
 * A patch that cordons may be on its way although nobody waits for it any more, and it fits for as long as nobody writes the node. Two
 * writes that leave nothing behind make it a conflict; a node with a mark was written since, or is about to be.
 */
async function outdateCordon(connection: KubernetesConnection, act: NodeAct): Promise<void> {
  for (const value of ['true', null]) {
    const decide = (node: V1Node): Decision<null> =>
      cordonMark(node) === null
        ? {
            kind: 'patch',
            answer: null,
            body: patchOf(node, undefined, { [wasUnschedulableAnnotation]: value }),
          }
        : { kind: 'done', answer: null };
    await change(connection, { ...act, decide });
  }
}

/** See Workloads.uncordon. A node that is no more needs nothing put back. */
export async function uncordon(
  connection: KubernetesConnection,
  { node, mark, may, unseen = false }: RestoreOptions & Marked,
): Promise<{ readonly restored: CordonFound | 'not-ours' }> {
  const act = { doing: `to uncordon ${node}`, node, may };
  try {
    if (unseen) await outdateCordon(connection, act).catch(nullWhenAnsweredNo);
    return await change(connection, { ...act, decide: (found) => decideUncordon(found, mark) });
  } catch (error) {
    if (!(error instanceof Fault) || error.kind !== 'missing') throw error;
    const about = statusOf(error.cause)?.about;
    if (about?.plural === 'nodes' && about.name === node) return { restored: 'not-ours' };
    // Only an answer that names this node says that it is no more: any other 404 comes from something in between, and the cordon is owed.
    throw new Fault('busy', error.message, { code: error.code, cause: error });
  }
}
