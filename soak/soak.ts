// Walks round after round; at the first broken promise it stops and says how to see it again, as short as it can be.
import { drawRound, type Round } from './draw.ts';
import { describeMove, type Move } from './move.ts';
import { shrunk } from './shrink.ts';
import type { Broken } from './sight.ts';
import { type Walked, walked } from './walk.ts';

export interface Soaked {
  /** How many rounds were walked. */
  readonly rounds: number;
  readonly effects: number;
  /** Where rollouts came to rest, and how they ended: how often each. */
  readonly rests: ReadonlyMap<string, number>;
  readonly outcomes: ReadonlyMap<string, number>;
  readonly failure: Failure | null;
}

export interface Failure {
  readonly seed: number;
  readonly round: number;
  readonly setup: Round['setup'];
  readonly broken: readonly Broken[];
  /** The shortest list of moves that breaks the same promise. */
  readonly moves: readonly Move[];
  readonly drawn: number;
  readonly story: string;
}

export interface Soaking {
  readonly seed: number;
  readonly from: number;
  readonly rounds: number;
  /** False: a failure is told as it was drawn. */
  readonly shrinks?: boolean;
  readonly onRound?: (round: number, walk: Walked) => void;
}

export async function soaked({ seed, from, rounds, shrinks = true, onRound }: Soaking): Promise<Soaked> {
  const rests = new Map<string, number>();
  const outcomes = new Map<string, number>();
  let effects = 0;
  for (let round = from; round < from + rounds; round += 1) {
    const drawn = drawRound(seed, round);
    const walk = await walked(drawn);
    onRound?.(round, walk);
    effects += walk.effects;
    rests.set(walk.rest, (rests.get(walk.rest) ?? 0) + 1);
    outcomes.set(walk.outcome, (outcomes.get(walk.outcome) ?? 0) + 1);
    if (walk.broken.length === 0) continue;
    const failure = await failureOf(drawn, walk, shrinks);
    return { rounds: round - from + 1, effects, rests, outcomes, failure: { seed, round, ...failure } };
  }
  return { rounds, effects, rests, outcomes, failure: null };
}

async function failureOf(
  drawn: Round,
  walk: Walked,
  shrinks: boolean,
): Promise<Omit<Failure, 'seed' | 'round'>> {
  const prefix = drawn.moves.slice(0, walk.made);
  const first = walk.broken[0]?.invariant;
  const fails = async (round: Round): Promise<boolean> =>
    (await walked(round)).broken.some(({ invariant }) => invariant === first);
  const moves = shrinks ? await shrunk({ ...drawn, moves: prefix }, fails) : prefix;
  const last = await walked({ ...drawn, moves });
  // One that only fails sometimes is told as it was drawn; that it does is a mistake of the walk, and said.
  const again = last.broken.length > 0;
  const broken = again
    ? last.broken
    : [...walk.broken, { invariant: 0, what: 'it did not fail a second time' }];
  const { setup } = drawn;
  return {
    setup,
    broken,
    moves: again ? moves : prefix,
    drawn: drawn.moves.length,
    story: (again ? last : walk).story,
  };
}

/** The seed, the round, the shortest failing prefix, and how to see it again. */
export function linesOfFailure({
  seed,
  round,
  setup,
  broken,
  moves,
  drawn,
  story,
}: Failure): readonly string[] {
  return [
    `seed ${seed}, round ${round}:`,
    ...broken.map(({ invariant, what }) => `  invariant ${invariant} is broken: ${what}`),
    `  on ${JSON.stringify(setup)}`,
    `  shortest failing prefix, ${moves.length} of ${drawn} moves:`,
    ...moves.map((move, at) => `  ${String(at + 1).padStart(3)}. ${describeMove(move)}`),
    '  its last facts:',
    ...story.split('\n').map((line) => `    ${line.slice(0, 240)}`),
    `again: npm run soak -- --seed ${seed} --round ${round}`,
  ];
}
