// Which workers go together: as many as the policy allows, and of those only nodes whose departure was judged as one.
import { BATCHES, companions } from '../../checks/batches.ts';
import type { Finding } from '../../checks/finding.ts';
import type { Snapshot } from '../../cluster/snapshot.ts';
import type { PlannedNode } from '../plan.ts';
import type { Policy } from '../policy.ts';

/** Workers of one batch, and why no more of those that are left go with them. */
export interface Group {
  readonly nodes: readonly PlannedNode[];
  readonly why: readonly string[];
}

/** Reasons kept per batch: the plan is stored in full, and a hundred nodes are kept apart by few kinds of reason. */
const MAX_REASONS = 3;
/** Batches told in one finding; the plan lists all of them. */
const MAX_TOLD = 3;

/**
 * Greedy, in the order given: the first that is left begins a batch, and each later one joins that may. The same cluster gives the
 * same batches. A node that may go with nobody is a batch of its own.
 */
export function grouped(
  workers: readonly PlannedNode[],
  policy: Pick<Policy, 'parallelWorkers' | 'checks'>,
  snapshot: Snapshot,
): readonly Group[] {
  const apart = policy.checks[BATCHES] === 'off' ? () => null : companions(snapshot);
  const groups: Group[] = [];
  let left = workers;
  while (left.length > 0) {
    const nodes: PlannedNode[] = [];
    const why: string[] = [];
    for (const node of left) {
      if (nodes.length >= policy.parallelWorkers) break;
      const others = nodes.map(({ name }) => name);
      const reason = apart(others, node.name);
      if (reason === null) nodes.push(node);
      else if (why.length < MAX_REASONS) why.push(`${node.name}: ${reason}`);
    }
    const full = nodes.length >= policy.parallelWorkers;
    groups.push({ nodes, why: full ? [] : why });
    left = left.filter((node) => !nodes.includes(node));
  }
  return groups;
}

/** Nothing to say where workers go one at a time anyway. */
export function batchFindings(groups: readonly Group[], policy: Policy): readonly Finding[] {
  const { parallelWorkers } = policy;
  const workers = groups.flatMap(({ nodes }) => nodes);
  if (parallelWorkers === 1 || workers.length < 2) return [];
  const smaller = groups.filter(({ why }) => why.length > 0);
  const told = smaller
    .slice(0, MAX_TOLD)
    .map(({ nodes, why }) => `${nodes.map(({ name }) => name).join(' + ')} without ${why[0] ?? ''}`);
  const hidden = smaller.length - told.length;
  const because =
    told.length === 0
      ? ''
      : `. Not more together: ${told.join('; ')}${hidden > 0 ? ` (and ${hidden} more)` : ''}`;
  const sentence = `${workers.length} workers go in ${groups.length} batch${groups.length === 1 ? '' : 'es'} of at most ${parallelWorkers}${because}.`;
  return [{ check: BATCHES, level: 'ok', subject: 'workers', sentence, advice: null }];
}
