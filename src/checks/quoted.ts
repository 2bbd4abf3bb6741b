// What others wrote, as it stands in a sentence of ours: on one line, no longer than people read, and without its full stop.

/** Characters: an operator's status can be a whole log, and findings are journalled. */
const MOST_QUOTED = 300;

/** Empty stays empty. */
export function quoted(text: string): string {
  const line = text
    .replaceAll(/\s+/g, ' ')
    .trim()
    .replace(/[.\s]+$/, '');
  return line.length > MOST_QUOTED ? `${line.slice(0, MOST_QUOTED - 1).trimEnd()}…` : line;
}
