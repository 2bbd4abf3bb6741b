// Thousands of random moves over random plans: whatever people press and machines do, no promise is broken.
import { describe, expect, it } from 'vitest';
import { fold } from '../../../src/rollout/evolve.ts';
import type { Rollout } from '../../../src/rollout/rollout.ts';
import {
  fewAreAway,
  finishedIsFinished,
  isNotSilent,
  mayHaveBegun,
  nothingIsForgotten,
  onlyCompanionsAreAway,
  soaksAreKept,
} from './invariants.ts';
import { Walker } from './walker.ts';

/** Enough for every kind of fact to occur many times, few enough for a second or two. */
const WALKS = 300;
/** A walk that has not ended by then goes in circles; the longest plan needs a few hundred moves. */
const MOST_MOVES = 3_000;

interface Walked {
  readonly walker: Walker;
  readonly moves: number;
}

function walk(seed: number): Walked {
  const walker = new Walker(seed);
  const states = new Map<number, Rollout>([[walker.rollout.version, walker.rollout]]);
  let moves = 0;
  for (; moves < MOST_MOVES && !walker.over; moves += 1) {
    const before = walker.rollout;
    const seen = walker.entries.length;
    walker.move();
    const [first] = walker.entries.slice(seen);
    if (first !== undefined) {
      mayHaveBegun(before, first, walker);
      soaksAreKept(before, first);
    }
    fewAreAway(walker);
    onlyCompanionsAreAway(walker);
    finishedIsFinished(walker.rollout);
    nothingIsForgotten(walker.rollout);
    isNotSilent(walker);
    states.set(walker.rollout.version, walker.rollout);
  }
  // Replaying any beginning gives the state there was then: compared at ten places, because folding all is quadratic.
  const step = Math.max(1, Math.floor(walker.entries.length / 10));
  for (const [version, state] of states) {
    if (version % step === 0) expect(fold(walker.entries.slice(0, version))).toEqual(state);
  }
  return { walker, moves };
}

describe('random walks', () => {
  const walks: Walked[] = [];

  it(`of ${WALKS} seeds break no promise, and each comes to an end`, () => {
    for (let seed = 1; seed <= WALKS; seed += 1) {
      try {
        const walked = walk(seed);
        walks.push(walked);
        expect(walked.walker.over, `phase ${JSON.stringify(walked.walker.rollout.phase)}`).toBe(true);
      } catch (error) {
        throw new Error(`seed ${seed}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  });

  it('are long and varied enough to mean something', () => {
    const moves = walks.reduce((sum, walked) => sum + walked.moves, 0);
    expect(moves).toBeGreaterThan(5_000);
    const kinds = new Set(walks.flatMap(({ walker }) => walker.entries.map((entry) => entry.event.kind)));
    expect([...kinds].sort()).toEqual([
      ...['aborted', 'approved', 'asked', 'debt-taken', 'declined', 'denied', 'expired', 'finished'],
      ...['gate-expired', 'gate-opened', 'gate-passed', 'gate-voided', 'gate-withheld', 'lane-deferred'],
      ...[
        'overridden',
        'paused',
        'planned',
        'resumed',
        'retried',
        'skipped',
        'soak-shortened',
        'started',
        'step-begun',
        'step-doubted',
      ],
      ...['step-ended', 'step-failed', 'step-withdrawn'],
    ]);
    const outcomes = new Set(
      walks.map(({ walker: { rollout } }) =>
        rollout.phase.phase === 'finished' ? rollout.phase.outcome : '',
      ),
    );
    for (const outcome of ['upgraded', 'rolled-back', 'denied', 'expired', 'aborted', 'blocked'])
      expect(outcomes).toContain(outcome);
  });
});
