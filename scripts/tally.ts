// Counts what vitest's JSON report says, as a person would count it: pure, so that the counting itself is tested.
import { relative } from 'node:path';

export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface Tally extends Counts {
  readonly skips: readonly Skip[];
  /** What failed outside of any test; each counts as one failure. */
  readonly troubles: readonly string[];
}

/** Tests of one suite that were left out for one reason. */
export interface Skip {
  /** File and describe blocks; file and test where the file has no blocks. */
  readonly suite: string;
  readonly tests: number;
  readonly reason: string;
}

/** What of vitest's report is read here. */
export interface Report {
  readonly testResults: readonly FileResult[];
}

export interface FileResult {
  readonly name: string;
  readonly status: string;
  readonly message: string;
  readonly assertionResults: readonly TestResult[];
}

export interface TestResult {
  readonly title: string;
  readonly status: string;
  readonly ancestorTitles: readonly string[];
}

/** What somebody left out by hand (`-t`, `.only`, `.skip`) has no reason of its own. */
const NO_REASON = 'no reason given';

/** The house's way to say why, in a title: `(skipped: no Chromium at …)` or `(skipped where …)`. */
const SPOKEN = /\s*\(skipped:? ([^()]+)\)/g;

/** `report` is null when vitest ended before it wrote one; `root` is left out of file names. */
export function tallyOf(report: Report | null, exitCode: number, root: string): Tally {
  const files = report === null ? [] : report.testResults;
  const tests = files.flatMap((file) => file.assertionResults);
  const passed = tests.filter((test) => test.status === 'passed').length;
  const failing = tests.filter((test) => test.status === 'failed').length;
  const broken = files.filter(isBroken).map((file) => brokenSentence(file, root));
  const troubles = [...broken, ...silentTrouble(report, exitCode, passed + failing + broken.length)];
  // Success is what vitest and the report agree on; a failing exit nobody can explain is a failure more.
  if (troubles.length + failing === 0 && exitCode !== 0) {
    troubles.push(`vitest ended with code ${exitCode} outside of any test`);
  }
  return {
    passed,
    failed: failing + troubles.length,
    skipped: tests.length - passed - failing,
    skips: skipsOf(files, root),
    troubles,
  };
}

function silentTrouble(report: Report | null, exitCode: number, ran: number): readonly string[] {
  if (report === null) return [`vitest ended with code ${exitCode} before it could report`];
  return ran === 0 ? ['no test ran'] : [];
}

/** Failed although none of its tests did: it could not be loaded, its set-up failed, or its worker died. */
function isBroken(file: FileResult): boolean {
  return file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed');
}

function brokenSentence(file: FileResult, root: string): string {
  const said = file.message.trim().split('\n')[0] ?? '';
  return `${relative(root, file.name)}: ${said === '' ? 'ended before its tests did' : said}`;
}

function skipsOf(files: readonly FileResult[], root: string): readonly Skip[] {
  const found = new Map<string, Skip>();
  for (const file of files) {
    for (const test of file.assertionResults) {
      if (test.status === 'passed' || test.status === 'failed') continue;
      const blocks = test.ancestorTitles.filter((title) => title !== '');
      const reason = isBroken(file) ? 'its file failed before it' : reasonIn([...blocks, test.title]);
      const titles = blocks.length > 0 ? blocks : [test.title];
      const suite = [relative(root, file.name), ...titles].join(' › ').replaceAll(SPOKEN, '');
      const key = `${suite}\n${reason}`;
      found.set(key, { suite, reason, tests: (found.get(key)?.tests ?? 0) + 1 });
    }
  }
  return [...found.values()];
}

/** The innermost title that says why. */
function reasonIn(titles: readonly string[]): string {
  return (
    titles.flatMap((title) => [...title.matchAll(SPOKEN)].map((said) => said[1] ?? '')).at(-1) ?? NO_REASON
  );
}

/** The line that scripts read: `N passed, N failed`, and `, N skipped` only when something was. */
export function tallyLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Lines to be printed before the counts: what was left out and why, and what failed outside of the tests. */
export function remarksOn({ skips, troubles }: Tally): readonly string[] {
  return [
    ...(skips.length > 0 ? ['', 'Skipped:'] : []),
    ...skips.map(({ suite, tests, reason }) => `  ${suite} (${tests}): ${reason}`),
    ...(troubles.length > 0 ? ['', 'Failed outside of a test:'] : []),
    ...troubles.map((trouble) => `  ${trouble}`),
    '',
  ];
}
