// The plan as people read it before they agree: stages in order, why in this order, and every finding worst first.
import type { Finding } from '../../checks/finding.ts';
import type { Outcome } from '../../rollout/event.ts';
import type { Goal } from '../../rollout/goal.ts';
import { type Lane, type Plan, plannedNode, type Stage } from '../../rollout/plan.ts';
import { context, divider, type Message, message, packed, section } from './blocks.ts';
import { findingLines } from './findings.ts';
import { preparesOnly } from './nodes.ts';
import { hop, softwareChange } from './software.ts';
import { bold, code, joined, type Mrkdwn, mrkdwn, plainWords, plural } from './text.ts';
import { capital, nounOf, outcomeWord } from './words.ts';

export interface PlanInput {
  readonly cluster: string;
  readonly plan: Plan;
  readonly findings: readonly Finding[];
  /** thread: the plan that was proposed; errand: only shown, nothing is running. */
  readonly use: 'thread' | 'errand';
}

/** Nodes listed per stage. */
const MAX_LANES = 20;
/** Nodes that differ in what they run take different steps; more than a few ways are not a plan people can read. */
const MAX_WAYS = 4;

export function planMessage(input: PlanInput): Message {
  const { cluster, plan, findings, use } = input;
  const touched = plan.nodes.filter((node) => node.touched);
  const rest = plan.nodes.length - touched.length;
  const title = mrkdwn`Plan for ${nounOf(cluster, plan.goal)}`;
  return message(
    mrkdwn`${title}: ${plural(touched.length, 'node')} in ${plural(plan.stages.length, 'stage')}.`,
    [
      section(
        mrkdwn`*${title}*\n${plural(touched.length, 'node')} will be changed${rest === 0 ? '' : `, ${rest} already as asked`}`,
      ),
      ...packed(plan.stages.flatMap((stage, at) => stageLines(plan, stage, at + 1))),
      findings.length === 0 ? null : divider(),
      ...packed(findingLines(findings)),
      use === 'errand' ? context(mrkdwn`Nothing was changed and nothing is running`) : null,
    ],
  );
}

export interface Declined {
  readonly outcome: Outcome;
  readonly sentence: string | null;
  readonly findings: readonly Finding[];
}

/** An answer to somebody whose wish came to nothing: nothing was changed, and why. */
export function declinedMessage(cluster: string, goal: Goal, declined: Declined): Message {
  const noun = nounOf(cluster, goal);
  const why =
    declined.sentence === null
      ? mrkdwn`It ended before there was a plan.`
      : mrkdwn`${plainWords(declined.sentence, 600)}`;
  const title =
    declined.outcome === 'unchanged'
      ? mrkdwn`Nothing to do`
      : mrkdwn`${capital(outcomeWord(declined.outcome))}: ${noun}`;
  return message(mrkdwn`${title}. ${why}`, [
    section(mrkdwn`*${title}*\n${why}`),
    ...packed(findingLines(declined.findings)),
    context(mrkdwn`Nothing was changed`),
  ]);
}

function stageLines(plan: Plan, stage: Stage, number: number): readonly Mrkdwn[] {
  const title = mrkdwn`${bold(mrkdwn`${number}. ${plainWords(stage.title, 80)}`)}${reason(stage)}`;
  if (stage.lanes.every(preparesOnly)) return [title, names(stage.lanes)];
  const shown = stage.lanes.slice(0, MAX_LANES);
  const hidden = stage.lanes.length - shown.length;
  return [
    title,
    ...shown.map((lane) => laneLine(plan, lane)),
    ...(hidden > 0 ? [mrkdwn`… and ${hidden} more`] : []),
    ...waysOf(stage).map((way) => mrkdwn`_Each:_ ${way}`),
  ];
}

/** The steps, once when all lanes take the same; a mixed stage says whose they are. */
function waysOf(stage: Stage): readonly string[] {
  const ways = new Map<string, string[]>();
  for (const lane of stage.lanes) {
    const way = lane.steps.map((step) => step.kind.replaceAll('-', ' ')).join(' → ');
    ways.set(way, [...(ways.get(way) ?? []), lane.node]);
  }
  if (ways.size === 1) return [...ways.keys()];
  return [...ways]
    .slice(0, MAX_WAYS)
    .map(([way, nodes]) => `${nodes.slice(0, 3).join(', ')}${nodes.length > 3 ? ', …' : ''}: ${way}`);
}

/** Why the stage goes as it goes, read off its shape. */
function reason(stage: Stage): string {
  if (stage.lanes.some((lane) => lane.steps.some((step) => step.kind === 'snapshot')))
    return ': verified and archived, before the first control-plane node';
  if (stage.lanes.every(preparesOnly)) return ': first, before anything is touched';
  const gated = stage.lanes.some((lane) => lane.gate !== null);
  if (stage.lanes.length === 1) return gated ? ': after an approval' : '';
  const pace = stage.width === 1 ? 'one at a time' : `${stage.width} at a time`;
  return gated ? `: ${pace}, each after an approval; the etcd leader goes last` : `: ${pace}`;
}

function names(lanes: readonly Lane[]): Mrkdwn {
  const shown = lanes.slice(0, MAX_LANES).map((lane) => code(lane.node));
  const hidden = lanes.length - shown.length;
  return mrkdwn`${joined(shown, ' ')}${hidden > 0 ? ` … and ${hidden} more` : ''}`;
}

function laneLine(plan: Plan, lane: Lane): Mrkdwn {
  const node = plannedNode(plan, lane.node);
  const software = softwareChange(node);
  const versions = mrkdwn`${hop(node?.from ?? '?', node?.to ?? 'the version before')}${software === null ? '' : `, ${software}`}`;
  return mrkdwn`• ${code(lane.node)} ${versions}${lane.gate === null ? '' : ' · asks first'}`;
}
