// A copy of the project in a folder of its own, in which a guard may be taken out and the tests asked whether they notice.
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Mutant, NamedTest } from './trap.ts';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Everything a test imports or reads; the modules are shared. */
const COPIED = ['src', 'test', 'playground', 'scripts', 'package.json', 'tsconfig.json', 'vitest.config.ts'];

/** Milliseconds for one child. All tests at once take some ten seconds, one takes one to three; a busy machine ten times that. */
const CHILD_LIMIT_MS = 300_000;

/** How one test went: its titles joined by ` > `, and the first line of each failure. */
export interface Outcome extends NamedTest {
  readonly status: string;
  readonly failures: readonly string[];
}

export interface Report {
  readonly exitCode: number | null;
  readonly outcomes: readonly Outcome[];
  /** Errors outside of tests: a file that cannot be loaded, an error that escaped. */
  readonly troubles: readonly string[];
}

/** The text with the guard taken out; throws when it is not there, or there twice. */
export function mutated(text: string, { file, find, replace }: Mutant): string {
  const pieces = text.split(find);
  if (pieces.length !== 2) throw new Error(`${file} has ${pieces.length - 1} times: ${find}`);
  return pieces.join(replace);
}

/** A pattern for vitest that selects exactly the tests of this name; a placeholder of `it.each` stands for any text. */
export function patternOf({ name }: NamedTest): string {
  const placeholder = /%[sdifjoO#]|\$\{[^}]*\}|\$[\w.]+/;
  const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
  return name.split(placeholder).map(literal).join('.*');
}

export class PrivateCopy {
  readonly #folder: string;

  constructor() {
    this.#folder = mkdtempSync(join(tmpdir(), 'talos-chatops-traps-'));
    for (const name of COPIED) cpSync(join(ROOT, name), join(this.#folder, name), { recursive: true });
    symlinkSync(join(ROOT, 'node_modules'), join(this.#folder, 'node_modules'));
  }

  /** Runs these tests and no others; with a guard taken out for as long as that takes. The signal ends it early. */
  async runs(tests: readonly NamedTest[], signal: AbortSignal, mutant?: Mutant): Promise<Report> {
    if (mutant === undefined) return await this.#vitest(tests, signal);
    const path = join(this.#folder, mutant.file);
    const whole = readFileSync(path, 'utf8');
    writeFileSync(path, mutated(whole, mutant));
    try {
      return await this.#vitest(tests, signal);
    } finally {
      writeFileSync(path, whole);
    }
  }

  async #vitest(tests: readonly NamedTest[], signal: AbortSignal): Promise<Report> {
    const report = join(this.#folder, 'report.json');
    rmSync(report, { force: true });
    const words = [
      join(this.#folder, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      ...new Set(tests.map(({ file }) => file)),
      `--testNamePattern=^(?:${tests.map(patternOf).join('|')})$`,
      '--reporter=json',
      `--outputFile=${report}`,
      '--maxWorkers=1',
      // What vitest keeps between runs stays in the copy and ends with it.
      `--fsModuleCachePath=${join(this.#folder, '.cache')}`,
      '--cache=false',
    ];
    const exitCode = await exitOf(words, { cwd: this.#folder, signal });
    if (!existsSync(report)) throw new Error(`vitest ended with ${exitCode} and without a report`);
    return { exitCode, ...outcomesIn(JSON.parse(readFileSync(report, 'utf8')) as JsonReport, this.#folder) };
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The exit code of a Node of its own; null when it was killed. As in a shell: this run's marks of being inside vitest are not passed on. */
function exitOf(
  words: readonly string[],
  at: { readonly cwd: string; readonly signal: AbortSignal },
): Promise<number | null> {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST|NODE_ENV|DEV|PROD|MODE)/.test(name)),
  );
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, words, { ...at, env, stdio: 'ignore', timeout: CHILD_LIMIT_MS });
    child.once('error', reject);
    child.once('exit', resolve);
  });
}

/** The part of vitest's JSON report that counts here. */
interface JsonReport {
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    readonly message: string;
    readonly assertionResults: readonly {
      readonly ancestorTitles: readonly string[];
      readonly title: string;
      readonly status: string;
      readonly failureMessages: readonly string[] | null;
    }[];
  }[];
}

function outcomesIn({ testResults }: JsonReport, folder: string): Omit<Report, 'exitCode'> {
  const outcomes = testResults.flatMap(({ name, assertionResults }) =>
    assertionResults
      .filter(({ status }) => status === 'passed' || status === 'failed')
      .map(({ ancestorTitles, title, status, failureMessages }) => ({
        file: name.slice(name.indexOf(folder) + folder.length + 1),
        name: [...ancestorTitles, title].join(' > '),
        status,
        failures: (failureMessages ?? []).map((message) => message.split('\n')[0] ?? ''),
      })),
  );
  return {
    outcomes,
    troubles: testResults.map(({ message }) => message).filter((message) => message !== ''),
  };
}
