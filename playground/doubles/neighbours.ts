// The port Neighbours over the simulated Flux and Argo CD objects, without HTTP: held to the real adapter by test/contracts.
import type { Neighbour, NeighbourKind, NeighbourSeen } from '../../src/cluster/neighbour.ts';
import { neighbourText } from '../../src/cluster/neighbour.ts';
import { Fault } from '../../src/engine/ports/fault.ts';
import type { May } from '../../src/engine/ports/machines.ts';
import type { Neighbours } from '../../src/engine/ports/neighbours.ts';
import { FIELD_MANAGER } from '../../src/kubernetes/connection.ts';
import { nameOf } from '../../src/kubernetes/estate/plain.ts';
import { withheld } from '../../src/kubernetes/fault.ts';
import {
  appliedBy,
  decideOutdate,
  decideResume,
  decideSuspend,
  isSuspended,
  labelsOf,
  OUTDATING,
  type SuspensionDecision,
} from '../../src/kubernetes/suspension.ts';
import { GITOPS } from '../world/kubernetes/gitops.ts';
import type { KubernetesObjects } from '../world/kubernetes/kubernetes-objects.ts';
import { isJsonObject, type JsonObject } from '../world/kubernetes/patch.ts';
import { asJson, mustBeUp } from './shelved.ts';

/** Every act has its whole effect before its promise is returned: whoever crashes then crashes after it. */
export function simulatedNeighbours(objects: KubernetesObjects): Neighbours {
  const { shelf } = objects;
  const served = (kind: NeighbourKind): boolean => {
    const { group, version, plural } = GITOPS[kind];
    return shelf.kindOf(group, version, plural) !== null;
  };
  const list = (kind: NeighbourKind): readonly NeighbourSeen[] => {
    mustBeUp(objects, `to list ${GITOPS[kind].plural}.${GITOPS[kind].group}`);
    if (!served(kind)) return [];
    const answer = shelf.list(GITOPS[kind], {});
    const items = answer.kind === 'object' ? answer.object['items'] : [];
    return (Array.isArray(items) ? items.filter(isJsonObject) : []).map((one) => seen(one, kind));
  };
  const changed = <T>(
    { kind, namespace, name }: Neighbour,
    decide: (object: JsonObject) => SuspensionDecision<T>,
    { doing, may }: { readonly doing: string; readonly may: May | undefined },
  ): T | null => {
    mustBeUp(objects, doing);
    if (!served(kind))
      throw new Fault('busy', `Kubernetes does not serve ${GITOPS[kind].plural} now.`, { code: '404' });
    const found = shelf.get(GITOPS[kind], namespace, name);
    if (found.kind === 'refused') return null;
    const decision = decide(found.object);
    if (decision.kind === 'patch' && may?.() === false) throw withheld({ kind: 'write', doing });
    if (decision.kind === 'patch')
      shelf.patch(GITOPS[kind], { namespace, name, manager: FIELD_MANAGER }, asJson(decision.body));
    return decision.answer;
  };
  return {
    flux: async () => [...list('Kustomization'), ...list('HelmRelease')],
    argo: async () => list('Application'),
    suspend: async (neighbour, mark, { may } = {}) =>
      changed(neighbour, (object) => decideSuspend(object, neighbour.kind, mark), {
        doing: `to suspend ${neighbourText(neighbour)}`,
        may,
      }) ?? { found: 'gone' },
    resume: async (neighbour, mark, { may, unseen = false } = {}) => {
      const act = { doing: `to resume ${neighbourText(neighbour)}`, may };
      for (const value of unseen ? OUTDATING : [])
        changed(neighbour, (object) => decideOutdate(object, neighbour.kind, value), act);
      return (
        changed(neighbour, (object) => decideResume(object, neighbour.kind, mark), act) ?? {
          restored: 'gone',
        }
      );
    },
  };
}

function seen(object: JsonObject, kind: NeighbourKind): NeighbourSeen {
  return {
    kind,
    ...nameOf(object),
    labels: labelsOf(object),
    suspended: isSuspended(object, kind),
    appliedBy: appliedBy(object),
  };
}
