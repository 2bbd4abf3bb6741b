// May these nodes be away at the same time? Judged before nodes are put into one batch, and again before each of them is touched.
import type { EstateSubject } from '../cluster/estate/estate.ts';
import type { NodeDetail } from '../cluster/estate/platform.ts';
import type { Snapshot } from '../cluster/snapshot.ts';

/** Why `next` may not be away together with the others; null when it may. Completes "w-2: …". */
export type Apart = (others: readonly string[], next: string) => string | null;

/** Prepared once per snapshot, because it is asked for every pair of nodes and more. */
export type Companion = (snapshot: Snapshot) => Apart;

/** What is asked of Kubernetes for it. */
export const TOGETHER_ASKS: readonly EstateSubject[] = ['nodes', 'pods', 'budgets', 'longhorn'];

/** True for a node that is a place for pods that were drained elsewhere. */
export function takesPods({ schedulable, ready, taints }: NodeDetail): boolean {
  return schedulable && ready && taints.length === 0;
}

/**
 * Nodes of one batch come from one zone, and never are all that the zone has. What is spread over zones survives the loss of one of
 * them, so two nodes of one zone cost no more than one; two zones at once are what it is not made for (Rook lets one failure domain
 * go at a time, kubernetes.md 3.6). Nodes without a zone are in none, and nothing is known that keeps them apart.
 */
export const zonesTogether: Companion = ({ estate }) => {
  const nodes = estate?.nodes;
  if (nodes?.kind !== 'said') return () => 'nobody tells in which zones nodes are';
  const zones = new Map(nodes.value.map(({ name, zone }) => [name, zone]));
  const members = Map.groupBy(nodes.value.filter(takesPods), ({ zone }) => zone);
  return (others, next) => {
    const zone = zones.get(next) ?? null;
    const stranger = others.find((node) => (zones.get(node) ?? null) !== zone);
    if (stranger !== undefined)
      return `it is in ${zoneText(zone)}, and ${stranger} in ${zoneText(zones.get(stranger) ?? null)}`;
    if (zone === null || others.length === 0) return null;
    const left = (members.get(zone) ?? []).filter(({ name }) => name !== next && !others.includes(name));
    return left.length > 0 ? null : `zone ${zone} would have no node left`;
  };
};

function zoneText(zone: string | null): string {
  return zone === null ? 'no zone' : `zone ${zone}`;
}
