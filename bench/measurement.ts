// What a measurement is, what it brings home, and when a promise is held.

/** What a number counts. `×` is a ratio of two figures of the same run: it means the same on every machine. */
export type Unit = 'MB' | 'MB/s' | 'µs' | 'ms' | 's' | 'calls' | '×' | '';

export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: Unit;
}

/** A figure that was promised: at most so much. */
export interface Judged extends Figure {
  readonly atMost: number;
  readonly judgement: 'held' | 'missed';
}

/** One run of a measurement: everything in it was measured side by side. */
export interface Part {
  readonly title: string;
  readonly figures: readonly (Figure | Judged)[];
}

/** How large the things measured are. */
export interface Sizes {
  /** MiB of the etcd database that is copied. */
  readonly snapshotMib: number;
  /** Nodes of the cluster surveyed, shown and planned; three of them are its control plane. */
  readonly nodes: number;
  /** Pods that a pre-flight reads, twenty on each node. */
  readonly pods: number;
  /** Entries of the journal that is folded. */
  readonly entries: number;
  /** How often something short is done before its time is told. */
  readonly rounds: number;
  /** Milliseconds the slowest machine takes for its slowest answer. */
  readonly slowMs: number;
  /** Clusters that one worker upgrades at once. */
  readonly clusters: number;
  /** Milliseconds that draining, installing and restarting a simulated node take together, give or take a fifth. */
  readonly nodeMs: number;
}

export interface Measurement {
  readonly name: string;
  /** One sentence for the list. */
  readonly sentence: string;
  /** Rejects when what it needs cannot be had. `say` tells whoever waits what is going on. */
  run(sizes: Sizes, say: (line: string) => void): Promise<readonly Part[]>;
}

/** The sizes of the promises. */
export const FULL: Sizes = {
  snapshotMib: 2048,
  nodes: 100,
  pods: 10_000,
  entries: 10_000,
  rounds: 500,
  slowMs: 3_000,
  clusters: 100,
  nodeMs: 20_000,
};
/** A look at whether everything works, in less than a minute. */
export const QUICK: Sizes = {
  snapshotMib: 128,
  nodes: 20,
  pods: 1_000,
  entries: 1_000,
  rounds: 50,
  slowMs: 1_000,
  clusters: 10,
  nodeMs: 2_000,
};

export function figure(name: string, value: number, unit: Unit = ''): Figure {
  return { name, value, unit };
}

/** How often the second goes into the first. */
export function ratio(name: string, value: number, by: number): Figure {
  return { name, value: by === 0 ? Number.POSITIVE_INFINITY : value / by, unit: '×' };
}

/** What is no number at all was not measured, and a promise nobody measured is not held. */
export function judged(promised: Figure, atMost: number): Judged {
  return { ...promised, atMost, judgement: promised.value <= atMost ? 'held' : 'missed' };
}

export function isJudged(one: Figure | Judged): one is Judged {
  return 'judgement' in one;
}

/** The value that so large a share (0.5 = the median) of all does not exceed; NaN of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
