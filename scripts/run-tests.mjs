// Runs vitest where nothing real can be reached: no credentials in the environment, an empty home, and a report that is counted.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { tallyOf } from './tally.mjs';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const VITEST = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');

/** Whatever names a cluster, a workspace or a person's folders: a test that needs one of these brings its own. */
const SCRUBBED = /^(TALOSCONFIG|TALOS_.*|KUBECONFIG|SLACK_.*|XDG_.*)$/;

/**
 * @param {NodeJS.ProcessEnv} environment
 * @param {string} home an empty folder
 * @returns {Record<string, string>}
 */
export function scrubbed(environment, home) {
  const kept = Object.entries(environment).filter(
    ([name, value]) => value !== undefined && !SCRUBBED.test(name),
  );
  return {
    .../** @type {Record<string, string>} */ (Object.fromEntries(kept)),
    HOME: home,
    // Children that are started as `node` must find the one that runs this.
    PATH: [dirname(process.execPath), environment['PATH']].filter(Boolean).join(delimiter),
  };
}

/**
 * @param {readonly string[]} words passed on to vitest
 * @returns {Promise<ReturnType<typeof tallyOf>>}
 */
export async function runTests(words) {
  const folder = mkdtempSync(join(tmpdir(), 'talos-chatops-test-'));
  const report = join(folder, 'report.json');
  try {
    const code = await vitest(words, report, scrubbed(process.env, folder));
    return tallyOf(readReport(report), code, ROOT);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/**
 * @param {string} path
 * @returns {import('./tally.mjs').Report | null}
 */
function readReport(path) {
  try {
    return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : null;
  } catch {
    return null; // Cut off in the middle: as good as none.
  }
}

/**
 * @param {readonly string[]} words
 * @param {string} report
 * @param {Record<string, string>} env
 * @returns {Promise<number>}
 */
function vitest(words, report, env) {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const child = spawn(process.execPath, [VITEST, 'run', ...reporters, ...words], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  /** @type {NodeJS.Signals[]} */
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  /** @param {NodeJS.Signals} signal */
  const pass = (signal) => child.kill(signal);
  for (const signal of signals) process.on(signal, pass);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const each of signals) process.off(each, pass);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}

/**
 * What was left out and why, and what went wrong outside of the tests themselves.
 * @param {ReturnType<typeof tallyOf>} tally
 * @returns {readonly string[]}
 */
export function remarks({ skips, troubles }) {
  return [
    ...(skips.length > 0 ? ['', 'Skipped:'] : []),
    ...skips.map(
      ({ suite, tests, reason }) => `  ${suite} (${tests} test${tests === 1 ? '' : 's'}): ${reason}`,
    ),
    ...(troubles.length > 0 ? ['', 'Failed outside of a test:'] : []),
    ...troubles.map((trouble) => `  ${trouble}`),
    '',
  ];
}
