// The plan as people read it before they agree: stages in order, why in this order, and every finding worst first.
import { blocks, type Finding } from '../../checks/finding.ts';
import type { Path } from '../../cluster/path.ts';
import type { Outcome } from '../../rollout/event.ts';
import type { Goal } from '../../rollout/goal.ts';
import type { Estimate } from '../../rollout/history.ts';
import { type Lane, type Plan, plannedNode, type Stage } from '../../rollout/plan.ts';
import type { Policy } from '../../rollout/policy.ts';
import type { Rollout } from '../../rollout/rollout.ts';
import { soaksOnly } from '../../rollout/soak.ts';
import { backupScope, besideReason } from './beside.ts';
import { actions, context, divider, type Message, message, packed, section } from './blocks.ts';
import { findingLines } from './findings.ts';
import { wayLine } from './journey.ts';
import { installsOnly, preparesOnly } from './nodes.ts';
import { overriddenLines, overrideButtons, standingLine } from './override.ts';
import { soakedIn, soakReason } from './soak.ts';
import { hop, softwareChange } from './software.ts';
import { bold, code, duration, joined, type Mrkdwn, mrkdwn, plainWords, plural } from './text.ts';
import { capital, nounOf, outcomeWord, stepWords } from './words.ts';

export interface PlanInput {
  readonly cluster: string;
  readonly plan: Plan;
  readonly findings: readonly Finding[];
  /** How long it takes, from past upgrades; null or absent where nobody can say. */
  readonly estimate?: Estimate | null;
  /** thread: the plan that was proposed; errand: only shown, nothing is running. */
  readonly use: 'thread' | 'errand';
  /** The rollout it belongs to, for what people say about it; absent: nobody can say anything. */
  readonly proposed?: { readonly rollout: Rollout; readonly policy: Policy };
}

/** Nodes listed per stage. */
const MAX_LANES = 20;
/** Nodes that differ in what they run take different steps; more than a few ways are not a plan people can read. */
const MAX_WAYS = 4;
const MAX_ON_A_WAY = 3;
/** Batches listed, and how long the reasons of one may be. */
const MAX_BATCHES = 10;
const MAX_WHY = 300;
/** Characters of one stage's nodes, of its batches, and of a line of names: names may be long, and the findings stand below. */
const MAX_LANES_TEXT = 1_800;
const MAX_BATCHES_TEXT = 1_000;
const MAX_NAMES_TEXT = 500;
/** What a node's line has beside its name: versions, extensions, how long it takes. */
const BESIDE_NAME = 60;

export function planMessage(input: PlanInput): Message {
  const { cluster, plan, findings, use } = input;
  const touched = plan.nodes.filter((node) => node.touched);
  const rest = plan.nodes.length - touched.length;
  const title = mrkdwn`Plan for ${nounOf(cluster, plan.goal)}`;
  return message(
    mrkdwn`${title}: ${plural(touched.length, 'node')} in ${plural(plan.stages.length, 'stage')}.`,
    [
      section(
        mrkdwn`*${title}*\n${plural(touched.length, 'node')} will be changed${restClause(plan.goal, rest)}${estimateLine(input.estimate)}`,
      ),
      ...packed(plan.stages.flatMap((stage, at) => stageLines(input, stage, at + 1))),
      findings.length === 0 ? null : divider(),
      ...packed(findingLines(findings)),
      ...(input.proposed === undefined ? [] : overrideBlocks(input.proposed)),
      use === 'errand' ? context(errandRemark(findings)) : null,
    ],
  );
}

/** A wish for one node asks nothing of the others. */
function restClause({ kind }: Goal, rest: number): string {
  if (rest === 0) return '';
  if (kind === 'upgrade-talos') return `, ${rest} already as asked`;
  return rest === 1 ? ', the other one is not touched' : `, the ${rest} others are not touched`;
}

function estimateLine(estimate: Estimate | null | undefined): Mrkdwn {
  return estimate === null || estimate === undefined ? mrkdwn`` : mrkdwn`\n${estimateText(estimate)}`;
}

/** What machines need; how long people take is theirs to say. */
export function estimateText(estimate: Estimate): string {
  const { typicalMs, slowMs, upgrades } = estimate;
  const slow = duration(slowMs) === duration(typicalMs) ? '' : `, ${duration(slowMs)} when all of it is slow`;
  return `About ${duration(typicalMs)} without waiting for people${slow} (from ${plural(upgrades, 'past upgrade')})`;
}

function overrideBlocks({ rollout, policy }: NonNullable<PlanInput['proposed']>) {
  const line = standingLine(rollout, policy);
  return [
    ...packed(overriddenLines(rollout)),
    line === null ? null : section(line),
    actions('override', overrideButtons(rollout)),
  ];
}

function errandRemark(findings: readonly Finding[]): Mrkdwn {
  const rest = findings.some(blocks)
    ? '. Asked for like this, it waits until an approver overrides what stops it'
    : '';
  return mrkdwn`Nothing was changed and nothing is running${rest}`;
}

export interface Declined {
  readonly outcome: Outcome;
  readonly sentence: string | null;
  readonly findings: readonly Finding[];
  /** How one gets there over several versions. */
  readonly way?: Path;
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
    declined.way === undefined || goal.kind !== 'upgrade-talos'
      ? null
      : section(wayLine(cluster, { talos: goal.version, kubernetes: null }, declined.way)),
    context(mrkdwn`Nothing was changed`),
  ]);
}

function stageLines(input: PlanInput, stage: Stage, number: number): readonly Mrkdwn[] {
  const title = mrkdwn`${bold(mrkdwn`${number}. ${plainWords(stage.title, 80)}`)}${stageReason(stage)}`;
  if (stage.lanes.every((lane) => preparesOnly(lane) || installsOnly(lane)))
    return [title, backupScope(stage) ?? soakedIn(stage) ?? names(stage.lanes)];
  const lanes = stage.lanes.filter((lane) => !soaksOnly(lane));
  const rows = lanes.slice(0, MAX_LANES).map((lane) => laneLine(input, lane));
  const shown = fitting(rows, MAX_LANES_TEXT);
  const hidden = lanes.length - shown.length;
  return [
    title,
    ...shown,
    ...(hidden > 0 ? [mrkdwn`… and ${hidden} more`] : []),
    ...batchLines(stage),
    ...wayLines({ ...stage, lanes }).map((way) => mrkdwn`_Each:_ ${way}`),
  ];
}

interface Going {
  readonly nodes: readonly Lane[];
  /** Why no more go with them. */
  readonly why: readonly string[];
}

/** Who goes together; nothing where all go one at a time. */
export function batchesOf({ lanes, batches = [] }: Stage): readonly Going[] {
  return batches.flatMap((batch) => {
    const nodes = lanes.filter((lane) => batch.lanes.includes(lane.id) && !soaksOnly(lane));
    return nodes.length === 0 ? [] : [{ nodes, why: batch.why }];
  });
}

/** True when the lines of this stage leave something out. */
export function isStageFolded(stage: Stage): boolean {
  const batches = batchesOf(stage);
  const ways = waysOf(stage);
  return (
    stage.lanes.length > MAX_LANES ||
    stage.lanes.reduce((sum, { node }) => sum + node.length + BESIDE_NAME, 0) > MAX_LANES_TEXT ||
    batches.length > MAX_BATCHES ||
    fitting(batches.map(batchLine), MAX_BATCHES_TEXT).length < batches.length ||
    batches.some(({ nodes, why }) => nodes.length > MAX_LANES || why.join('; ').length > MAX_WHY) ||
    ways.size > MAX_WAYS ||
    (ways.size > 1 && [...ways.values()].some((nodes) => nodes.length > MAX_ON_A_WAY))
  );
}

/** As many as fit into so many characters, and the first in any case. */
function fitting(rows: readonly Mrkdwn[], max: number): readonly Mrkdwn[] {
  let room = max;
  const end = rows.findIndex(({ mrkdwn: text }, at) => {
    room -= text.length;
    return at > 0 && room < 0;
  });
  return end < 0 ? rows : rows.slice(0, end);
}

function batchLine({ nodes, why }: Going, at: number): Mrkdwn {
  const reason =
    why.length === 0 ? mrkdwn`` : mrkdwn` · not with them: ${plainWords(why.join('; '), MAX_WHY)}`;
  return mrkdwn`_Batch ${at + 1}:_ ${names(nodes)}${reason}`;
}

function batchLines(stage: Stage): readonly Mrkdwn[] {
  const going = batchesOf(stage);
  const shown = fitting(going.slice(0, MAX_BATCHES).map(batchLine), MAX_BATCHES_TEXT);
  const hidden = going.length - shown.length;
  return [...shown, ...(hidden > 0 ? [mrkdwn`… and ${plural(hidden, 'more batch', 'more batches')}`] : [])];
}

/** Whose steps are which. */
function waysOf({ lanes }: Stage): ReadonlyMap<string, readonly string[]> {
  const going = lanes.filter((lane) => !soaksOnly(lane));
  const ways = Map.groupBy(going, ({ steps }) => steps.map(stepWords).join(' → '));
  return new Map([...ways].map(([way, on]) => [way, on.map(({ node }) => node)]));
}

/** The steps, once when all lanes take the same; a mixed stage says whose they are. */
function wayLines(stage: Stage): readonly string[] {
  const ways = waysOf(stage);
  if (ways.size === 1) return [...ways.keys()];
  return [...ways]
    .slice(0, MAX_WAYS)
    .map(
      ([way, nodes]) =>
        `${nodes.slice(0, MAX_ON_A_WAY).join(', ')}${nodes.length > MAX_ON_A_WAY ? ', …' : ''}: ${way}`,
    );
}

/** Why the stage goes as it goes: what the plan says of it, else read off its shape. */
export function stageReason(stage: Stage): string {
  const gatedOne = stage.lanes.some((lane) => lane.gate !== null) ? ', after an approval' : '';
  if (stage.why !== undefined) return `: first and alone${gatedOne}, because ${stage.why}`;
  const beside = besideReason(stage) ?? soakReason(stage);
  if (beside !== null) return beside;
  if (stage.lanes.some((lane) => lane.gate?.proof === 'outage'))
    return ': after an approval of an announced outage; etcd is copied first, and only then anything is changed';
  if (stage.lanes.some((lane) => lane.steps.some((step) => step.kind === 'snapshot')))
    return ': verified and archived, before the first control-plane node';
  if (stage.lanes.every(preparesOnly)) return ': first, before anything is touched';
  if (stage.lanes.every(installsOnly))
    return ': one at a time. From then on a node is armed: any restart, a crash too, boots the new version';
  const gated = stage.lanes.some((lane) => lane.gate !== null);
  if (stage.lanes.length === 1) return gated ? ': after an approval' : '';
  const soaks = stage.lanes.some(soaksOnly) ? ', with a soak after each' : '';
  const pace =
    stage.width === 1
      ? `one at a time${soaks}`
      : `at most ${stage.width} at a time, in batches judged together${soaks}`;
  if (!gated) return `: ${pace}`;
  const workers = stage.lanes.every((lane) => lane.role === 'worker');
  return `: ${pace}, each after an approval${workers ? '' : '; the etcd leader goes last'}`;
}

function names(lanes: readonly Lane[]): Mrkdwn {
  const all = lanes.slice(0, MAX_LANES).map((lane) => code(lane.node));
  const shown = fitting(all, MAX_NAMES_TEXT);
  const hidden = lanes.length - shown.length;
  return mrkdwn`${joined(shown, ' ')}${hidden > 0 ? ` … and ${hidden} more` : ''}`;
}

function laneLine({ plan, estimate }: PlanInput, lane: Lane): Mrkdwn {
  const ms = estimate?.nodes[lane.node];
  const took = ms === undefined ? '' : ` · about ${duration(ms)}`;
  const node = plannedNode(plan, lane.node);
  const software = softwareChange(node);
  const versions = mrkdwn`${hop(node?.from ?? '?', node?.to ?? 'the version before')}${software === null ? '' : `, ${software}`}`;
  return mrkdwn`• ${code(lane.node)} ${versions}${lane.gate === null ? '' : ' · asks first'}${took}`;
}
