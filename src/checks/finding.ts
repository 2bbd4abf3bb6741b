// A pure judgement of a snapshot: a level, one sentence and the figures behind it.

/** unknown blocks like a blocker: what was not answered is not fine. */
export type Level = 'ok' | 'warning' | 'blocker' | 'skipped' | 'unknown';

export interface Finding {
  /** The check's name, e.g. `etcd-quorum`. */
  readonly check: string;
  readonly level: Level;
  /** A node's name, or `cluster`. */
  readonly subject: string;
  readonly sentence: string;
  /** What a person can do about it; null when there is nothing to do. */
  readonly advice: string | null;
}

export function blocks(finding: Finding): boolean {
  return finding.level === 'blocker' || finding.level === 'unknown';
}

const WORST_FIRST: readonly Level[] = ['blocker', 'unknown', 'warning', 'ok', 'skipped'];

/** Sorts a copy, worst first; equal levels keep their order. */
export function worstFirst(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort((a, b) => WORST_FIRST.indexOf(a.level) - WORST_FIRST.indexOf(b.level));
}

/** The troubles as they are, or one `ok` when there are none. */
export function summed(check: string, troubles: readonly Finding[], sentence: string): readonly Finding[] {
  return troubles.length > 0
    ? troubles
    : [{ check, level: 'ok', subject: 'cluster', sentence, advice: null }];
}
