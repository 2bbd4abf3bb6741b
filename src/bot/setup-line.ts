// One line of what set-up has or lacks.
import type { SetupLine } from '../engine/ports/errands.ts';

export function line(
  what: string,
  state: SetupLine['state'],
  sentence: string,
  advice: string | null = null,
): SetupLine {
  return { what, state, sentence, advice };
}
