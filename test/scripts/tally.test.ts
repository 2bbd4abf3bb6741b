// The counts on the last line of npm test are true, whatever vitest came to.
import { describe, expect, it } from 'vitest';
import { type FileResult, type Report, remarksOn, tallyLine, tallyOf } from '../../scripts/tally.ts';

const ROOT = '/project';

/** A file's result: `✓ title`, `✗ title` and `– title` are tests that passed, failed and were skipped. */
function aFile(name: string, tests: readonly string[], more: Partial<FileResult> = {}): FileResult {
  const statuses: Readonly<Record<string, string>> = { '✓': 'passed', '✗': 'failed', '–': 'skipped' };
  const assertionResults = tests.map((text) => {
    const titles = text.slice(2).split(' > ');
    return {
      title: titles.at(-1) ?? '',
      ancestorTitles: ['', ...titles.slice(0, -1)],
      status: statuses[text.charAt(0)] ?? 'passed',
    };
  });
  const status = tests.some((text) => text.startsWith('✗')) ? 'failed' : 'passed';
  return { name: `${ROOT}/test/${name}`, status, message: '', assertionResults, ...more };
}

const aReport = (...testResults: readonly FileResult[]): Report => ({ testResults });

interface Case {
  readonly name: string;
  readonly report: Report | null;
  readonly code: number;
  readonly line: string;
  readonly troubles?: readonly string[];
}

const CASES: readonly Case[] = [
  {
    name: 'everything passed',
    report: aReport(aFile('a', ['✓ one', '✓ two'])),
    code: 0,
    line: '2 passed, 0 failed',
  },
  {
    name: 'a test failed',
    report: aReport(aFile('a', ['✓ one', '✗ two']), aFile('b', ['✓ three'])),
    code: 1,
    line: '2 passed, 1 failed',
  },
  {
    name: 'a test was skipped',
    report: aReport(aFile('a', ['✓ one', '– two'])),
    code: 0,
    line: '1 passed, 0 failed, 1 skipped',
  },
  {
    name: 'a file could not be loaded',
    report: aReport(
      aFile('a', ['✓ one']),
      aFile('b', [], { status: 'failed', message: 'No such module\n at x' }),
    ),
    code: 1,
    line: '1 passed, 1 failed',
    troubles: ['test/b: No such module'],
  },
  {
    name: 'the set-up of a file failed, which vitest reports as skipped tests',
    report: aReport(aFile('a', ['– one', '– two'], { status: 'failed', message: 'no server' })),
    code: 1,
    line: '0 passed, 1 failed, 2 skipped',
    troubles: ['test/a: no server'],
  },
  {
    name: 'a worker died',
    report: aReport(aFile('a', ['✓ one', '– two'], { status: 'failed' })),
    code: 1,
    line: '1 passed, 1 failed, 1 skipped',
    troubles: ['test/a: ended before its tests did'],
  },
  {
    name: 'an error escaped although every test passed',
    report: aReport(aFile('a', ['✓ one'])),
    code: 1,
    line: '1 passed, 1 failed',
    troubles: ['vitest ended with code 1 outside of any test'],
  },
  {
    name: 'there was no test',
    report: aReport(),
    code: 0,
    line: '0 passed, 1 failed',
    troubles: ['no test ran'],
  },
  {
    name: 'every test was skipped',
    report: aReport(aFile('a', ['– one'])),
    code: 0,
    line: '0 passed, 1 failed, 1 skipped',
    troubles: ['no test ran'],
  },
  {
    name: 'vitest ended without a report',
    report: null,
    code: 139,
    line: '0 passed, 1 failed',
    troubles: ['vitest ended with code 139 before it could report'],
  },
];

describe('the counts', () => {
  it.each(CASES)('are true when $name', ({ report, code, line, troubles }) => {
    const tally = tallyOf(report, code, ROOT);
    expect(tallyLine(tally)).toBe(line);
    expect(tally.troubles).toEqual(troubles ?? []);
  });
});

describe('what was skipped', () => {
  it('is grouped by suite, with the reason its title gives', () => {
    const file = aFile('page', [
      '– the page (skipped: no Chromium at /x; CHROMIUM_PATH names another) > opens',
      '– the page (skipped: no Chromium at /x; CHROMIUM_PATH names another) > closes',
      '– a call > is regenerated (skipped where buf has no binary)',
      '– by hand',
    ]);
    expect(tallyOf(aReport(file), 0, ROOT).skips).toEqual([
      { suite: 'test/page › the page', tests: 2, reason: 'no Chromium at /x; CHROMIUM_PATH names another' },
      { suite: 'test/page › a call', tests: 1, reason: 'where buf has no binary' },
      { suite: 'test/page › by hand', tests: 1, reason: 'no reason given' },
    ]);
  });

  it('is told before the counts, and troubles after it', () => {
    const broken = aFile('b', [], { status: 'failed', message: 'boom' });
    const tally = tallyOf(aReport(aFile('a', ['✓ one', '– two (skipped: no etcd)']), broken), 1, ROOT);
    expect(remarksOn(tally)).toEqual([
      '',
      'Skipped:',
      '  test/a › two (1): no etcd',
      '',
      'Failed outside of a test:',
      '  test/b: boom',
      '',
    ]);
  });
});
