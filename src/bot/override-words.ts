// The words of `/talos override` after the cluster: which checks, and the reason as the person wrote it.
import { CHECKS, isCheck } from '../checks/catalogue.ts';
import { mistakeOfReason } from '../rollout/override.ts';
import { nearest } from './nearest.ts';
import type { Trouble } from './options.ts';
import { quoted } from './quoting.ts';
import { proseOf, wordsOf } from './typed.ts';

export interface Overriding {
  readonly kind: 'override';
  readonly checks: readonly string[];
  readonly reason: string;
}

const EXAMPLE_CHECK = 'flux';
const EXAMPLE_REASON = 'because that app is being replaced';
export const OVERRIDE_EXAMPLE = `${EXAMPLE_CHECK} ${EXAMPLE_REASON}`;

/** Between the checks and the reason: the first one counts, so that a reason may have one of its own. */
const BECAUSE = /\s(?:because|since|reason:)(?:\s|$)/i;
/** Words that make it a sentence and mean nothing more. */
const FILLING = ['and', 'of', 'the', 'check', 'checks'];

/** The words before the reason, and the reason with its quotes, dashes and capitals; null when there is none. */
export function splitReason(text: string): {
  readonly words: readonly string[];
  readonly reason: string | null;
} {
  const found = BECAUSE.exec(text);
  if (found === null) return { words: wordsOf(text), reason: null };
  const reason = proseOf(text.slice(found.index + found[0].length));
  return { words: wordsOf(text.slice(0, found.index)), reason };
}

/** True for a word that can stand where otherwise the cluster's name would. */
export function isCheckWord(word: string): boolean {
  return FILLING.includes(word.toLowerCase()) || namesIn(word).every(isCheck);
}

/** `flux`, `flux,velero`, `flux, velero and capacity`. */
export function takeChecks(words: readonly string[], reason: string | null): Overriding | Trouble {
  const names = words.filter((word) => !FILLING.includes(word.toLowerCase())).flatMap(namesIn);
  const [first = EXAMPLE_CHECK] = names;
  const strange = names.find((name) => !isCheck(name));
  if (strange !== undefined) {
    const meant = nearest(strange, Object.keys(CHECKS)) ?? EXAMPLE_CHECK;
    return trouble(`There is no check ${quoted(strange)}.`, `${meant} ${EXAMPLE_REASON}`);
  }
  if (names.length === 0) return trouble('Say which check to override.', OVERRIDE_EXAMPLE);
  if (reason === null) return trouble('Say why, after “because”.', `${first} ${EXAMPLE_REASON}`);
  const mistake = mistakeOfReason(reason);
  if (mistake !== null) return trouble(`A reason ${mistake}.`, `${first} ${EXAMPLE_REASON}`);
  return { kind: 'override', checks: [...new Set(names)], reason };
}

function namesIn(word: string): readonly string[] {
  return word
    .toLowerCase()
    .split(',')
    .filter((name) => name !== '');
}

function trouble(sentence: string, example: string): Trouble {
  return { kind: 'trouble', sentence, example };
}
