// The way over several versions: hop by hop with its reason and its release notes, or what must be found out first.
import { type PathHop, TITLE } from '../../cluster/path.ts';
import type { PathReport } from '../../engine/ports/errands.ts';
import { destinationOf, kubernetesCommand } from '../../rollout/journey.ts';
import { context, type Message, message, packed, section } from './blocks.ts';
import { hopTimeLine, hopTimeWord } from './hop-time.ts';
import { beginRow } from './journey.ts';
import { runsWords } from './runs.ts';
import { bold, code, joined, lines, link, type Mrkdwn, mrkdwn, plural, spoken } from './text.ts';

type Found = Extract<PathReport, { kind: 'path' }>;

/** Slack takes some 12,000 characters in all (facts/slack.md 3.5), and sentences stand beside the hops. */
const MOST_HOP_TEXT = 5_500;
/** Sentences of one kind in one message. */
const MOST_SENTENCES = 10;

/** Told privately to whoever asked. `answer`: its id, for the button of those who may begin the way; null for the others. */
export function pathMessage(cluster: string, report: Found, answer: string | null = null): Message {
  const title = titleOf(cluster, report);
  const { found, target } = report;
  return message(spoken(title), [
    section(title),
    ...packed(rowsOf(cluster, report)),
    found.kind !== 'found' || answer === null
      ? null
      : beginRow({ cluster, from: answer, to: target }, found.path),
    context(
      mrkdwn`${runningLine(report)}`,
      mrkdwn`${sourceLine(report)}`,
      mrkdwn`Only you see this. Nothing was touched.`,
    ),
  ]);
}

function titleOf(cluster: string, { found, target }: Found): Mrkdwn {
  const goal = destinationOf(target);
  switch (found.kind) {
    case 'unknown':
      return mrkdwn`The way of ${bold(cluster)} to ${goal} is *not known* yet: somebody must find out first.`;
    case 'blocked':
      return mrkdwn`There is *no way* for ${bold(cluster)} to ${goal}.`;
    case 'found':
      return found.path.hops.length === 0
        ? mrkdwn`${bold(cluster)} is at ${goal} already: there is nothing to do.`
        : mrkdwn`${bold(cluster)} gets to ${goal} in ${bold(plural(found.path.hops.length, 'hop'))}.`;
  }
}

function rowsOf(cluster: string, { found, troubles, hop }: Found): readonly Mrkdwn[] {
  const silence = sentences(troubles, ':grey_question:');
  switch (found.kind) {
    case 'unknown': {
      const way =
        found.outline.length === 0 ? [] : [mrkdwn`As far as it can be seen: ${found.outline.join(' → ')}.`];
      return [
        ...sentences(found.questions, ':question:'),
        ...way,
        ...silence,
        mrkdwn`${adviceOn(found.questions)}`,
      ];
    }
    case 'blocked':
      return [
        ...sentences(found.reasons, ':no_entry:'),
        ...(found.nearest.hops.length === 0
          ? []
          : [mrkdwn`*As near as it gets*`, ...hopRows(found.nearest.hops, hop)]),
        ...silence,
      ];
    case 'found': {
      const time = hopTimeLine(found.path.hops, hop ?? null);
      return [
        ...sentences(found.notes, ':information_source:'),
        ...hopRows(found.path.hops, hop),
        ...(time === null ? [] : [time]),
        ...silence,
        ...nextRow(cluster, found.path.hops[0]),
      ];
    }
  }
}

/** Numbered; as many as fit, the rest is counted. The bot walks one hop at a time anyway, and the path is asked for again after each. */
function hopRows(hops: readonly PathHop[], took: Found['hop']): readonly Mrkdwn[] {
  const rows: Mrkdwn[] = [];
  let room = MOST_HOP_TEXT;
  for (const [at, hop] of hops.entries()) {
    const { kind, from, to, notesUrl, why } = hop;
    const time = hopTimeWord(hop, took ?? null);
    const row = mrkdwn`${at + 1}. ${bold(TITLE[kind])} ${code(from)} → ${code(to)}${time === '' ? '' : ` · ${time}`} (${link(notesUrl, 'release notes')})\n      ${why}`;
    room -= row.mrkdwn.length;
    if (room < 0) return [...rows, mrkdwn`… and ${hops.length - at} more`];
    rows.push(row);
  }
  return rows;
}

/** What to type for the first hop. */
function nextRow(cluster: string, hop: PathHop | undefined): readonly Mrkdwn[] {
  if (hop === undefined) return [];
  if (hop.kind === 'talos')
    return [mrkdwn`See what the first hop does with ${code(`/talos plan ${cluster} ${hop.to}`)}.`];
  return [mrkdwn`The first hop is one of Kubernetes: ${code(kubernetesCommand(hop.to))}.`];
}

function sentences(all: readonly string[], sign: string): readonly Mrkdwn[] {
  const shown = all.slice(0, MOST_SENTENCES).map((one) => mrkdwn`${{ mrkdwn: sign }} ${one}`);
  return all.length > MOST_SENTENCES ? [...shown, mrkdwn`… and ${all.length - MOST_SENTENCES} more`] : shown;
}

/** What helps depends on what is missing: the table, or a list. */
function adviceOn(questions: readonly string[]): Mrkdwn {
  const table = questions.some((question) => question.includes('compatibility table'));
  const lists = questions.some((question) => question.includes('release list'));
  return lines(
    table
      ? mrkdwn`Read the release notes, then write what they say into the file that ${code('releases.compatibility')} names.`
      : null,
    lists
      ? mrkdwn`Check the version, or give the bot a list: ${code('releases.talos.file')} and ${code('releases.kubernetes.file')} name one.`
      : null,
    table || lists ? null : mrkdwn`Ask again once that is answered.`,
  );
}

function runningLine({ runs }: Found): Mrkdwn {
  return mrkdwn`Runs ${joined(runsWords(runs), ', ')}.`;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

function sourceLine({ sources }: Found): Mrkdwn {
  const parts = sources.map(({ product, name, ageMs }) =>
    name === null
      ? mrkdwn`of ${TITLE[product]} from nobody`
      : mrkdwn`of ${TITLE[product]} from ${name}${ageMs < MINUTE_MS ? '' : ` (${ageOf(ageMs)} old)`}`,
  );
  return mrkdwn`Versions ${joined(parts, ', ')}.`;
}

function ageOf(ageMs: number): string {
  return ageMs < HOUR_MS ? `${Math.floor(ageMs / MINUTE_MS)} min` : `${Math.floor(ageMs / HOUR_MS)} h`;
}
