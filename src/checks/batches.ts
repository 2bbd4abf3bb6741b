// The check on nodes that are about to be away at the same time: budgets, room, zones and copies of data, judged as one departure.
import type { Snapshot } from '../cluster/snapshot.ts';
import { found } from './asked-of-kubernetes.ts';
import { budgetsTogether } from './budgets.ts';
import { roomTogether } from './capacity.ts';
import type { Finding } from './finding.ts';
import { copiesApart } from './storage.ts';
import { type Apart, type Companion, zonesTogether } from './together.ts';

export const BATCHES = 'batches';

const RULES: readonly Companion[] = [zonesTogether, budgetsTogether, roomTogether, copiesApart];

/** Where nobody was asked about anything (no Kubernetes is configured), only their number counts. */
export function companions(snapshot: Snapshot): Apart {
  if (snapshot.estate === null) return () => null;
  const rules = RULES.map((rule) => rule(snapshot));
  return (others, next) => {
    if (others.length === 0) return null;
    for (const rule of rules) {
      const why = rule(others, next);
      if (why !== null) return why;
    }
    return null;
  };
}

/** Expects that a node may join those that are away, or go before it, in its batch. */
export function mayJoin(snapshot: Snapshot, node: string, others: readonly string[]): readonly Finding[] {
  const why = companions(snapshot)(others, node);
  if (why === null) return [];
  const sentence = `${node} does not go together with ${others.join(', ')}: ${why}.`;
  return [found(BATCHES, { level: 'blocker', subject: node, sentence, advice: 'It goes after them.' })];
}
