// npm run check: everything CI asks for. Every step runs even when an earlier one failed; `--static` leaves the tests out.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runTests } from './run-tests.ts';
import { remarksOn, tallyLine } from './tally.ts';

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)));

/** @param {string} file */
const inModules = (file) => join(ROOT, 'node_modules', file);

const STEPS = [
  { name: 'format and lint', words: [inModules('@biomejs/biome/bin/biome'), 'check', '.'] },
  { name: 'promises', words: [inModules('oxlint/bin/oxlint'), '--type-aware'] },
  { name: 'types of src', words: [inModules('typescript/bin/tsc'), '--noEmit'] },
  {
    name: 'types of playground, test and scripts',
    words: [inModules('typescript/bin/tsc'), '--noEmit', '-p', 'test'],
  },
];

/** @param {{ readonly name: string, readonly words: readonly string[] }} step */
function holds({ name, words }) {
  process.stdout.write(`\n${name}\n`);
  const { status, error } = spawnSync(process.execPath, [...words], { cwd: ROOT, stdio: ['ignore', 1, 2] });
  if (error !== undefined) process.stderr.write(`${error.message}\n`);
  return { name, holds: status === 0 };
}

const steps = STEPS.map(holds);
const tested = process.argv.includes('--static') ? null : await runTests([]);
const passed = steps.filter((step) => step.holds).length + (tested?.passed ?? 0);
const failed = steps.filter((step) => !step.holds).length + (tested?.failed ?? 0);
const summary = [
  ...(tested === null ? [''] : remarksOn(tested)),
  ...steps.map((step) => `${step.holds ? 'ok    ' : 'FAILED'}  ${step.name}`),
  ...(tested === null ? [] : [`${tested.failed === 0 ? 'ok    ' : 'FAILED'}  tests: ${tallyLine(tested)}`]),
  '',
  tallyLine({ passed, failed, skipped: tested?.skipped ?? 0 }),
];
process.stdout.write(`${summary.join('\n')}\n`);
process.exitCode = failed === 0 ? 0 : 1;
