// What people typed, shown back to them within a sentence.
import { clipped } from './views/text.ts';

/** A word people typed is quoted back at most this long. */
const MAX_QUOTED = 40;
/** Names listed in a sentence; the others are counted. */
const MAX_LISTED = 8;

/** Without the angle of a mention: in a sentence of ours it would become one, and this person wrote it by hand. */
export function quoted(typed: string): string {
  return `“${clipped(typed.replaceAll(/<+@/g, '@'), MAX_QUOTED)}”`;
}

export function listed(names: readonly string[]): string {
  const shown = names.slice(0, MAX_LISTED);
  const hidden = names.length - shown.length;
  return hidden > 0 ? `${shown.join(', ')} and ${hidden} more` : shown.join(', ');
}
