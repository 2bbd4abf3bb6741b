// The private answer to `/talos status`, from the journals alone.
import { listed } from '../../cluster/listed.ts';
import type { Rollout } from '../../rollout/rollout.ts';
import { context, type Message, message, packed } from './blocks.ts';
import { journeyLine, nextLine } from './journey.ts';
import { leftClause, progressOf, stageRows } from './nodes.ts';
import { overriddenSummary } from './override.ts';
import {
  code,
  joined,
  lines,
  link,
  type Mrkdwn,
  mrkdwn,
  person,
  plainWords,
  plural,
  spoken,
  time,
  unended,
} from './text.ts';
import { nounOf, phaseLine } from './words.ts';

export interface ClusterStatus {
  readonly cluster: string;
  readonly channel: string;
  readonly running: StatusRollout | null;
  readonly last: StatusRollout | null;
  /** Why the journal of the rollout that has the cluster cannot be read, and what helps. */
  readonly unreadable?: string;
  /** Why the store does not tell now what runs there: nothing else is known then. */
  readonly away?: string;
}

export interface StatusRollout {
  readonly rollout: Rollout;
  /** A link to its card, when it is known. */
  readonly url: string | null;
}

/** Clusters shown; more would not fit a private answer. */
const MAX_CLUSTERS = 15;
const MAX_BUSY = 5;
const MAX_SAID = 600;

/** `now`: milliseconds since 1970. */
export function statusMessage(statuses: readonly ClusterStatus[], now: number): Message {
  const busy = ({ running, unreadable, away }: ClusterStatus): boolean =>
    running !== null || unreadable !== undefined || away !== undefined;
  const shown = [...statuses.filter(busy), ...statuses.filter((status) => !busy(status))].slice(
    0,
    MAX_CLUSTERS,
  );
  const hidden = statuses.length - shown.length;
  return message(headline(statuses, now), [
    ...packed(shown.map((status) => clusterLines(status, now))),
    context(
      mrkdwn`${hidden > 0 ? `… and ${plural(hidden, 'more cluster')}. ` : ''}From the journal; no cluster was asked.`,
    ),
  ]);
}

function headline(statuses: readonly ClusterStatus[], now: number): Mrkdwn {
  const [only, second] = statuses;
  if (only !== undefined && second === undefined) return spoken(clusterLines(only, now));
  const unreadable = statuses
    .filter((status) => status.unreadable !== undefined)
    .map(({ cluster }) => cluster);
  const running = statuses.filter((status) => status.running !== null && status.unreadable === undefined);
  const away = statuses.filter((status) => status.away !== undefined).map(({ cluster }) => cluster);
  if (away.length > 0 && away.length === statuses.length)
    return mrkdwn`No cluster can be read now, so what runs there is not known.`;
  const first =
    running.length === 0
      ? `Nothing is ${away.length === 0 ? '' : 'known to be '}running on any cluster`
      : `Running on ${namesOf(running.map(({ cluster }) => cluster))}`;
  const held =
    unreadable.length === 0 ? '' : `; held, with a journal that cannot be read: ${namesOf(unreadable)}`;
  const unknown = away.length === 0 ? '' : `; cannot be read now: ${namesOf(away)}`;
  return mrkdwn`${first}${held}${unknown}.`;
}

const MAX_NAMED = 10;

function namesOf(clusters: readonly string[]): string {
  return listed(clusters, MAX_NAMED);
}

/** `now`: milliseconds since 1970. */
export function clusterLines(status: ClusterStatus, now: number): Mrkdwn {
  const { running, last, unreadable, away } = status;
  if (away !== undefined)
    return mrkdwn`:grey_question: *${status.cluster}* · cannot be read now, so what runs there is not known: ${unended(plainWords(away, MAX_SAID))}`;
  if (unreadable !== undefined)
    return lines(
      mrkdwn`:warning: *${status.cluster}* · held: its journal cannot be read, so nothing is done there`,
      mrkdwn`${plainWords(unreadable, MAX_SAID)}`,
    );
  if (running !== null) {
    const { rollout, url } = running;
    return lines(
      mrkdwn`*${status.cluster}* · ${nounOf(status.cluster, rollout.goal)}, asked by ${person(rollout.user)}${heldBy(rollout)}`,
      mrkdwn`${phaseLine(rollout, now)}${progress(rollout)}${opened(url)}`,
      journeyLine(rollout),
      busyLine(rollout, now),
      overriddenSummary(rollout),
    );
  }
  if (last === null) return mrkdwn`*${status.cluster}* · nothing is running, and nothing was asked yet`;
  return lines(
    mrkdwn`*${status.cluster}* · nothing is running`,
    mrkdwn`Last: ${nounOf(status.cluster, last.rollout.goal)}, ${phaseLine(last.rollout, now)} ${time(last.rollout.lastAt)}${opened(last.url)}`,
    nextLine(last.rollout),
  );
}

/** Who is called is news only once it is somebody else. */
function heldBy({ user, keeper }: Rollout): Mrkdwn {
  return keeper === user ? mrkdwn`` : mrkdwn`, in the hands of ${person(keeper)}`;
}

function progress(rollout: Rollout): Mrkdwn {
  if (rollout.plan === null) return mrkdwn``;
  const counted = progressOf(rollout);
  return mrkdwn` · ${counted.done} of ${plural(counted.all, 'node')} done${leftClause(counted)}`;
}

function busyLine(rollout: Rollout, now: number): Mrkdwn | null {
  const busy = stageRows(rollout, now)
    .flatMap((stage) => stage.rows)
    // The line of the phase says all that there is to say of a soak.
    .filter((row) => row.busy && row.state !== 'soaking')
    .slice(0, MAX_BUSY);
  return busy.length === 0
    ? null
    : joined(
        busy.map((row) => mrkdwn`▸ ${code(row.name)} ${row.state}`),
        '  ',
      );
}

function opened(url: string | null): Mrkdwn {
  return url === null ? mrkdwn`` : mrkdwn` · ${link(url, 'open the thread')}`;
}
