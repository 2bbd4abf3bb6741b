// Which pods did not run before anything was touched: kept in the journal, so that later only new ones count.
import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';
import type { Answer } from './answer.ts';

/** Small, and by the names of owners, because pods change their own. Only what was ill is remembered: all else was well. */
export interface Baseline {
  readonly v: 1;
  /** Pods that did not run, by workload (`shop/ReplicaSet web`): the first ones, for people who read the journal. */
  readonly ill: Readonly<Record<string, number>>;
  /** Workloads that were ill as well and are not named. */
  readonly beyond: number;
  /**
   * Those not named, as marks of `MARK_CHARS` letters in a row, by how many of their pods did not run: enough to know one again, and a
   * tenth of its name. Absent where all are named, and in what older versions wrote: then nobody can say of an unnamed one that it
   * is new.
   */
  readonly marks?: Readonly<Record<string, string>>;
}

/** One pod that does not run. */
export interface Ill {
  readonly workload: string;
  readonly why: string;
}

export interface Aftermath {
  readonly baseline: Baseline;
  /** Of one node, or of all. */
  readonly ill: Answer<readonly Ill[]>;
  /** The node whose pods these are; null = all. */
  readonly node: string | null;
}

/** Workloads kept by name. About 60 bytes each in the journal. */
const MOST_NAMED = 200;
/** Workloads kept by their marks beyond those: 30 kB, for a cluster in which next to nothing runs. */
const MOST_MARKED = 5_000;
/** 36 bits: that a workload which fell ill has the mark of one of 5,000 that were ill happens once in ten million. */
const MARK_CHARS = 6;
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Remembers how many pods of which workloads did not run. */
export function remembered(ill: readonly Ill[]): Baseline {
  const counts = [...Map.groupBy(ill, ({ workload }) => workload)].map(
    ([workload, group]) => [workload, group.length] as const,
  );
  const marked = counts.slice(MOST_NAMED, MOST_NAMED + MOST_MARKED);
  const marks = [...Map.groupBy(marked, ([, pods]) => String(pods))].map(
    ([pods, group]) => [pods, group.map(([workload]) => markOf(workload)).join('')] as const,
  );
  return {
    v: 1,
    ill: Object.fromEntries(counts.slice(0, MOST_NAMED)),
    beyond: Math.max(0, counts.length - MOST_NAMED),
    ...(marks.length === 0 ? {} : { marks: Object.fromEntries(marks) }),
  };
}

/** How many pods of a workload did not run then; null when it is not remembered and may have been ill. */
export function before(baseline: Baseline): (workload: string) => number | null {
  const { ill, beyond, marks = {} } = baseline;
  const marked = new Map(
    Object.entries(marks).flatMap(([pods, row]) => marksIn(row).map((mark) => [mark, Number(pods)] as const)),
  );
  const unlisted = beyond > marked.size ? null : 0;
  return (workload) => {
    if (Object.hasOwn(ill, workload)) return ill[workload] ?? 0;
    return marked.size === 0 ? unlisted : (marked.get(markOf(workload)) ?? unlisted);
  };
}

function markOf(workload: string): string {
  const bytes = sha256(utf8ToBytes(workload)).slice(0, MARK_CHARS);
  return [...bytes].map((byte) => LETTERS[byte % LETTERS.length] ?? '').join('');
}

function marksIn(row: string): readonly string[] {
  return Array.from({ length: Math.floor(row.length / MARK_CHARS) }, (_, index) =>
    row.slice(index * MARK_CHARS, (index + 1) * MARK_CHARS),
  );
}
