// The soak's command line: what it understands, and one sentence for every mistake.
import { describe, expect, it } from 'vitest';
import { readArguments } from '../../soak/arguments.ts';

const MUTANTS = ['self-approval', 'no-flight-wait'];
const read = (line: string) => readArguments(line === '' ? [] : line.split(' '), MUTANTS);
const usual = { kind: 'walk', seed: 1, from: 1, rounds: 500, mutant: null, shrinks: true };

describe('the command line', () => {
  it.each([
    ['', usual],
    ['--seed 7 --rounds 10000', { ...usual, seed: 7, rounds: 10_000 }],
    ['--seed 7 --round 42', { ...usual, seed: 7, from: 42, rounds: 1 }],
    ['--mutant self-approval --rounds 5', { ...usual, rounds: 5, mutant: 'self-approval' }],
    ['--from 40 --rounds 5', { ...usual, from: 40, rounds: 5 }],
    ['--as-drawn', { ...usual, shrinks: false }],
    ['--list', { kind: 'list' }],
  ])('"%s" is understood', (line, wanted) => {
    expect(read(line)).toEqual(wanted);
  });

  it.each([
    ['--rounds 0', '--rounds expects a whole number from 1 to 10000000.'],
    ['--seed', '--seed expects a whole number from 1 to 10000000.'],
    ['--seed x', '--seed expects a whole number from 1 to 10000000.'],
    ['--mutant nobody', 'There is no mutant "nobody". They are: self-approval, no-flight-wait.'],
    ['--quick', '"--quick" is not an option of the soak.'],
  ])('"%s" is a mistake', (line, sentence) => {
    expect(read(line)).toEqual({ kind: 'mistake', sentence });
  });
});
