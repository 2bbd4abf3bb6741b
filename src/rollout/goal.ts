// What was asked of a cluster.
import { describeWish, type SchematicWish } from '../cluster/schematic.ts';

export type Goal =
  | {
      readonly kind: 'upgrade-talos';
      readonly version: string;
      /** Absent: every machine keeps its schematic. */
      readonly schematic?: SchematicWish;
    }
  | { readonly kind: 'rollback-node'; readonly node: string };

/** One clause for cards and sentences: "upgrade to Talos v1.13.5", "roll back cp-2". */
export function describeGoal(goal: Goal): string {
  switch (goal.kind) {
    case 'upgrade-talos':
      return `upgrade to Talos ${goal.version}${describeWish(goal.schematic)}`;
    case 'rollback-node':
      return `roll back ${goal.node}`;
  }
}
