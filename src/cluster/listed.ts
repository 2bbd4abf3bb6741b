// How many things stand in one sentence: the first of them by name, the others as a number.

/** Enough to begin with; the number tells the rest. */
const MOST_NAMED = 5;

/** `a, b, c and 3 more`. */
export function listed(names: readonly string[], most = MOST_NAMED): string {
  const hidden = names.length - most;
  return `${names.slice(0, most).join(', ')}${hidden > 0 ? ` and ${hidden} more` : ''}`;
}
