// npm test: all tests, what was skipped and why, and the counts alone on the last line.
import { remarks, runTests } from './run-tests.mjs';
import { tallyLine } from './tally.mjs';

const tally = await runTests(process.argv.slice(2));
process.stdout.write(`${[...remarks(tally), tallyLine(tally)].join('\n')}\n`);
process.exitCode = tally.failed === 0 ? 0 : 1;
