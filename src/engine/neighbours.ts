// Asks whom a policy may choose to suspend: only those it speaks of at all.

import type { Answer } from '../cluster/answer.ts';
import { choosesAny, type NeighbourSeen } from '../cluster/neighbour.ts';
import { answer } from './patience.ts';
import type { ClusterWork } from './work.ts';

/** Null when the policy chooses nobody; what does not answer is silent. Never rejects. */
export async function neighboursSeen({
  policy,
  neighbours,
}: ClusterWork): Promise<Answer<readonly NeighbourSeen[]> | null> {
  const { neighbours: chosen } = policy;
  if (chosen === undefined || !choosesAny(chosen)) return null;
  if (neighbours === undefined) return { kind: 'silent', why: 'Kubernetes is not asked about them here.' };
  const nobody = Promise.resolve<readonly NeighbourSeen[]>([]);
  const [flux, argo] = await Promise.all([
    answer(chosen.flux.length === 0 ? nobody : neighbours.flux()),
    answer(chosen.argo.length === 0 ? nobody : neighbours.argo()),
  ]);
  if (flux.kind === 'silent') return flux;
  return argo.kind === 'silent' ? argo : { kind: 'said', value: [...flux.value, ...argo.value] };
}
