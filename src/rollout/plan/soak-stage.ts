// Waiting between two parts of a plan: nothing is touched for so long, and then what was upgraded is asked about once more.
import { listed } from '../../cluster/listed.ts';
import type { Lane, PlannedNode, Stage } from '../plan.ts';
import type { LaneDraft } from './lanes.ts';

/** Names in what a soak is called; the others are counted. */
const MAX_NAMED = 3;

/** `ms`: how long, in milliseconds. */
export function soakDraft(nodes: readonly PlannedNode[], ms: number): LaneDraft {
  const names = nodes.map(({ name }) => name);
  return {
    node: `soak of ${listed(names, MAX_NAMED)}`,
    role: null,
    steps: [{ kind: 'soak', params: { ms, nodes: names.join(',') } }],
  };
}

export function soakStage(after: string, lane: Lane): Stage {
  return { id: `soak-${after}`, title: 'Soak', width: 1, lanes: [lane] };
}
