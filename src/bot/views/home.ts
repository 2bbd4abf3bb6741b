// The App Home of one person: what waits for them first, then every cluster.
import type { Button, HomeView, KnownBlock } from '@slack/types';
import { mayApprove } from '../../rollout/approval.ts';
import { blockedDrains, questionOf } from '../../rollout/blockade.ts';
import { isOverFor } from '../../rollout/drain.ts';
import { standing } from '../../rollout/override.ts';
import { stepById } from '../../rollout/plan.ts';
import type { Policy } from '../../rollout/policy.ts';
import { isApprover, isOperator } from '../../rollout/policy.ts';
import { gateState, type Held, type Rollout } from '../../rollout/rollout.ts';
import { SLASH } from '../command-table.ts';
import { armedButtons, armedLines } from './armed.ts';
import { actions, context, divider, header, section } from './blocks.ts';
import { cardButtons } from './buttons.ts';
import { drainButtons } from './drain-buttons.ts';
import { gateButtons } from './gate.ts';
import { type Onward, onwardFrom } from './journey.ts';
import { overrideButtons, standingLine } from './override.ts';
import { type ClusterStatus, clusterLines } from './status.ts';
import { channelLink, code, lines, type Mrkdwn, mrkdwn, person, plainWords, plural, time } from './text.ts';
import { blockedSentence } from './why-running.ts';
import { capital, heldClause, nodeOfGate, nounOf } from './words.ts';

export interface HomeInput {
  readonly user: string;
  readonly clusters: readonly (ClusterStatus & { readonly policy: Policy })[];
  /** Milliseconds since 1970. */
  readonly now: number;
}

type HomeCluster = HomeInput['clusters'][number];

/** What a cause may take. */
const MAX_WHY = 400;
/** A view holds as many (facts/slack.md 3.5). */
const MAX_BLOCKS = 100;
/** Clusters listed, unless more of them wait for somebody: more is nothing that anybody reads. */
const MAX_CLUSTERS = 20;
/** What waits is looked for in so many; a fleet beyond that has several bots. */
const MAX_LOOKED = 1_000;

export function homeView(input: HomeInput): HomeView {
  const rows = input.clusters.slice(0, MAX_LOOKED).map((cluster) => rowOf(cluster, input));
  const shown = chosenRows(rows);
  const waiting = shown.flatMap((row) => row.waiting);
  return {
    type: 'home',
    blocks: [
      header('Waiting for you'),
      ...(waiting.length === 0 ? [section(nothingWaits(input))] : waiting),
      divider(),
      header('Clusters'),
      ...shown.flatMap((row) => row.blocks),
      context(mrkdwn`${hiddenCount(input, rows, shown)}Type ${code(`${SLASH} help`)} in a channel to begin.`),
    ],
  };
}

function nothingWaits({ clusters }: HomeInput): Mrkdwn {
  return clusters.some(({ away }) => away !== undefined)
    ? mrkdwn`Nothing is known to wait for you: not every cluster can be read now.`
    : mrkdwn`Nothing waits for you.`;
}

/** What one cluster takes of the view. */
interface HomeRow {
  /** waiting: somebody is asked; busy: something has it or may have, or was left there to settle. */
  readonly rank: 'waiting' | 'busy' | 'quiet';
  readonly waiting: readonly KnownBlock[];
  readonly blocks: readonly KnownBlock[];
}

function rowOf(cluster: HomeCluster, { user, now }: HomeInput): HomeRow {
  const waiting = waitingBlocks(cluster, user);
  const left = cluster.last !== null && armedLines(cluster.last.rollout).length > 0;
  const untold = cluster.unreadable !== undefined || cluster.away !== undefined;
  const busy = cluster.running !== null || untold || left;
  const rank = waiting.length > 0 ? 'waiting' : busy ? 'busy' : 'quiet';
  return { rank, waiting, blocks: clusterBlocks(cluster, user, now) };
}

/** Two headers, a divider, a line below, and the sentence where nothing waits. */
const FRAME = 5;

/** What waits first, whichever cluster it is on, as far as the view has room; and then others, up to a number that can be read. */
function chosenRows(rows: readonly HomeRow[]): readonly HomeRow[] {
  const ordered = (['waiting', 'busy', 'quiet'] as const).flatMap((rank) =>
    rows.filter((row) => row.rank === rank),
  );
  let room = MAX_BLOCKS - FRAME;
  return ordered.filter((row, at) => {
    const size = row.waiting.length + row.blocks.length;
    if (size > room || (row.rank !== 'waiting' && at >= MAX_CLUSTERS)) return false;
    room -= size;
    return true;
  });
}

function hiddenCount({ clusters }: HomeInput, rows: readonly HomeRow[], shown: readonly HomeRow[]): string {
  const hidden = clusters.length - shown.length;
  const waits = rows.filter((row) => row.rank === 'waiting' && !shown.includes(row)).length;
  const asks = waits > 0 ? `, and ${waits} of them ${waits === 1 ? 'waits' : 'wait'} for you as well` : '';
  return hidden > 0 ? `… and ${plural(hidden, 'more cluster')}${asks}. ` : '';
}

function waitingBlocks(cluster: HomeCluster, user: string): readonly KnownBlock[] {
  const rollout = cluster.running?.rollout;
  if (rollout?.phase.phase === 'proposed')
    return standing(rollout).length === 0
      ? operatorBlocks(cluster, rollout, user)
      : stoppedBlocks(cluster, rollout, user);
  if (rollout?.phase.phase === 'paused') return operatorBlocks(cluster, rollout, user);
  if (rollout?.phase.phase === 'held') return heldBlocks(cluster, rollout, rollout.phase.held, user);
  if (rollout?.phase.phase === 'running') return drainBlocks(cluster, rollout, user);
  if (rollout?.phase.phase !== 'at-gate') return [];
  const gate = gateState(rollout, rollout.phase.gate);
  const mine =
    gate.state === 'open' &&
    mayApprove(cluster.policy, rollout.user).includes(user) &&
    !gate.approvals.some((approval) => approval.user === user);
  if (!mine) return [];
  const node = nodeOfGate(rollout.phase.gate);
  const asked = { gate: rollout.phase.gate, proof: gate.proof };
  const row = actions(`home:gate:${cluster.cluster}`, forHome(gateButtons(rollout, asked, 'named'), cluster));
  return [
    section(
      lines(
        mrkdwn`${code(node)} in *${rollout.cluster}*: ${nounOf(rollout.cluster, rollout.goal)}`,
        mrkdwn`${gate.proof.sentence}`,
      ),
    ),
    ...(row === null ? [] : [row]),
  ];
}

/** A plan to be started, or a pause to be ended, by the buttons that stand with its cluster, below. */
function operatorBlocks({ policy }: HomeCluster, rollout: Rollout, user: string): readonly KnownBlock[] {
  const { phase } = rollout;
  if (!isOperator(policy, user)) return [];
  const noun = capital(nounOf(rollout.cluster, rollout.goal));
  switch (phase.phase) {
    case 'proposed':
      return [section(mrkdwn`${noun} waits for an operator to press Start, until ${time(phase.expiresAt)}`)];
    case 'paused':
      return [section(mrkdwn`${noun} waits for an operator to resume it: ${person(phase.user)} paused it`)];
    default:
      return [];
  }
}

/** Its buttons stand with its cluster, below: here is why somebody should press one. */
function heldBlocks(
  { policy }: HomeCluster,
  rollout: Rollout,
  held: Held,
  user: string,
): readonly KnownBlock[] {
  if (!isOperator(policy, user)) return [];
  const noun = capital(nounOf(rollout.cluster, rollout.goal));
  return [
    section(
      lines(
        mrkdwn`:warning: ${noun} is held at ${code(held.node)}: ${heldClause(held)}`,
        mrkdwn`>${plainWords(held.why, MAX_WHY)}`,
      ),
    ),
  ];
}

/** The first of the drains about which somebody is asked; the thread has a card for each. Abort stands with its cluster, below. */
function drainBlocks(cluster: HomeCluster, rollout: Rollout, user: string): readonly KnownBlock[] {
  const { policy } = cluster;
  const [step] = isOverFor(rollout) ? [] : blockedDrains(rollout);
  const question = step === undefined ? null : questionOf(rollout, step);
  if (step === undefined || question === null || rollout.plan === null) return [];
  if (!isOperator(policy, user) && !isApprover(policy, user)) return [];
  const node = stepById(rollout.plan, step)?.node ?? step;
  const buttons = drainButtons(rollout, { step, node, blockers: question.blockers }, policy);
  const answers = buttons.filter(({ action_id: action }) => action?.startsWith('drain:') === true);
  const row = actions(`home:drain:${cluster.cluster}`, forHome(answers, cluster));
  const noun = capital(nounOf(rollout.cluster, rollout.goal));
  const text = section(lines(mrkdwn`:warning: ${noun} is blocked`, blockedSentence(node, question, policy)));
  return row === null ? [text] : [text, row];
}

/** A plan that only somebody like this person can free. */
function stoppedBlocks(cluster: HomeCluster, rollout: Rollout, user: string): readonly KnownBlock[] {
  const { policy } = cluster;
  const line = standingLine(rollout, policy);
  if (line === null || !mayApprove(policy, rollout.user).includes(user)) return [];
  const row = actions(`home:override:${cluster.cluster}`, forHome(overrideButtons(rollout), cluster));
  const text = section(lines(mrkdwn`${capital(nounOf(rollout.cluster, rollout.goal))}`, line));
  return row === null ? [text] : [text, row];
}

/** Every button of the view has an action of its own: the cluster's name is put behind. */
function forHome(buttons: readonly Button[], { cluster }: HomeCluster): readonly Button[] {
  return buttons.map((one) => ({ ...one, action_id: `${one.action_id}:${cluster}` }));
}

function clusterBlocks(cluster: HomeCluster, user: string, now: number): readonly KnownBlock[] {
  const operator = isOperator(cluster.policy, user);
  const onward = operator ? onwardOf(cluster) : null;
  const { running, last, policy } = cluster;
  const armed = running !== null || last === null ? [] : armedLines(last.rollout);
  const said = [clusterLines(cluster, now), ...armed, onward?.said ?? null, channelLink(cluster.channel)];
  const text = section(lines(...said));
  if (!operator) return [text];
  const rollout = cluster.running?.rollout;
  const buttons = rollout === undefined ? (onward?.buttons ?? []) : cardButtons(rollout, { policy, now });
  const row = actions(`home:${cluster.cluster}`, forHome(buttons, cluster));
  return [text, ...(row === null ? [] : [row]), ...armedOf(cluster)];
}

/** What the last rollout left armed, while nothing else came after it: in one row, as the view has room for few. */
function armedOf({ running, last, cluster }: HomeCluster): readonly KnownBlock[] {
  if (running !== null || last === null) return [];
  const named = armedButtons(last.rollout).flatMap(({ node, buttons }) =>
    buttons.map((one) => ({ ...one, action_id: `${one.action_id}:${cluster}:${node}` })),
  );
  const row = actions(`home:armed:${cluster}`, named);
  return row === null ? [] : [row];
}

/** What the thread of the last rollout offers next, as long as nothing else came after it. */
function onwardOf({ running, last }: HomeCluster): Onward | null {
  return running !== null || last === null ? null : onwardFrom(last.rollout);
}
