// Reads the command line of the soak; every mistake is one sentence.

export type Wanted =
  | {
      readonly kind: 'walk';
      readonly seed: number;
      /** The first round, from 1, and how many. */
      readonly from: number;
      readonly rounds: number;
      /** Null: the product as it is. */
      readonly mutant: string | null;
      /** False: a failure is told as it was drawn, which is quicker. */
      readonly shrinks: boolean;
    }
  | { readonly kind: 'list' }
  | { readonly kind: 'mistake'; readonly sentence: string };

type Walk = Extract<Wanted, { kind: 'walk' }>;
type Writable<T> = { -readonly [K in keyof T]: T[K] };

export const USAGE = `npm run soak -- [--seed N] [--rounds M]     M random walks (seed 1, 500 rounds)
npm run soak -- --seed N --round K         only the walk that has this number (--from K: from there on)
npm run soak -- --mutant NAME              the same with a guard taken out: it must fail
npm run soak -- --as-drawn                 a failure is not made shorter first
npm run soak -- --list                     the mutants, one a line`;

const DEFAULTS = { seed: 1, from: 1, rounds: 500, mutant: null, shrinks: true } as const;
/** A week of walks on a fast machine. */
const MOST = 10_000_000;

export function readArguments(words: readonly string[], mutants: readonly string[]): Wanted {
  const wanted: Writable<Omit<Walk, 'kind'>> = { ...DEFAULTS };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    if (word === '--list') return { kind: 'list' };
    if (word === '--as-drawn') {
      wanted.shrinks = false;
      continue;
    }
    at += 1;
    const value = words[at] ?? '';
    if (word === '--mutant') {
      if (!mutants.includes(value))
        return mistake(`There is no mutant "${value}". They are: ${mutants.join(', ')}.`);
      wanted.mutant = value;
      continue;
    }
    if (!['--seed', '--rounds', '--round', '--from'].includes(word))
      return mistake(`"${word}" is not an option of the soak.`);
    const number = /^\d{1,8}$/.test(value) ? Number(value) : 0;
    if (number < 1 || number > MOST) return mistake(`${word} expects a whole number from 1 to ${MOST}.`);
    if (word === '--seed') wanted.seed = number;
    else if (word === '--rounds') wanted.rounds = number;
    else if (word === '--from') wanted.from = number;
    else Object.assign(wanted, { from: number, rounds: 1 });
  }
  return { kind: 'walk', ...wanted };
}

function mistake(sentence: string): Wanted {
  return { kind: 'mistake', sentence };
}
