// Findings worst first: what stops or worries in full, what is fine as a count, what was not checked by name and reason.
import { type Finding, type FindingGroup, grouped, type Level, worstFirst } from '../../checks/finding.ts';
import { bold, code, joined, type Mrkdwn, mrkdwn, plainWords, plural, unended } from './text.ts';
import { findingLine, levelTitle, MAX_FINDING } from './words.ts';

/** More lines than this per level are counted, so that one message stays readable at 300 nodes. */
const MAX_PER_LEVEL = 12;
/** Slack takes some 12,000 characters in all (facts/slack.md 3.5), and the order of a plan stands beside them. */
const MAX_TEXT = 6_000;
/** What was not checked is read by few: one paragraph of at most this many characters. */
const MAX_UNCHECKED_TEXT = 1_200;
/** Names of others with the same trouble. */
const MAX_OTHERS = 8;
const LOUD: readonly Level[] = ['blocker', 'unknown', 'warning'];

interface Told {
  readonly lines: readonly Mrkdwn[];
  /** Something that was found is only counted. */
  readonly folded: boolean;
}

/** One line per cause under a title per level; empty when there are no findings at all. */
export function findingLines(findings: readonly Finding[]): readonly Mrkdwn[] {
  if (findings.length === 0) return [];
  const fine = findings.filter(({ level }) => level === 'ok').length;
  return [...loudLines(findings), mrkdwn`${plural(fine, 'check')} fine`, ...unchecked(findings).lines];
}

/** Only what stops or worries. */
export function loudLines(findings: readonly Finding[]): readonly Mrkdwn[] {
  return loud(findings).lines;
}

/** True when the lines leave out something that somebody may want to read. */
export function areFolded(findings: readonly Finding[]): boolean {
  return loud(findings).folded || unchecked(findings).folded;
}

function loud(findings: readonly Finding[]): Told {
  const sorted = worstFirst(findings);
  let room = MAX_TEXT;
  let folded = false;
  const lines = LOUD.flatMap((level): readonly Mrkdwn[] => {
    const ofLevel = sorted.filter((finding) => finding.level === level);
    if (ofLevel.length === 0) return [];
    const groups = grouped(ofLevel);
    const rows: Mrkdwn[] = [];
    for (const row of groups.slice(0, MAX_PER_LEVEL).map(groupLine)) {
      // The first of a level is always told: a title alone says nothing.
      if (rows.length > 0 && row.mrkdwn.length > room) break;
      room -= row.mrkdwn.length;
      rows.push(row);
    }
    const hidden = groups.length - rows.length;
    folded ||= hidden > 0 || groups.some(isCut);
    const rest = hidden > 0 ? [mrkdwn`… and ${hidden} more`] : [];
    return [mrkdwn`${bold(levelTitle(level))} (${ofLevel.length})`, ...rows, ...rest];
  });
  return { lines, folded };
}

/** Names with their reason, those with the same reason together; in one paragraph below everything that matters more. */
function unchecked(findings: readonly Finding[]): Told {
  const skipped = findings.filter(({ level }) => level === 'skipped');
  if (skipped.length === 0) return { lines: [], folded: false };
  const reasons = [...Map.groupBy(skipped, ({ sentence }) => sentence)];
  const told: Mrkdwn[] = [];
  let room = MAX_UNCHECKED_TEXT;
  for (const [sentence, same] of reasons) {
    const checks = [...new Set(same.map(({ check }) => check))].map(code);
    const one = mrkdwn`${joined(checks, ' ')} (${unended(plainWords(sentence, 150))})`;
    room -= one.mrkdwn.length;
    if (told.length > 0 && room < 0) break;
    told.push(one);
  }
  const hidden = reasons.slice(told.length).flatMap(([, same]) => same).length;
  const more = hidden > 0 ? ` and ${hidden} more` : '';
  const title = bold(levelTitle('skipped'));
  return {
    lines: [mrkdwn`${title} (${skipped.length}): ${joined(told, ', ')}${more}`],
    folded: hidden > 0,
  };
}

function othersOf(group: FindingGroup): readonly string[] {
  return group.kind === 'silence' ? [] : group.others;
}

/** Its line leaves out names, or the end of what was found. */
function isCut(group: FindingGroup): boolean {
  if (group.kind === 'silence') return false;
  const { sentence, advice } = told(group);
  return (
    othersOf(group).length > MAX_OTHERS ||
    sentence.length > MAX_FINDING ||
    (advice ?? '').length > MAX_FINDING
  );
}

function groupLine(group: FindingGroup): Mrkdwn {
  return group.kind === 'silence' ? silenceLine(group) : findingLine(told(group));
}

function told({ first, others }: Extract<FindingGroup, { kind: 'same' }>): Finding {
  if (others.length === 0) return first;
  const hidden = others.length - MAX_OTHERS;
  const names = others.slice(0, MAX_OTHERS).join(', ');
  const same = `The same for ${names}${hidden > 0 ? ` and ${hidden} more` : ''}.`;
  return { ...first, sentence: `${first.sentence} ${same}` };
}

/** All of what is hidden: each is a check that nobody made. */
function silenceLine({ why, hidden, advice }: Extract<FindingGroup, { kind: 'silence' }>): Mrkdwn {
  const told = mrkdwn`• ${plainWords(why, 300)} So nothing is known about ${plainWords(hidden.join(', '), 600)}.`;
  return advice === null ? told : mrkdwn`${told}\n_What to do:_ ${plainWords(advice, 300)}`;
}
