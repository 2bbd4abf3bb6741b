// What was asked of a cluster.
import type { RebootMode } from '../cluster/reboot-mode.ts';
import { describeWish, type SchematicWish } from '../cluster/schematic.ts';

export type Goal =
  | {
      readonly kind: 'upgrade-talos';
      readonly version: string;
      /** Absent: every machine keeps its schematic. */
      readonly schematic?: SchematicWish;
      /** Installed now, restarted later: every restart waits at a gate. Absent: node by node, in one go. */
      readonly staged?: true;
      /** Absent: as the cluster's policy says. */
      readonly rebootMode?: RebootMode;
    }
  | { readonly kind: 'rollback-node'; readonly node: string }
  /** Restarts a node that was installed and not restarted, so that it boots what was installed. */
  | { readonly kind: 'finish-node'; readonly node: string }
  /** Restarts such a node into what it runs already; what was installed is not booted. */
  | { readonly kind: 'disarm-node'; readonly node: string };

/** One clause for cards and sentences: "upgrade to Talos v1.13.5", "roll back cp-2". */
export function describeGoal(goal: Goal): string {
  switch (goal.kind) {
    case 'upgrade-talos':
      return `upgrade to Talos ${goal.version}${describeWish(goal.schematic)}${describeManner(goal)}`;
    case 'rollback-node':
      return `roll back ${goal.node}`;
    case 'finish-node':
      return `finish the upgrade of ${goal.node}`;
    case 'disarm-node':
      return `disarm ${goal.node}`;
  }
}

/** ", staged, reboot mode force": what a person said about how; empty when nothing was said. */
export function describeManner(goal: Extract<Goal, { kind: 'upgrade-talos' }>): string {
  const mode = goal.rebootMode === undefined ? '' : `, reboot mode ${goal.rebootMode}`;
  return `${goal.staged === true ? ', staged' : ''}${mode}`;
}
