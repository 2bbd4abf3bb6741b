// Findings worst first: what stops or worries in full, what is fine as a count.
import { type Finding, type FindingGroup, grouped, type Level, worstFirst } from '../../checks/finding.ts';
import { bold, type Mrkdwn, mrkdwn, plainWords, plural } from './text.ts';
import { findingLine, levelTitle } from './words.ts';

/** More lines than this per level are counted, so that one message stays readable at 300 nodes. */
export const MAX_PER_LEVEL = 12;
/** Names of others with the same trouble. */
const MAX_OTHERS = 8;
const LOUD: readonly Level[] = ['blocker', 'unknown', 'warning'];

/** One line per cause under a title per level; empty when there are no findings at all. */
export function findingLines(findings: readonly Finding[]): readonly Mrkdwn[] {
  const sorted = worstFirst(findings);
  const loud = LOUD.flatMap((level) => levelLines(level, sorted));
  const fine = sorted.filter((finding) => finding.level === 'ok').length;
  const skipped = sorted.filter((finding) => finding.level === 'skipped').length;
  if (findings.length === 0) return [];
  const rest = mrkdwn`${plural(fine, 'check')} fine${skipped === 0 ? '' : `, ${skipped} skipped`}`;
  return [...loud, rest];
}

function levelLines(level: Level, findings: readonly Finding[]): readonly Mrkdwn[] {
  const ofLevel = findings.filter((finding) => finding.level === level);
  if (ofLevel.length === 0) return [];
  const groups = grouped(ofLevel);
  const hidden = groups.length - MAX_PER_LEVEL;
  return [
    mrkdwn`${bold(levelTitle(level))} (${ofLevel.length})`,
    ...groups.slice(0, MAX_PER_LEVEL).map(groupLine),
    ...(hidden > 0 ? [mrkdwn`… and ${hidden} more`] : []),
  ];
}

function groupLine(group: FindingGroup): Mrkdwn {
  if (group.kind === 'silence') return silenceLine(group);
  const { first, others } = group;
  if (others.length === 0) return findingLine(first);
  const hidden = others.length - MAX_OTHERS;
  const names = others.slice(0, MAX_OTHERS).join(', ');
  const same = `The same for ${names}${hidden > 0 ? ` and ${hidden} more` : ''}.`;
  return findingLine({ ...first, sentence: `${first.sentence} ${same}` });
}

/** All of what is hidden: each is a check that nobody made. */
function silenceLine({ why, hidden, advice }: Extract<FindingGroup, { kind: 'silence' }>): Mrkdwn {
  const told = mrkdwn`• ${plainWords(why, 300)} So nothing is known about ${plainWords(hidden.join(', '), 600)}.`;
  return advice === null ? told : mrkdwn`${told}\n_What to do:_ ${plainWords(advice, 300)}`;
}
