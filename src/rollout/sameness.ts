// Whether a later finding says no more than one that people have read: the same trouble, with other figures or less of it.
import type { Finding } from '../checks/finding.ts';

/** What grammar asks for around figures and names. Words that deny, such as `not`, are none of these. */
const GRAMMAR = new Set(['a', 'an', 'and', 'are', 'has', 'have', 'is', 'more', 'the', 'was', 'were']);
/** `9`, `9.5`, `2/3`, with a unit or without. A version, an address and a name with a number in it are none. */
const FIGURE = /^[<>≤≥~]?\d+(?:[.,/]\d+)?(?:%|ms|min|[smhd]|[kKMGTP]i?B?|B)?$/;
const HIDDEN = /\band (\d+) more\b/g;

/**
 * True when all that the later one says was said then, at the same level. Figures move and do not count (9 % free, then 8 %), and of
 * several things some may be well by now. Whatever is named for the first time is something new, and so is a longer `and 3 more`.
 */
export function saysNoMore(later: Finding, then: Finding): boolean {
  if (later.check !== then.check || later.subject !== then.subject || later.level !== then.level)
    return false;
  // Going on without an answer is what was taken on, whyever there is none.
  if (later.silence !== undefined || then.silence !== undefined)
    return later.silence?.what === then.silence?.what;
  const known = wordsOf(then.sentence);
  const saysNothingNew = [...wordsOf(later.sentence)].every((word) => known.has(word));
  return saysNothingNew && hiddenIn(later.sentence) <= hiddenIn(then.sentence);
}

/** Without figures, and one thing or several alike. */
function wordsOf(sentence: string): ReadonlySet<string> {
  const words = sentence.split(/[\s,;:()[\]{}"'`“”‘’…]+/).map((word) => word.replace(/[.!?]+$/, ''));
  return new Set(
    words
      .filter((word) => word !== '' && !FIGURE.test(word) && !GRAMMAR.has(word))
      .map((word) => word.replace(/s$/, '')),
  );
}

function hiddenIn(sentence: string): number {
  return [...sentence.matchAll(HIDDEN)].reduce((sum, [, count]) => sum + Number(count), 0);
}
