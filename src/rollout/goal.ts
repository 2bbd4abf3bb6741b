// What was asked of a cluster.

export type Goal =
  | { readonly kind: 'upgrade-talos'; readonly version: string }
  | { readonly kind: 'rollback-node'; readonly node: string };

/** One clause for cards and sentences: "upgrade to Talos v1.13.5", "roll back cp-2". */
export function describeGoal(goal: Goal): string {
  switch (goal.kind) {
    case 'upgrade-talos':
      return `upgrade to Talos ${goal.version}`;
    case 'rollback-node':
      return `roll back ${goal.node}`;
  }
}
