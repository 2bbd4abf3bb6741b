// What a suite does to a cluster beside the port under test: the hands of kubelets, controllers and people.
import type { NodeActs } from '../../playground/world/kubernetes/acts.ts';
import type { BudgetSpec } from '../../playground/world/kubernetes/default-workloads.ts';

type Done = void | Promise<void>;

/** The simulator's objects have these hands; against a real API they write what its controllers would. */
export interface ClusterHands {
  setNodeReady(name: string, ready: boolean): Done;
  rebooted(name: string, bootId: string): Done;
  setUnschedulable(name: string, value: boolean): Done;
  setTimings(changed: { readonly terminationMs: number }): Done;
  addBudget(spec: BudgetSpec): Done;
  /** The budgets of the shop let no pod go. */
  blockBudget(namespace: null): Done;
  unblockBudget(namespace: null): Done;
  terminateNamespace(name: string): Done;
  /** Its pods stay. */
  removeDaemonSet(namespace: string, name: string): Done;
  /** Absent where nobody counts. */
  actsOn?(node: string): NodeActs;
  /** Absent where the API is not ours to take away. */
  apiServerUp?(up: boolean): void;
}

/** Names as the cluster under test has them. */
export function nameAsIs(
  get: () => { readonly called?: (name: string) => string },
): (name: string) => string {
  return (name) => get().called?.(name) ?? name;
}
