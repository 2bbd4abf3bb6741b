// Lines of a journal that were opened once: whoever reads them again is given the same entries, which nobody can change.
import type { Entry } from '../../src/rollout/event.ts';
import { openLines, type StoredLines } from '../../src/store/entry.ts';

/** By the list itself: lines are only ever put behind the others, and whoever damages a journal makes another list. */
export class OpenedLines {
  readonly #entries = new WeakMap<readonly string[], Entry[]>();

  /** As `openLines` of all of them after the first `after`; throws as it does. */
  read(stored: Omit<StoredLines, 'before'>): readonly Entry[] {
    const { lines, after } = stored;
    const entries = this.#entries.get(lines) ?? [];
    const known = entries.length;
    if (known < lines.length) {
      try {
        const before = lines[known - 1] ?? null;
        entries.push(
          ...openLines({ ...stored, after: known, before, lines: lines.slice(known) }).map(frozen),
        );
        this.#entries.set(lines, entries);
      } catch {
        // Which of them a reader may have, and whether it minds, depends on where it begins.
        return openLines({ ...stored, before: lines[after - 1] ?? null, lines: lines.slice(after) });
      }
    }
    return entries.slice(after);
  }
}

function frozen<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) frozen(member);
  return Object.freeze(value);
}
