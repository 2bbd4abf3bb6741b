// How a rollout ended: outcome, every node from → to, who agreed to what, and how long machines and people took.
import { lanesOf, plannedNode, stepsOf } from '../../rollout/plan.ts';
import {
  type Approval,
  gateState,
  nodesAway,
  type Rollout,
  restartsUnseen,
  stepState,
} from '../../rollout/rollout.ts';
import { unsettledOf } from '../../rollout/unsettled.ts';
import { aftermathLines } from './aftermath.ts';
import { armedLines, armedRows } from './armed.ts';
import { besideLines } from './beside.ts';
import { context, type Message, message, packed, section } from './blocks.ts';
import { drainedLines } from './drained.ts';
import { unbootedOf } from './finish.ts';
import { onwardBlocks } from './journey.ts';
import { type NodeRow, ownDoing, stageRows } from './nodes.ts';
import { overriddenLines } from './override.ts';
import { scoreLines } from './scorecard.ts';
import { hop, softwareChange } from './software.ts';
import { code, type Mrkdwn, mrkdwn, people, person, plural, shares, spoken } from './text.ts';
import { nodeOfGate, nounOf, phaseLine } from './words.ts';

/** Nodes listed one by one; the others are counted. */
const MAX_NODES = 30;

export function summaryMessage(rollout: Rollout): Message {
  const noun = nounOf(rollout.cluster, rollout.goal);
  const ended = phaseLine(rollout, rollout.lastAt);
  const took = tookLine(rollout);
  return message(mrkdwn`${person(rollout.user)}, ${noun} ended: ${spoken(ended)}. ${took}.`, [
    section(
      mrkdwn`${ended}: ${noun}\n${person(rollout.user)}, this is what became of your request.${handedTo(rollout)}`,
    ),
    ...packed([
      ...nodeLines(rollout),
      ...snapshotLines(rollout),
      ...besideLines(rollout),
      ...drainedLines(rollout),
      ...leftLines(rollout),
      ...aftermathLines(rollout),
    ]),
    ...armedRows(rollout),
    ...packed(scoreLines(rollout)),
    ...packed(approvalLines(rollout)),
    ...onwardBlocks(rollout),
    ...packed(overriddenLines(rollout)),
    context(took, mrkdwn`rollout ${rollout.id}`),
  ]);
}

/** Who asked is called; so is who had it in the end. */
function handedTo({ user, keeper }: Rollout): Mrkdwn {
  return keeper === user ? mrkdwn`` : mrkdwn` ${person(keeper)} had it in hand.`;
}

function tookLine(rollout: Rollout): Mrkdwn {
  const all = rollout.lastAt - rollout.askedAt;
  const waited = Math.min(all, rollout.peopleMs);
  const { whole, part, rest } = shares(all, waited);
  return mrkdwn`Took ${whole}: ${rest} of work, ${part} waiting for people`;
}

function nodeLines(rollout: Rollout): readonly Mrkdwn[] {
  const rows = stageRows(rollout, rollout.lastAt).flatMap((stage) =>
    stage.kind === 'nodes' ? stage.rows : [],
  );
  const shown = rows.slice(0, MAX_NODES).map((row) => nodeLine(rollout, row));
  const hidden = rows.slice(MAX_NODES);
  if (hidden.length === 0) return shown;
  const done = hidden.filter((row) => row.state === 'done').length;
  return [...shown, mrkdwn`… and ${hidden.length} more, ${done} of them done`];
}

/** Where the way back to the cluster's data lies: whoever needs it has no time to search. */
function snapshotLines(rollout: Rollout): readonly Mrkdwn[] {
  const steps = rollout.plan === null ? [] : stepsOf(rollout.plan);
  return steps.flatMap((step) => {
    const state = stepState(rollout, step.id);
    if (step.kind !== 'snapshot' || state.state !== 'ended') return [];
    const { name, bytes } = state.result;
    const size = typeof bytes === 'number' ? ` (${Math.ceil(bytes / 1_048_576)} MiB)` : '';
    return typeof name === 'string' ? [mrkdwn`etcd snapshot: ${code(name)}${size}`] : [];
  });
}

/** What is not as it was found, by name: nobody shall learn it from the next restart. */
function leftLines(rollout: Rollout): readonly Mrkdwn[] {
  const unseenNames = restartsUnseen(rollout);
  const settleable = unsettledOf(rollout).map(({ node }) => node);
  const unseen = unseenNames
    .filter((node) => !settleable.includes(node))
    .map(
      (node) =>
        mrkdwn`:warning: a restart of ${code(node)} was sent and not seen to end: look at it before anything else is asked of it`,
    );
  const away = nodesAway(rollout)
    .filter((node) => !unseenNames.includes(node))
    .map(
      (node) => mrkdwn`:warning: ${code(node)} restarted and was not seen to be whole again: look after it`,
    );
  const taken = [...rollout.debtsTaken].map(
    ([step, user]) => mrkdwn`:warning: ${code(step)} was left to ${person(user)}`,
  );
  return [...armedLines(rollout), ...unseen, ...away, ...taken];
}

function nodeLine(rollout: Rollout, row: NodeRow): Mrkdwn {
  if (row.state === 'done') {
    const change = softwareChange(rollout.plan === null ? null : plannedNode(rollout.plan, row.name));
    const versions = row.to === null ? `${row.from} → the version before` : hop(row.from, row.to);
    // Nothing new came up there: that it is whole is no success of what was asked.
    const mark = unbootedOf(rollout)?.node === row.name ? '·' : '✓';
    return mrkdwn`${mark} ${code(row.name)} ${versions}${change === null ? '' : ` · ${change}`}${ownDoing(row)}`;
  }
  if (row.state === 'waiting' || row.state === 'needs approval' || row.state === 'left as it was') {
    return mrkdwn`· ${code(row.name)} left at ${row.from}`;
  }
  return mrkdwn`· ${code(row.name)} ${row.state}, was ${row.from}${ownDoing(row)}`;
}

function approvalLines(rollout: Rollout): readonly Mrkdwn[] {
  const gates =
    rollout.plan === null
      ? []
      : lanesOf(rollout.plan).flatMap((lane) => (lane.gate === null ? [] : [lane.gate.id]));
  const given = gates.flatMap((gate) => {
    const approvals = approvalsOf(rollout, gate);
    return approvals.length === 0
      ? []
      : [mrkdwn`• ${code(nodeOfGate(gate))} by ${people(approvals.map(({ user }) => user))}`];
  });
  const shown = given.slice(0, MAX_NODES);
  if (given.length === 0) return [];
  const hidden = given.length - shown.length;
  return [
    mrkdwn`*Approved*`,
    ...shown,
    ...(hidden > 0 ? [mrkdwn`… and ${plural(hidden, 'more gate')}`] : []),
  ];
}

function approvalsOf(rollout: Rollout, gate: string): readonly Approval[] {
  const state = gateState(rollout, gate);
  return state.state === 'passed' || state.state === 'open' ? state.approvals : [];
}
