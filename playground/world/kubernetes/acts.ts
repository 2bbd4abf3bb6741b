// What callers of the simulated Kubernetes API did to each node, for scenarios and tests to count.

export interface NodeActs {
  /** Patches that made a schedulable node unschedulable. */
  readonly cordons: number;
  /** Patches that made it schedulable again. */
  readonly uncordons: number;
  /** Accepted evictions of pods on the node, without dry runs. */
  readonly evictions: number;
  /** Evictions that the API refused, for whatever reason. */
  readonly refusedEvictions: number;
  /** Pods deleted directly, past the budgets. */
  readonly deletions: number;
}

const noActs: NodeActs = { cordons: 0, uncordons: 0, evictions: 0, refusedEvictions: 0, deletions: 0 };

export class ActCounter {
  readonly #byNode = new Map<string, NodeActs>();

  count(node: string, act: keyof NodeActs): void {
    const before = this.of(node);
    this.#byNode.set(node, { ...before, [act]: before[act] + 1 });
  }

  of(node: string): NodeActs {
    return this.#byNode.get(node) ?? noActs;
  }
}
