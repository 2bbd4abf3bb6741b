// Counts what vitest's JSON report says, as a person would count it: pure, so that the counting itself is tested.
import { relative } from 'node:path';

/**
 * @typedef {object} Tally
 * @property {number} passed
 * @property {number} failed
 * @property {number} skipped
 */

/**
 * @typedef {object} Skip
 * @property {string} suite   file and describe block, or file and test where the file has no blocks
 * @property {number} tests
 * @property {string} reason
 */

/**
 * @typedef {object} TestResult
 * @property {string} status
 * @property {string} title
 * @property {readonly string[]} ancestorTitles
 */

/**
 * @typedef {object} FileResult
 * @property {string} name
 * @property {string} status
 * @property {string} message
 * @property {readonly TestResult[]} assertionResults
 */

/**
 * What of the report is read here.
 * @typedef {object} Report
 * @property {readonly FileResult[]} testResults
 */

/** What somebody asked to leave out (`-t`, `.only`) is skipped without a reason of its own. */
const NO_REASON = 'no reason given';

/**
 * @param {Report | null} report null when vitest ended before it wrote one
 * @param {number} exitCode vitest's own
 * @param {string} root the project's folder, left out of file names
 * @returns {Tally & { readonly skips: readonly Skip[], readonly troubles: readonly string[] }}
 */
export function tallyOf(report, exitCode, root) {
  const files = report === null ? [] : report.testResults;
  const tests = files.flatMap((file) => file.assertionResults);
  const passed = tests.filter((test) => test.status === 'passed').length;
  const failing = tests.filter((test) => test.status === 'failed').length;
  const troubles = troublesOf(files, root);
  const failed = failing + troubles.length;
  if (report === null) troubles.push(`vitest ended with code ${exitCode} before it could report`);
  else if (passed + failed === 0) troubles.push('no test ran');
  else if (failed === 0 && exitCode !== 0)
    troubles.push(`vitest ended with code ${exitCode} outside of any test`);
  return {
    passed,
    failed: failing + troubles.length,
    skipped: tests.length - passed - failing,
    skips: skipsOf(files, root),
    troubles,
  };
}

/**
 * Files that failed although none of their tests did: they could not be loaded, their set-up failed, or their worker died.
 * @param {readonly FileResult[]} files
 * @param {string} root
 */
function troublesOf(files, root) {
  return files
    .filter((file) => file.status === 'failed')
    .filter((file) => file.assertionResults.every((test) => test.status !== 'failed'))
    .map(
      (file) => `${relative(root, file.name)}: ${firstLine(file.message) || 'ended before its tests did'}`,
    );
}

/**
 * @param {readonly FileResult[]} files
 * @param {string} root
 * @returns {readonly Skip[]}
 */
function skipsOf(files, root) {
  /** @type {Map<string, Skip>} */
  const found = new Map();
  for (const file of files) {
    const broken =
      file.status === 'failed' && file.assertionResults.every((test) => test.status !== 'failed');
    for (const test of file.assertionResults) {
      if (test.status === 'passed' || test.status === 'failed') continue;
      const blocks = test.ancestorTitles.filter((title) => title !== '');
      const place = [relative(root, file.name), ...(blocks.length > 0 ? blocks : [test.title])].join(' › ');
      const reason = broken ? 'the file failed before it came to them' : reasonIn([...blocks, test.title]);
      const suite = place.replaceAll(SPOKEN, '').trim();
      const key = `${suite}\n${reason}`;
      found.set(key, { suite, reason, tests: (found.get(key)?.tests ?? 0) + 1 });
    }
  }
  return [...found.values()];
}

/** The house's way to say why: `(skipped: no Chromium …)` or `(skipped where …)` at the end of a title. */
const SPOKEN = /\s*\(skipped:? ([^()]+)\)/g;

/** @param {readonly string[]} titles */
function reasonIn(titles) {
  const said = titles
    .map((title) => [...title.matchAll(SPOKEN)].at(-1)?.[1])
    .findLast((reason) => reason !== undefined);
  return said ?? NO_REASON;
}

/** @param {string} text */
function firstLine(text) {
  return text.trim().split('\n')[0] ?? '';
}

/**
 * The line that scripts read: `N passed, N failed`, with `, N skipped` only when something was.
 * @param {Tally} tally
 */
export function tallyLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}
