// The living message of a rollout: where it stands, what each node is doing, and the buttons that make sense now.
import { isWaiting, type Notes, standingNotes } from '../../rollout/note.ts';
import { endingOf } from '../../rollout/phase.ts';
import { lanesOf } from '../../rollout/plan.ts';
import type { Policy } from '../../rollout/policy.ts';
import { aheadOf } from '../../rollout/remaining.ts';
import type { Rollout } from '../../rollout/rollout.ts';
import { actions, context, header, type Message, message, packed, section } from './blocks.ts';
import { cardButtons } from './buttons.ts';
import { findingLines } from './findings.ts';
import { journeyLine, wayBlocks } from './journey.ts';
import type { NodeState } from './node-state.ts';
import {
  againRemark,
  leftClause,
  movesOn,
  type NodeRow,
  ownDoing,
  progressOf,
  type StageRows,
  stageRows,
} from './nodes.ts';
import { overriddenLines } from './override.ts';
import { hop } from './software.ts';
import {
  bold,
  code,
  duration,
  joined,
  lines,
  type Mrkdwn,
  mrkdwn,
  person,
  plainWords,
  plural,
  spoken,
  time,
} from './text.ts';
import { capital, nounOf, phaseLine, titleOf } from './words.ts';

export interface CardInput {
  readonly rollout: Rollout;
  readonly policy: Policy;
  readonly notes: Notes;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Rows shown per stage, busy ones first; 2 stages of it stay within one readable message. */
const MAX_ROWS = 20;
/** A sentence of progress on a node's row. */
const MAX_NOTE = 80;
const BAR = 12;

export function card(asked: CardInput): Message {
  const { rollout, now } = asked;
  const input = { ...asked, notes: standingNotes(rollout, asked.notes, now) };
  const blocked = rollout.plan === null && rollout.findings.length > 0;
  return message(summarySentence(rollout, now), [
    header(titleOf(rollout.cluster, rollout.goal)),
    section(
      lines(phaseLine(rollout, now), rollout.plan === null ? null : barLine(input), journeyLine(rollout)),
    ),
    ...packed(
      blocked
        ? findingLines(rollout.findings)
        : stageRows(rollout, now).flatMap((rows) => stageLines(rows, input)),
    ),
    ...packed(overriddenLines(rollout)),
    ...wayBlocks(rollout),
    context(footer(input)),
    actions('card', cardButtons(rollout, input)),
  ]);
}

/** For notifications and screen readers: cluster, goal, requester and state in one sentence. */
function summarySentence(rollout: Rollout, now: number): Mrkdwn {
  const progress = progressOf(rollout);
  const { done, all } = progress;
  const counted =
    rollout.plan === null
      ? mrkdwn``
      : mrkdwn`, ${done} of ${plural(all, 'node')} done${spoken(leftClause(progress))}`;
  const noun = capital(nounOf(rollout.cluster, rollout.goal));
  return mrkdwn`${noun}, asked by ${person(rollout.user)}${counted}. ${spoken(phaseLine(rollout, now))}.`;
}

function barLine(input: CardInput): Mrkdwn {
  const progress = progressOf(input.rollout);
  const { done, all } = progress;
  const filled = all === 0 ? BAR : Math.floor((done / all) * BAR);
  const bar = '▰'.repeat(filled) + '▱'.repeat(BAR - filled);
  return mrkdwn`${bar} ${done} of ${plural(all, 'node')}${leftClause(progress)}${elapsed(input)}`;
}

/** A moment while it runs: a duration would stand still between edits, or spend the budget of edits on the clock alone. */
function elapsed({ rollout, now }: CardInput): Mrkdwn {
  if (rollout.startedAt === null) return mrkdwn``;
  return rollout.phase.phase === 'finished'
    ? mrkdwn` · took ${duration(rollout.lastAt - rollout.startedAt)}`
    : mrkdwn` · since ${time(rollout.startedAt)}${untilWhen(rollout, now)}`;
}

/**
 * From what it took here before, as if nobody kept it waiting; nothing where that is not known or its plan is not gone on with, and no
 * moment once it is late.
 */
function untilWhen(rollout: Rollout, now: number): Mrkdwn {
  const moves = movesOn(rollout) || rollout.phase.phase === 'at-gate';
  const ahead = moves ? aheadOf(rollout, now) : null;
  if (ahead === null || (ahead.doneAt === null && ahead.leftMs === 0)) return mrkdwn``;
  const work = mrkdwn` · about ${duration(ahead.leftMs)} of work left`;
  return ahead.doneAt === null
    ? work
    : mrkdwn`${work}, done ${time(ahead.doneAt)} if nobody keeps it waiting`;
}

function stageLines(rows: StageRows, input: CardInput): readonly Mrkdwn[] {
  const title = mrkdwn`${bold(plainWords(rows.stage.title, 80))} · ${rows.done} of ${rows.rows.length}${rows.skipped > 0 ? `, ${rows.skipped} skipped` : ''}`;
  if (rows.kind === 'prepare') return [mrkdwn`${title}${preparing(rows, input)}`];
  const chosen = chosenRows(rows.rows);
  const hidden = rows.rows.filter((row) => !chosen.includes(row));
  return [
    title,
    ...chosen.map((row) => rowLine(row, input)),
    ...(hidden.length > 0 ? [hiddenLine(hidden)] : []),
    ...(rows.soak === undefined ? [] : [mrkdwn`▸ ${bold(rows.soak.state)}${chatter(rows.soak, input)}`]),
  ];
}

/** What one lane that prepares for all says of itself: nobody else's row would tell. */
function preparing({ rows }: StageRows, input: CardInput): Mrkdwn {
  const [only, ...others] = rows;
  return only === undefined || others.length > 0 || !only.busy ? mrkdwn`` : chatter(only, input);
}

/** All when they fit; else those that matter now, then the next ones, kept in plan order. */
function chosenRows(rows: readonly NodeRow[]): readonly NodeRow[] {
  if (rows.length <= MAX_ROWS) return rows;
  const matters = rows.filter((row) => row.busy || isLoud(row));
  const next = rows.filter((row) => row.state === 'waiting');
  const chosen = new Set([...matters, ...next, ...rows].slice(0, MAX_ROWS));
  return rows.filter((row) => chosen.has(row));
}

function hiddenLine(rows: readonly NodeRow[]): Mrkdwn {
  const counts = new Map<NodeState, number>();
  for (const row of rows) counts.set(row.state, (counts.get(row.state) ?? 0) + 1);
  return mrkdwn`… and ${rows.length} more: ${[...counts].map(([state, count]) => `${count} ${state}`).join(', ')}`;
}

/** Somebody should look at it, although nothing is being done to it. */
function isLoud({ state }: NodeRow): boolean {
  return ['held', 'needs approval', 'in doubt', 'away'].includes(state);
}

function mark(row: NodeRow): string {
  if (row.state === 'done') return '✓';
  if (row.state === 'held' || row.state === 'in doubt' || row.state === 'away') return ':warning:';
  return row.busy ? '▸' : '·';
}

function rowLine(row: NodeRow, input: CardInput): Mrkdwn {
  const arrow =
    row.to === null
      ? mrkdwn`from ${row.from}`
      : row.state === 'done'
        ? mrkdwn`${row.to}`
        : mrkdwn`${hop(row.from, row.to)}`;
  const state = row.busy || isLoud(row) ? bold(row.state) : row.state;
  return mrkdwn`${{ mrkdwn: mark(row) }} ${code(row.name)} ${state} · ${arrow}${leaderRemark(row, input)}${ownDoing(row)}${againRemark(row)}${row.busy || isKeptWaiting(row, input) ? chatter(row, input) : mrkdwn``}`;
}

/** It could go if something else were well: people see what that is. Other chatter, of its image for one, is none of it. */
function isKeptWaiting({ name, state }: NodeRow, { notes }: CardInput): boolean {
  // What is done in one stage may wait in another.
  return state !== 'done' && isWaiting(notes[name]);
}

function chatter({ name }: NodeRow, { notes }: CardInput): Mrkdwn {
  const note = notes[name];
  return note === undefined
    ? mrkdwn``
    : mrkdwn` · _${plainWords(note.sentence, MAX_NOTE).replaceAll('_', ' ')}_`;
}

function leaderRemark(row: NodeRow, { rollout }: CardInput): string {
  if (rollout.plan === null || row.state !== 'waiting' || endingOf(rollout.phase) !== null) return '';
  const lane = lanesOf(rollout.plan).find(
    (candidate) => rollout.deferred.includes(candidate.id) && candidate.node === row.name,
  );
  return lane === undefined ? '' : ' · goes last, it leads etcd';
}

function footer({ rollout }: CardInput): Mrkdwn {
  return joined(
    [
      mrkdwn`Asked by ${person(rollout.user)} ${time(rollout.askedAt)}`,
      ...(rollout.keeper === rollout.user ? [] : [mrkdwn`in the hands of ${person(rollout.keeper)}`]),
      mrkdwn`rollout ${rollout.id}`,
    ],
    ' · ',
  );
}
