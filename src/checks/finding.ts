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
  /** Only of `unknown`: what nobody told, and why, for saying so once of all that one silence hides. */
  readonly silence?: { readonly what: string; readonly why: string };
}

export function blocks(finding: Finding): boolean {
  return finding.level === 'blocker' || finding.level === 'unknown';
}

export const WORST_FIRST: readonly Level[] = ['blocker', 'unknown', 'warning', 'ok', 'skipped'];

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

/** Findings that are one trouble to read. */
export type FindingGroup =
  /** They say the same of several subjects: the first as it is, and of whom else it holds. */
  | { readonly kind: 'same'; readonly first: Finding; readonly others: readonly string[] }
  /** One silence hides several things. */
  | {
      readonly kind: 'silence';
      readonly why: string;
      readonly hidden: readonly string[];
      readonly advice: string | null;
    };

/** Six nodes with one cause are one trouble to read. Groups stand where their first finding stood. */
export function grouped(findings: readonly Finding[]): readonly FindingGroup[] {
  return [...Map.groupBy(findings, causeOf).values()].flatMap((group): FindingGroup[] => {
    const [first, ...rest] = group;
    if (first === undefined) return [];
    const hidden = [...new Set(group.flatMap(({ silence }) => silence?.what ?? []))];
    if (first.silence === undefined || hidden.length === 1)
      return [{ kind: 'same', first, others: rest.map(({ subject }) => subject) }];
    return [{ kind: 'silence', why: first.silence.why, hidden, advice: first.advice }];
  });
}

/** What is left of a finding without the name of its subject. */
function causeOf({ check, level, subject, sentence, advice, silence }: Finding): string {
  if (silence !== undefined) return ['silence', level, silence.why].join('\n');
  const blank = (text: string): string => (subject === '' ? text : text.replaceAll(subject, '\u0000'));
  return [check, level, blank(sentence), blank(advice ?? '')].join('\n');
}
