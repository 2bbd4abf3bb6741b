// What set-up lacks: per system, what is missing first, each with what to do.
import type { SetupLine } from '../../engine/ports/errands.ts';
import { context, type Message, message, packed, section } from './blocks.ts';
import { bold, code, lines, type Mrkdwn, mrkdwn, plainWords, plural, spoken } from './text.ts';

export interface SetupGroup {
  readonly title: string;
  readonly lines: readonly SetupLine[];
}

const SIGN: Readonly<Record<SetupLine['state'], string>> = {
  ok: '✓',
  lacks: ':warning:',
  unknown: ':grey_question:',
};
const ORDER: readonly SetupLine['state'][] = ['lacks', 'unknown', 'ok'];
/** A sentence of another system, and what to do about it. */
const MAX_SAID = 300;

/** Told privately to whoever asked. `hidden`: clusters that did not fit. */
export function doctorMessage(groups: readonly SetupGroup[], hidden: number): Message {
  const all = groups.flatMap((group) => group.lines);
  const lacks = all.filter(({ state }) => state === 'lacks').length;
  const unknown = all.filter(({ state }) => state === 'unknown').length;
  const asked = unknown === 0 ? '' : `; ${plural(unknown, 'thing')} could not be found out`;
  const title = mrkdwn`${lacks === 0 ? 'Nothing is lacking' : `${plural(lacks, 'thing')} to look after`}${asked}.`;
  return message(spoken(title), [
    section(bold(title)),
    ...packed(groups.flatMap(groupRows)),
    context(
      mrkdwn`${hidden > 0 ? `${plural(hidden, 'more cluster')}: name one. ` : ''}Only you see this. Nothing was changed.`,
    ),
  ]);
}

function groupRows({ title, lines: all }: SetupGroup): readonly Mrkdwn[] {
  const sorted = ORDER.flatMap((state) => all.filter((one) => one.state === state));
  return [bold(title), ...sorted.map(rowOf)];
}

function rowOf({ what, state, sentence, advice }: SetupLine): Mrkdwn {
  const said = mrkdwn`${{ mrkdwn: SIGN[state] }} ${code(what)} ${plainWords(sentence, MAX_SAID)}`;
  return lines(said, advice === null ? null : mrkdwn`      _What to do:_ ${plainWords(advice, MAX_SAID)}`);
}
