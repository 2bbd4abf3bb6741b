// The help, made from the command table: what one may type, with examples that work in this channel.

import type { Around } from '../cluster-words.ts';
import { exampleOf } from '../command-example.ts';
import { COMMANDS, type CommandName, type CommandSpec, SLASH, specOf, usageOf } from '../command-table.ts';
import { context, type Message, message, packed, section } from './blocks.ts';
import { code, type Mrkdwn, mrkdwn } from './text.ts';
import { capital } from './words.ts';

export function helpMessage(topic: CommandName | null, around: Around): Message {
  const spec = topic === null ? null : specOf(topic);
  if (spec === null) return overview(around);
  return message(mrkdwn`${usageOf(spec)}: ${spec.summary}`, [
    section(mrkdwn`${code(usageOf(spec))}\n${spec.summary} ${spec.details}`),
    context(mrkdwn`Example: ${code(exampleOf(spec, around))}`, mrkdwn`${who(spec.who)}`),
  ]);
}

function overview(around: Around): Message {
  const rows: readonly Mrkdwn[] = COMMANDS.map((spec) => mrkdwn`${code(usageOf(spec))}\n${spec.summary}`);
  const upgrade = specOf('upgrade');
  return message(mrkdwn`What ${SLASH} understands: ${COMMANDS.map((spec) => spec.name).join(', ')}.`, [
    section(
      mrkdwn`*Talos upgrades, together*: a person asks, the bot proposes, people agree, the bot acts one step at a time.`,
    ),
    ...packed(rows),
    context(
      mrkdwn`${upgrade === null ? '' : mrkdwn`For example ${code(exampleOf(upgrade, around))}. `}Only you see this.`,
    ),
  ]);
}

function who(who: CommandSpec['who']): string {
  return who === 'anybody' ? 'Anybody may do this' : `${capital(who)} of the cluster may do this`;
}
