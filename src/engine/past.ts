// What a cluster's journals remember of earlier rollouts.
import type { Rollout } from '../rollout/rollout.ts';
import { folded } from './folding.ts';
import type { Journal } from './ports/journal.ts';

/** How many past rollouts are searched: all that the store lists, so that asking again and again does not push a fact out of sight. */
const REMEMBERED = 200;

/** Newest first; the present one is among them and has done nothing yet. */
export async function pastRollouts(journal: Journal, cluster: string): Promise<readonly Rollout[]> {
  const rollouts: Rollout[] = [];
  for (const id of await journal.recent(cluster, REMEMBERED)) {
    const rollout = folded(id, await journal.read(cluster, id));
    if (rollout !== null) rollouts.push(rollout);
  }
  return rollouts;
}
