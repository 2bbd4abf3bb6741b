// How long each node took, and where: the part of a summary that people compare with the last time.
import type { Rollout } from '../../rollout/rollout.ts';
import { type Score, scoresOf, slowestFirst } from '../../rollout/scorecard.ts';
import { code, duration, joined, type Mrkdwn, mrkdwn, plural } from './text.ts';

/** What two of the words mean, for a person who did not write them. */
const LEGEND = mrkdwn`(_away_: from its restart until it was whole again; _between_: all else, such as checks that were waited for, and what I took myself)`;

/** Of more nodes only the slowest have a line. */
const MAX_LINES = 10;

export function scoreLines(rollout: Rollout): readonly Mrkdwn[] {
  const scores = scoresOf(rollout);
  if (scores.length === 0) return [];
  const shown = scores.length <= MAX_LINES ? scores : slowestFirst(scores).slice(0, MAX_LINES);
  const title =
    scores.length <= MAX_LINES
      ? mrkdwn`*How long each node took* ${LEGEND}`
      : mrkdwn`*How long nodes took*, the slowest ${MAX_LINES} of ${plural(scores.length, 'node')} ${LEGEND}`;
  return [title, ...shown.map(scoreLine)];
}

function scoreLine({ node, drainMs, installMs, awayMs, betweenMs }: Score): Mrkdwn {
  const parts = [
    mrkdwn`drain ${duration(drainMs)}`,
    ...(installMs === null ? [] : [mrkdwn`install ${duration(installMs)}`]),
    mrkdwn`away ${duration(awayMs)}`,
    mrkdwn`between ${tenths(betweenMs)}`,
  ];
  return mrkdwn`${code(node)} ${joined(parts, ' · ')}`;
}

/** Where nothing kept it waiting it is short: whole seconds would hide it. */
function tenths(ms: number): string {
  return ms < 90_000 ? `${(ms / 1_000).toFixed(1)} s` : duration(ms);
}
