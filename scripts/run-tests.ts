// Runs vitest where nothing real can be reached: no credentials in the environment, an empty home, and a report that is counted.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Report, type Tally, tallyOf } from './tally.ts';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));
const VITEST = join(ROOT, 'node_modules', 'vitest', 'vitest.mjs');
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** Whatever names a cluster, a workspace or a person's folders: a test that needs one of these brings its own. */
const SCRUBBED = /^(TALOSCONFIG|TALOS_.*|KUBECONFIG|SLACK_.*|XDG_.*)$/;

/** Whoever sets this one asks for a test against a real API server, and it only takes one that agreed (CONTRIBUTING.md). */
const ASKED_FOR = 'TALOS_CHATOPS_TEST_KUBECONFIG';

/** `words` are passed on to vitest. */
export async function runTests(words: readonly string[]): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'talos-chatops-test-'));
  const report = join(folder, 'report.json');
  try {
    const code = await vitest(words, report, scrubbed(process.env, folder));
    return tallyOf(readReport(report), code, ROOT);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

function scrubbed(environment: NodeJS.ProcessEnv, home: string): NodeJS.ProcessEnv {
  const kept = Object.entries(environment).filter(([name]) => name === ASKED_FOR || !SCRUBBED.test(name));
  // Children that are started as `node` must find the one that runs this.
  const path = [dirname(process.execPath), environment['PATH'] ?? ''].join(delimiter);
  return { ...Object.fromEntries(kept), HOME: home, PATH: path };
}

function readReport(path: string): Report | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report;
  } catch {
    return null; // Never written, or cut off in the middle: as good as none.
  }
}

function vitest(words: readonly string[], report: string, env: NodeJS.ProcessEnv): Promise<number> {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  const child = spawn(process.execPath, [VITEST, 'run', ...reporters, ...words], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const pass = (signal: NodeJS.Signals): void => void child.kill(signal);
  for (const signal of SIGNALS) process.on(signal, pass);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (code, signal) => {
      for (const each of SIGNALS) process.off(each, pass);
      resolve(code ?? (signal === 'SIGINT' ? 130 : 143));
    });
  });
}
