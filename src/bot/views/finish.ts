// What a finish that accepted whatever boots found out (docs/decisions/0031): its outcome is the same for both answers.
import { sameVersion } from '../../cluster/version.ts';
import { plannedNode, stepsOf } from '../../rollout/plan.ts';
import { type Rollout, stepState } from '../../rollout/rollout.ts';

export interface Unbooted {
  readonly node: string;
  /** The version it came back with. */
  readonly runs: string;
}

/** The node that a finish brought back with what it ran before; null when it boots what was installed, or that was proved anyway. */
export function unbootedOf(rollout: Rollout): Unbooted | null {
  const { goal, plan } = rollout;
  if (goal.kind !== 'finish-node' || plan === null) return null;
  const planned = plannedNode(plan, goal.node);
  const back = stepsOf(plan).find(({ kind, node }) => kind === 'return' && node === goal.node);
  // With a version of its own it failed unless that came up.
  if (planned === null || planned.to === null || back === undefined || back.params['version'] !== null)
    return null;
  const state = stepState(rollout, back.id);
  if (state.state !== 'ended') return null;
  const { version: runs, schematic = null } = state.result;
  if (typeof runs !== 'string') return null;
  // Where only its extensions were to change, the version is the same either way.
  const boots = sameVersion(planned.from, planned.to)
    ? schematic !== planned.schematic
    : sameVersion(runs, planned.to);
  return boots ? null : { node: goal.node, runs };
}
