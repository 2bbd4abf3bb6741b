// The whole plan and every finding as plain text, for the file beside a message that is folded to fit Slack's limits.
import { type Finding, type Level, worstFirst } from '../../checks/finding.ts';
import { type Plan, plannedNode } from '../../rollout/plan.ts';
import { areFolded } from './findings.ts';
import { MAX_LANES } from './plan.ts';
import { stepWords } from './words.ts';

export interface Report {
  readonly name: string;
  readonly text: string;
}

/** True when the message leaves out nodes or findings that somebody may want to read. Without a plan: of what was found alone. */
export function isFolded(plan: Plan | null, findings: readonly Finding[]): boolean {
  return plan?.stages.some(({ lanes }) => lanes.length > MAX_LANES) === true || areFolded(findings);
}

export interface Reported {
  readonly cluster: string;
  readonly noun: string;
  /** Null: what was found stood against it, so that there is none. */
  readonly plan: Plan | null;
  readonly findings: readonly Finding[];
}

export function reportOf({ cluster, noun, plan, findings }: Reported): Report {
  const title = plan === null ? `No plan for ${noun}: what was found` : `Plan for ${noun}`;
  const lines = [
    title,
    '',
    ...(plan === null ? [] : planLines(plan)),
    ...LEVELS.flatMap(([level, name]) => levelLines(level, name, findings)),
  ];
  const file = plan === null ? 'findings' : 'plan';
  return { name: `${file}-${cluster}.txt`, text: `${lines.join('\n').trimEnd()}\n` };
}

function planLines(plan: Plan): readonly string[] {
  return plan.stages.flatMap((stage, at) => [
    `${at + 1}. ${stage.title} (${stage.width} at a time)`,
    ...stage.lanes.map((lane) => {
      const node = plannedNode(plan, lane.node);
      const hop = node === null ? '' : ` ${node.from} -> ${node.to ?? 'the version before'}`;
      const steps = lane.steps.map(stepWords).join(', ');
      return `   ${lane.node}${hop}${lane.gate === null ? '' : ', after an approval'}: ${steps}`;
    }),
    '',
  ]);
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
      `   ${check}, ${subject}: ${sentence}`,
      ...(advice === null ? [] : [`      What to do: ${advice}`]),
    ]),
    '',
  ];
}
