// The bench's command line: names, sizes, and a sentence for every mistake.
import { describe, expect, it } from 'vitest';
import { readArguments } from '../../bench/arguments.ts';
import { FULL, QUICK } from '../../bench/measurement.ts';

const KNOWN = ['views', 'survey', 'snapshot'];
const words = (line: string): readonly string[] => line.split(' ').filter((word) => word !== '');

describe('the command line of the bench', () => {
  it.each([
    ['', { names: KNOWN, sizes: FULL, output: 'text' }],
    ['survey', { names: ['survey'], sizes: FULL, output: 'text' }],
    ['snapshot views --json', { names: ['views', 'snapshot'], sizes: FULL, output: 'text-and-json' }],
    ['--quick', { names: KNOWN, sizes: QUICK, output: 'text' }],
    ['--nodes 10 --quick', { names: KNOWN, sizes: { ...QUICK, nodes: 10 }, output: 'text' }],
    [
      'snapshot --snapshot-mib 256',
      { names: ['snapshot'], sizes: { ...FULL, snapshotMib: 256 }, output: 'text' },
    ],
  ])('"%s" says what to measure', (line, wish) => {
    expect(readArguments(words(line), KNOWN)).toEqual({ kind: 'measure', ...wish });
  });

  it('can ask for the list', () => {
    expect(readArguments(['--list'], KNOWN)).toEqual({ kind: 'list' });
  });

  it.each([
    ['sorvey', 'There is no measurement "sorvey". They are: views, survey, snapshot.'],
    ['--fast', '"--fast" is not an option of the bench.'],
    ['--nodes', '--nodes expects a whole number from 4 to 150.'],
    ['--nodes 3', '--nodes expects a whole number from 4 to 150.'],
    ['--nodes 1e2', '--nodes expects a whole number from 4 to 150.'],
    ['--slow-ms 6000', '--slow-ms expects a whole number from 0 to 4500.'],
    ['--snapshot-mib 99999999', '--snapshot-mib expects a whole number from 16 to 8192.'],
  ])('"%s" is a mistake', (line, sentence) => {
    expect(readArguments(words(line), KNOWN)).toEqual({ kind: 'mistake', sentence });
  });
});
