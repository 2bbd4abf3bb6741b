// The table of traps as a page for people: docs/traps.md.
import type { Trap, Unguarded } from './trap.ts';

const INTRODUCTION = `# Traps of the Talos API

What a client of Talos must know that its API does not say, and what this bot does about it. Each line is held twice: by the
test beside it, and by \`test/traps\`, which takes the guard out of a copy of the bot and asks that test whether it notices.
The numbers are those of the notes this bot was written from. This page is generated from the table in \`test/traps\`
(\`npm test -- test/traps --update\`).

| | What there is to know | The bot … | Shown by |
|---|---|---|---|
`;

/** A pipe within a cell would end it. */
const cell = (text: string): string => text.replaceAll('|', '\\|');

export function pageOf(traps: readonly Trap[], unguarded: readonly Unguarded[]): string {
  const rows = traps.flatMap(({ trap, sentence, guards }) =>
    guards.map(({ by, test }, index) => {
      const first = index === 0;
      const cells = [first ? String(trap) : '', first ? sentence : '', by, `\`${test.file}\``];
      return `| ${cells.map(cell).join(' | ')} |`;
    }),
  );
  const without = unguarded.map(({ trap, why }) => `Number ${trap} is left out: ${why}.`);
  return `${INTRODUCTION}${rows.join('\n')}\n\n${without.join('\n')}\n`;
}
