// How people of the zoo ask for plans, and read what a plan says under which title.
import type { Message } from '../../slack/contract.ts';
import type { Troupe, Who } from '../troupe.ts';
import type { Expected } from './exhibit.ts';

interface Line {
  readonly level: string;
  readonly text: string;
}

export interface Answer {
  readonly text: string;
  readonly lines: readonly Line[];
}

export function plan(troupe: Troupe, asked: string): Promise<Answer> {
  return ask(troupe, 'requester', `/talos plan ${asked}`);
}

/** Asked by somebody who may start nothing. */
export function check(troupe: Troupe): Promise<Answer> {
  return ask(troupe, 'bystander', '/talos check');
}

/** Types a question and reads the private answer. */
async function ask(troupe: Troupe, who: Who, question: string): Promise<Answer> {
  const answers = (): readonly Message[] =>
    troupe.privately(who).filter(({ blocks }) => JSON.stringify(blocks).includes(ENDING));
  const before = answers().length;
  await troupe.command(who, question);
  await troupe.until(`the answer to ${question}`, () => answers().length > before);
  const message = answers().at(-1);
  if (message === undefined) throw new Error('the answer went away');
  return read(message);
}

/** What ends every answer that changed nothing. */
const ENDING = 'Nothing was changed';

const TITLES: Readonly<Record<string, string>> = {
  Blockers: 'blocker',
  Unknown: 'unknown',
  Warnings: 'warning',
};

/** Findings stand under the title of their level. */
function read({ blocks }: Message): Answer {
  const text = textsIn(blocks).join('\n');
  let level = '';
  const lines = text.split('\n').flatMap((line): Line[] => {
    const [, title = ''] = /^\*([A-Z][a-z]+)[^*]*\* \(\d+\)$/.exec(line) ?? [];
    level = TITLES[title] ?? level;
    return line.startsWith('•') ? [{ level, text: line }] : [];
  });
  return { text, lines };
}

function textsIn(value: unknown): readonly string[] {
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) =>
    key === 'text' && typeof inner === 'string' ? [inner] : textsIn(inner),
  );
}

export function found({ lines }: Pick<Answer, 'lines'>, { says }: Pick<Expected, 'says'>): Line | null {
  return lines.find(({ text }) => text.includes(says)) ?? null;
}

/** What is not as the row says; nothing when it is. Every sentence begins with the name of the check. */
export function missesOf(answer: Pick<Answer, 'lines'>, expected: Expected): readonly string[] {
  const { check, level, subject, says } = expected;
  const line = found(answer, expected);
  if (line === null) return [`${check}: no finding says "${says}"`];
  return [
    ...(line.level === level ? [] : [`${check}: is a ${line.level}, not a ${level}: ${line.text}`]),
    ...(subject === 'cluster' || line.text.includes(subject)
      ? []
      : [`${check}: is not about ${subject}: ${line.text}`]),
  ];
}
