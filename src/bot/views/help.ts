// The help, made from the command table: what one may type, with examples that work in this channel.

import type { Around } from '../cluster-words.ts';
import { exampleOf } from '../command-example.ts';
import {
  briefUsageOf,
  COMMANDS,
  type CommandName,
  type CommandSpec,
  SLASH,
  specOf,
  usageOf,
} from '../command-table.ts';
import { context, type Message, message, packed, section } from './blocks.ts';
import { bold, code, mrkdwn } from './text.ts';
import { capital } from './words.ts';

export function helpMessage(topic: CommandName | null, around: Around): Message {
  const spec = topic === null ? null : specOf(topic);
  if (spec === null) return overview(around);
  return message(mrkdwn`${usageOf(spec)}: ${spec.summary}`, [
    section(mrkdwn`${code(usageOf(spec))}\n${spec.summary} ${spec.details}`),
    context(mrkdwn`Example: ${code(exampleOf(spec, around))}`, mrkdwn`${who(spec.who)}`),
  ]);
}

/** Under which title of the overview a command stands. */
const PARTS: Readonly<Record<CommandName, Part>> = {
  status: 'look',
  why: 'look',
  check: 'look',
  plan: 'look',
  path: 'look',
  doctor: 'look',
  help: 'look',
  upgrade: 'ask',
  rollback: 'ask',
  finish: 'ask',
  disarm: 'ask',
  override: 'override',
  pause: 'steer',
  resume: 'steer',
  continue: 'steer',
  retry: 'steer',
  skip: 'steer',
  abort: 'steer',
  handover: 'steer',
};

type Part = 'look' | 'ask' | 'override' | 'steer';

const TITLES: readonly (readonly [Part, string])[] = [
  ['look', 'Look, and change nothing (anybody)'],
  ['ask', 'Ask for something (operators)'],
  ['steer', 'While it runs, also with buttons (operators)'],
  ['override', 'When a check stops it (approvers)'],
];

function overview(around: Around): Message {
  const parts = TITLES.flatMap(([part, title]) => {
    const specs = COMMANDS.filter(({ name }) => PARTS[name] === part);
    return packed([bold(title), ...specs.map((spec) => mrkdwn`${code(briefUsageOf(spec))} ${spec.summary}`)]);
  });
  const upgrade = specOf('upgrade');
  return message(mrkdwn`What ${SLASH} understands: ${COMMANDS.map((spec) => spec.name).join(', ')}.`, [
    section(
      mrkdwn`*Talos upgrades, together*: a person asks, the bot proposes, people agree, the bot acts one step at a time.`,
    ),
    ...parts,
    context(
      mrkdwn`${upgrade === null ? '' : mrkdwn`For example ${code(exampleOf(upgrade, around))}. `}More of one: ${code(`${SLASH} help upgrade`)}. Only you see this.`,
    ),
  ]);
}

function who(who: CommandSpec['who']): string {
  return who === 'anybody' ? 'Anybody may do this' : `${capital(who)} of the cluster may do this`;
}
