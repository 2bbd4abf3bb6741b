// The whole plan and every finding as plain text, for the file beside a plan that is folded to fit Slack's limits.
import { type Finding, type Level, worstFirst } from '../../checks/finding.ts';
import { type Plan, plannedNode } from '../../rollout/plan.ts';
import { MAX_PER_LEVEL } from './findings.ts';
import { MAX_LANES } from './plan.ts';
import { stepWords } from './words.ts';

export interface Report {
  readonly name: string;
  readonly text: string;
}

/** True when the message leaves out nodes or findings that somebody may want to read. */
export function isFolded(plan: Plan, findings: readonly Finding[]): boolean {
  const loud = findings.filter(({ level }) => level !== 'ok' && level !== 'skipped');
  return plan.stages.some(({ lanes }) => lanes.length > MAX_LANES) || loud.length > MAX_PER_LEVEL;
}

export function reportOf(about: {
  readonly cluster: string;
  readonly noun: string;
  readonly plan: Plan;
  readonly findings: readonly Finding[];
}): Report {
  const { cluster, noun, plan, findings } = about;
  const lines = [
    `Plan for ${noun}`,
    '',
    ...plan.stages.flatMap((stage, at) => [
      `${at + 1}. ${stage.title} (${stage.width} at a time)`,
      ...stage.lanes.map((lane) => {
        const node = plannedNode(plan, lane.node);
        const hop = node === null ? '' : ` ${node.from} -> ${node.to ?? 'the version before'}`;
        const steps = lane.steps.map(stepWords).join(', ');
        return `   ${lane.node}${hop}${lane.gate === null ? '' : ', after an approval'}: ${steps}`;
      }),
      '',
    ]),
    ...LEVELS.flatMap(([level, title]) => levelLines(level, title, findings)),
  ];
  return { name: `plan-${cluster}.txt`, text: `${lines.join('\n').trimEnd()}\n` };
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
