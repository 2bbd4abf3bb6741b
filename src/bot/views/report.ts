// The whole plan and every finding as plain text, for the file beside a message that is folded to fit Slack's limits.
import { type Finding, type Level, worstFirst } from '../../checks/finding.ts';
import type { Estimate } from '../../rollout/history.ts';
import { type Lane, type Plan, plannedNode, type Stage } from '../../rollout/plan.ts';
import { type Message, message } from './blocks.ts';
import { areFolded } from './findings.ts';
import { batchesOf, estimateText, isStageFolded, stageReason } from './plan.ts';
import { softwareChange } from './software.ts';
import { code, duration, mrkdwn, plainWords } from './text.ts';
import { stepWords } from './words.ts';

export interface Report {
  readonly name: string;
  readonly text: string;
}

/** True when the message leaves out nodes, batches or findings that somebody may want to read. Without a plan: of what was found alone. */
export function isFolded(plan: Plan | null, findings: readonly Finding[]): boolean {
  return plan?.stages.some(isStageFolded) === true || areFolded(findings);
}

/** In place of the file, where Slack does not take it. `why`: its word for that. */
export function withoutFile(name: string, why: string): Message {
  const what = mrkdwn`${code(name)}, which has all that is folded above, could not be put here (${code(why)})`;
  return message(mrkdwn`${what}. Everything goes on without it.`, []);
}

export interface Reported {
  readonly cluster: string;
  readonly noun: string;
  /** Null: what was found stood against it, so that there is none. */
  readonly plan: Plan | null;
  readonly findings: readonly Finding[];
  /** From past upgrades; null or absent where nobody can say. */
  readonly estimate?: Estimate | null;
}

export function reportOf({ cluster, noun, plan, findings, estimate = null }: Reported): Report {
  const title = plan === null ? `No plan for ${noun}: what was found` : `Plan for ${noun}`;
  const lines = [
    plainText(title),
    ...(plan === null || estimate === null ? [] : [estimateText(estimate)]),
    '',
    ...(plan === null ? [] : plan.stages.flatMap((stage, at) => stageLines(plan, stage, at + 1, estimate))),
    ...LEVELS.flatMap(([level, name]) => levelLines(level, name, findings)),
  ];
  const file = plan === null ? 'findings' : 'plan';
  return { name: `${file}-${cluster}.txt`, text: `${lines.join('\n').trimEnd()}\n` };
}

/** Longer than anything of ours; what machines wrote may be as long as they like. */
const MAX_LINE = 20_000;

/** What others wrote stays on one line, so that it cannot pass for a line of ours. */
function plainText(text: string): string {
  return plainWords(text, MAX_LINE);
}

function stageLines(plan: Plan, stage: Stage, number: number, estimate: Estimate | null): readonly string[] {
  return [
    plainText(`${number}. ${stage.title} (${stage.width} at a time)${stageReason(stage)}`),
    ...stage.lanes.map((lane) => laneLine(plan, lane, estimate)),
    ...batchesOf(stage).map(({ nodes, why }, at) => {
      const reason = why.length === 0 ? '' : `; not with them: ${why.join('; ')}`;
      return `   ${plainText(`Batch ${at + 1}: ${nodes.map(({ node }) => node).join(', ')}${reason}`)}`;
    }),
    '',
  ];
}

function laneLine(plan: Plan, lane: Lane, estimate: Estimate | null): string {
  const node = plannedNode(plan, lane.node);
  const hop = node === null ? '' : ` ${node.from} -> ${node.to ?? 'the version before'}`;
  const software = softwareChange(node);
  const gate = lane.gate === null ? '' : ', after an approval';
  const ms = estimate?.nodes[lane.node];
  const took = ms === undefined ? '' : `, about ${duration(ms)}`;
  const steps = lane.steps.map(stepWords).join(', ');
  const what = `${lane.node}${hop}${software === null ? '' : `, ${software}`}${gate}${took}: ${steps}`;
  return `   ${plainText(what)}`;
}

const LEVELS: readonly (readonly [Level, string])[] = [
  ['blocker', 'Blockers'],
  ['unknown', 'Unknown'],
  ['warning', 'Warnings'],
  ['ok', 'Fine'],
  ['skipped', 'Not checked'],
];

function levelLines(level: Level, title: string, findings: readonly Finding[]): readonly string[] {
  const found = worstFirst(findings).filter((finding) => finding.level === level);
  if (found.length === 0) return [];
  return [
    `${title} (${found.length})`,
    ...found.flatMap(({ check, subject, sentence, advice }) => [
      `   ${plainText(`${check}, ${subject}: ${sentence}`)}`,
      ...(advice === null ? [] : [`      What to do: ${plainText(advice)}`]),
    ]),
    '',
  ];
}
